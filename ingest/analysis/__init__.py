"""From activations to everything that a study owns, and its controls."""
