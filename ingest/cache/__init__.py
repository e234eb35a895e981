"""Activations on disk, found again by content: rows by document, their journal, and what makes of them a whole."""
