"""Activations on disk: rows by document, their journal, and what makes of them a whole that is found again."""
