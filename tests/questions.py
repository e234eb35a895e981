"""The project's own questions, read once: hundreds of tests ask for one, and reading them all takes a moment."""

from queries.catalog import own_catalog

CATALOG = own_catalog()
ABOUT_DOCUMENTS = [each for each in CATALOG if each.only is None or each.only.unit == "document"]
