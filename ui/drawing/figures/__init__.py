"""Pictures of a study as files, wide as one column of print; imported where one is asked for: they need matplotlib."""
