"""Labels, unique constraints and indexes of the study graph, and the schema's version."""

from __future__ import annotations

from mri_core.errors import StoreError
from mri_core.records import SCHEMA_VERSION
from mri_core.store.driver import Writer

STUDY = "Study"
OWNED = ("Document", "Region", "Category", "Layer")  # in the order in which they are deleted


def statements() -> list[str]:
    """Every statement that the schema consists of; each may be run again."""
    unique = [f"CREATE CONSTRAINT IF NOT EXISTS FOR (n:{label}) REQUIRE n.id IS UNIQUE" for label in (STUDY, *OWNED)]
    owned = [f"CREATE INDEX IF NOT EXISTS FOR (n:{label}) ON (n.study)" for label in OWNED]
    return [*unique, f"CREATE INDEX IF NOT EXISTS FOR (n:{STUDY}) ON (n.name)", *owned]


def create(writer: Writer) -> None:
    """Make the constraints and indexes that are not there yet."""
    for statement in statements():
        writer.run(statement)


def check_version(study: str, version: int) -> None:
    """Refuse a study that a later version of the schema describes.

    Raises:
        StoreError: the study was written by a newer LLM-MRI Graph.
    """
    if version > SCHEMA_VERSION:
        raise StoreError(
            f"This version reads stores up to schema {SCHEMA_VERSION}",
            f"Study {study!r} has schema {version}: a newer LLM-MRI Graph made it",
            "Upgrade with `pip install --upgrade llm-mri-graph`",
        )
