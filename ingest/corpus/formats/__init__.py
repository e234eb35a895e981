"""Corpus formats: each is read as rows of named columns, by its own reader."""
