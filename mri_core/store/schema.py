"""Labels, unique constraints and indexes of the study graph, and the schema's version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mri_core.errors import StoreError
from mri_core.records import SCHEMA_VERSION
from mri_core.store.driver import Writer

STUDY = "Study"
OWNED = ("Document", "Region", "Category", "Layer", "Measure")  # in the order in which they are deleted
RELATIONSHIPS = ("PART_OF", "IN_LAYER", "FLOWS_TO", "AVOIDS", "ACTIVATED_BY", "IN_CATEGORY", "PASSES")


def statements() -> list[str]:
    """Every statement that the schema consists of; each may be run again."""
    unique = [f"CREATE CONSTRAINT IF NOT EXISTS FOR (n:{label}) REQUIRE n.id IS UNIQUE" for label in (STUDY, *OWNED)]
    owned = [f"CREATE INDEX IF NOT EXISTS FOR (n:{label}) ON (n.study)" for label in OWNED]
    return [*unique, f"CREATE INDEX IF NOT EXISTS FOR (n:{STUDY}) ON (n.name)", *owned]


def create(writer: Writer) -> None:
    """Make the constraints and indexes that are not there yet."""
    for statement in statements():
        writer.run(statement)


def is_current(study: Mapping[str, Any]) -> bool:
    """Whether this version's schema describes a study.

    Args:
        study: the properties of its node.
    """
    return study.get("schema_version") == SCHEMA_VERSION


def wrong_version(study: Mapping[str, Any]) -> StoreError:
    """The error of a study that another version's schema describes, with what to do."""
    version = study.get("schema_version") or 0
    made = f"{study.get('software') or 'another version'} made {study['name']!r} with schema {version}"
    if version > SCHEMA_VERSION:
        remedy = "Upgrade with `pip install --upgrade llm-mri-graph`"
    else:
        remedy = "Scan it again with `mri ingest … --replace`: its parameters are on its Study node"
    return StoreError(f"This version reads studies of schema {SCHEMA_VERSION}", made, remedy)
