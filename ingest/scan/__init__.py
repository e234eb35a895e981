"""Where a study's activations come from: a model run over a corpus, or a folder of given ones."""
