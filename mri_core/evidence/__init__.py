"""Evidence on a connectome and its atlas: which differences exceed chance, and how certain they are."""
