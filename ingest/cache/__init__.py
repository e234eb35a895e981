"""A content-addressed cache of activations: rows by document, their journal, and complete entries."""
