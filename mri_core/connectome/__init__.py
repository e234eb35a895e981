"""From regions to weighted interlayer connections for each category, and what regions are like."""
