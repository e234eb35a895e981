"""Probes of the category in a layer: logistic regressions on arrays; nothing is stored, no model runs."""
