"""What is asked of a connectome and its atlas: which differences are more than chance, and how sure that is."""
