"""Pictures of a study as files, wide as one column of print. Only `mri plot` imports them: they need matplotlib."""
