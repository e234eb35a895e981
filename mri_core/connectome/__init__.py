"""From regions to weighted interlayer connections for each category, and descriptions of regions."""
