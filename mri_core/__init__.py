"""The core: records, atlas, connectome, keywords, statistics and the store. It imports nothing of the other packages."""
