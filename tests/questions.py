"""The project's own questions, read once: hundreds of tests ask for one, and reading them all takes a moment."""

from queries.catalog import own_catalog

CATALOG = own_catalog()
