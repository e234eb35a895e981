"""Interventions: directions of regions, controls of equal size, and what follows in later layers."""
