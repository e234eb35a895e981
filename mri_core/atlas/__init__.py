"""From activations to regions: how an atlas is specified, fitted, applied, stored, and evaluated."""
