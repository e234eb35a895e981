"""The core: records, atlas, connectome, keywords, statistics and the store. It imports none of the other packages."""
