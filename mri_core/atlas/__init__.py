"""From activations to regions: how an atlas is specified, fitted, placed in, stored, and judged."""
