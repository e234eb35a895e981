"""What a loaded model is made of, found by structure: its stack, its blocks, and where in them states are read."""
