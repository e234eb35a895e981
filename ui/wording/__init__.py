"""Numbers and evidence in words, fitted to where they are read."""
