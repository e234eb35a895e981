"""The anatomy of a loaded model, found by structure: its stack, its blocks, and the sites where states are read."""
