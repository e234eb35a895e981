"""Corpora as they lie on disk: each form read as rows of named columns, by its own reader."""
