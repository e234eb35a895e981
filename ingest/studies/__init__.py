"""Ready studies whose activations are read again: probes, universes, later texts."""
