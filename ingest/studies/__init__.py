"""Further analyses of ready studies from their activations: probes, universes, later texts."""
