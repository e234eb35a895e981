"""Adds the property that marks our nodes to studies of schema 2, which lack it.

They are recognised by what only this program writes together: an id of the name and eight hex digits, its
software, and every property of a `Study`. Of what a study owns, a node counts only if its id follows from its other
properties. The study's own node comes last, so that an interrupted upgrade is repeated.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any

from mri_core.records.graph import SCHEMA_VERSION, Study
from mri_core.records.ids import NAME
from mri_core.store import schema
from mri_core.store.bolt.driver import Run, Transactions
from mri_core.store.owner import Owner
from mri_core.store.usable import Constraint, constraints

BATCH = 5000  # nodes in one transaction
OLDER = "MATCH (s:Study) WHERE s.llm_mri IS NULL AND s.schema_version IN [1, 2] RETURN properties(s) AS study"
SOFTWARE = "llm-mri-graph "
NULLABLE = {"reducer", "resolution"}
REQUIRED = {field.name for field in fields(Study) if field.default is MISSING} - NULLABLE

# Of each label of schema 2, how a node's id follows from its other properties, as `mri_core.records.ids` makes it.
IDS = {
    "Document": "n.id = $study + '/D' + toString(n.ordinal)",
    "Region": "n.id = $study + '/L' + toString(n.layer) + '/R' + n.name",
    "Category": "n.id = $study + '/C/' + n.name",
    "Layer": "n.id = $study + '/L' + toString(n.index)",
    "Measure": "n.id STARTS WITH $study + '/M/' + n.kind AND n.details IS NOT NULL",
}
DONE = """
MATCH (s:Study {id: $study}) WHERE s.llm_mri IS NULL AND s.schema_version IN [1, 2] AND s.software = $software
SET s.llm_mri = true, s.schema_version = CASE s.schema_version WHEN 2 THEN $version ELSE s.schema_version END
"""
UNNAMED = re.compile(r"(constraint|index)_[0-9a-f]+|constraint_\w+_id_unique|\w+\[\w+\]")  # as either engine names them


def is_older(study: Mapping[str, Any]) -> bool:
    """Whether a node without our mark is a study that an older version of this program made.

    Args:
        study: the properties of a `:Study`.
    """
    if any(study.get(name) is None for name in REQUIRED):
        return False
    texts = [study[name] for name in ("id", "name", "software", "parameters", "report")]
    if not all(isinstance(text, str) for text in texts):
        return False
    key, name, software, *documents = texts
    made = key.startswith(f"{name}-") and re.fullmatch("[0-9a-f]{8}", key[len(name) + 1 :])
    return bool(NAME.fullmatch(name) and made) and software.startswith(SOFTWARE) and all(map(_is_object, documents))


def upgrade(writer: Transactions) -> list[str]:
    """Marks the nodes of older versions' studies, unless a process owns them; returns the names of the studies.

    The constraints and indexes that those versions made are dropped, if they apply to no other nodes.
    """
    found = [row["study"] for row in writer.run(OLDER) if is_older(row["study"])]
    free = [study for study in found if _is_free(study)]
    if free:
        schema.create(writer)
    for study in free:
        for label in IDS:
            _mark(writer, study["id"], label)
        writer.run(DONE, study=study["id"], software=study["software"], version=SCHEMA_VERSION)
    if len(free) == len(found):
        _drop_old(writer)
    return sorted({study["name"] for study in free})


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _is_free(study: Mapping[str, Any]) -> bool:
    """Whether no process of an older version loads or deletes it."""
    return study["status"] == "ready" or Owner.parse(study.get("owner") or "").has_left(study.get("updated_at") or "")


def _mark(writer: Transactions, study: str, label: str) -> None:
    statement = (
        f"MATCH (n:{label} {{study: $study}}) WHERE n.llm_mri IS NULL AND {IDS[label]} "
        f"WITH n LIMIT {BATCH} SET n.llm_mri = true RETURN count(n) AS n"
    )
    while writer.run(statement, study=study)[0]["n"]:
        pass


def _drop_old(writer: Transactions) -> None:
    """Drop constraints and indexes of schema 2, on labels of which only we have nodes.

    They are unnamed, so that only all six of its constraints together identify it.
    """
    old = {row["labelsOrTypes"][0]: row for row in constraints(writer) if _is_old(row)}
    if set(old) != {schema.STUDY, *IDS}:
        return
    indexes = [row for row in writer.run("SHOW INDEXES") if _is_old_index(row)]
    for label, constraint in old.items():
        (others,) = writer.run(f"MATCH (n:{label}) WHERE n.llm_mri IS NULL RETURN count(n) AS n")
        if others["n"]:
            continue
        own = [row["name"] for row in indexes if row["labelsOrTypes"] == [label]]
        _drop(writer, constraint["name"], own)


def _drop(writer: Transactions, constraint: str, indexes: list[str]) -> None:
    def work(run: Run) -> None:
        for index in indexes:
            run(f"DROP INDEX `{index}` IF EXISTS")
        run(f"DROP CONSTRAINT `{constraint}` IF EXISTS")

    writer.transact(work)


def _is_old(constraint: Constraint) -> bool:
    kind, unnamed = constraint["type"], UNNAMED.fullmatch(constraint["name"])
    return kind == "UNIQUENESS" and constraint["properties"] == ["id"] and bool(unnamed)


def _is_old_index(index: Mapping[str, Any]) -> bool:
    name = ["name"] if index["labelsOrTypes"] == [schema.STUDY] else ["study"]
    return index["type"] == "RANGE" and index["properties"] == name and bool(UNNAMED.fullmatch(index["name"]))
