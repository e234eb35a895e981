"""Words of texts: how they are read, counted, told apart, and shown."""
