"""How much of the category can be read from a layer: logistic regressions on arrays, nothing stored, no model run."""
