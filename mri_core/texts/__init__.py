"""Words of texts: how they are read, counted, compared between regions, and shown."""
