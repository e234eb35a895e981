"""A study as files: for other graph programs, for tables, for a fresh Neo4j, and as a bundle for another store."""
