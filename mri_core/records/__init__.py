"""The frozen records that pass from stage to stage, and the keys of what a study owns."""
