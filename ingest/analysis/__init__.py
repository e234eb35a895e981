"""From activations to everything that a study owns, and what it is held against."""
