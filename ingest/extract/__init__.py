"""A corpus through a model: windows of texts, pooled into one row a document for each layer."""
