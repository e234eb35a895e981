"""Interventions on the regions of a ready study, what they change, and the q that they leave on connections."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any

from mri_core.errors import StoreError
from mri_core.records.ids import intervention_id, local_id
from mri_core.records.interventions import Change, Intervention
from mri_core.records.table import Table
from mri_core.store.bolt.driver import Run, Transactions
from mri_core.store.columns import assigned, row_of
from mri_core.store.measuring import RAISE, in_turn

BATCH = 5000  # changes in one statement
PART = 100  # interventions in one statement: their details are long
FIELDS = tuple(field.name for field in fields(Intervention) if field.name != "changes")
CHANGE = tuple(field.name for field in fields(Change) if field.name != "region")
# A property has the same type wherever it is set, also where its value is a whole number.
FLOATS = {field.name for record in (Intervention, Change) for field in fields(record) if "float" in str(field.type)}

REGIONS = """
UNWIND $rows AS row
MATCH (r:Region {llm_mri: true, id: row})
RETURN r.id AS id
"""
REMOVE = """
UNWIND $rows AS row
MATCH (i:Intervention {llm_mri: true, id: row})
DETACH DELETE i
"""
ADD = f"""
MATCH (s:Study {{llm_mri: true, id: $study}})
UNWIND $rows AS row
MATCH (r:Region {{llm_mri: true, id: row[0]}})
CREATE (i:Intervention {{llm_mri: true, study: $study, {assigned(("id", *FIELDS), "row", first=1)}}})-[:PART_OF]->(s),
       (i)-[:OF]->(r)
"""
CHANGES = f"""
UNWIND $rows AS row
MATCH (i:Intervention {{llm_mri: true, id: row[0]}})
MATCH (r:Region {{llm_mri: true, id: row[1]}})
CREATE (i)-[:CHANGES {{{assigned(CHANGE, "row", first=2)}}}]->(r)
"""
# Of several swaps of one connection the largest q counts: the smallest would be chosen after the fact.
CAUSAL = """
MATCH (i:Intervention {llm_mri: true, study: $study, operation: 'swap'})-[:OF]->(s:Region)
MATCH (s)-[f:FLOWS_TO|AVOIDS]->(t:Region)
WHERE t.id = $study + '/' + i.towards
WITH f, max(i.q) AS q
SET f.causal_q = q
"""
FIND = f"""
MATCH (:Study {{llm_mri: true, id: $study, status: 'ready'}})<-[:PART_OF]-(i:Intervention)
OPTIONAL MATCH (i)-[c:CHANGES]->(r:Region)
WITH i, c, r ORDER BY r.layer, r.id
WITH i, collect([r.id, {", ".join(f"c.{name}" for name in CHANGE)}]) AS changes
RETURN properties(i) AS properties, changes
ORDER BY i.layer, i.id
"""


def add(writer: Transactions, study: str, interventions: Sequence[Intervention]) -> int:
    """Adds interventions to a ready study, or replaces those of the same keys; returns the study's new revision.

    All in one transaction, with the q of swapped connections. Of several of one key the last is added.

    Raises:
        StoreError: the study is not there, or not ready; or it has no such region.
    """
    interventions = list({each.key: each for each in interventions}.values())
    regions = sorted({f"{study}/{region}" for each in interventions for region in _regions(each)})
    ids = [intervention_id(study, each) for each in interventions]
    rows = [_row(study, each) for each in interventions]
    changes = [row for each in interventions for row in _changes(study, each)]

    def work(run: Run) -> int:
        raised = run(RAISE, study=study)
        if not raised:
            raise StoreError(
                "Interventions belong to a ready study", f"{study} is not there, or not ready", "Scan it first"
            )
        _check_regions(study, regions, {row["id"] for row in run(REGIONS, rows=regions)})
        run(REMOVE, rows=ids)
        for part in _parts(rows, PART):
            run(ADD, study=study, rows=part)
        for part in _parts(changes, BATCH):
            run(CHANGES, rows=part)
        run(CAUSAL, study=study)
        return int(raised[0]["revision"])

    return in_turn(writer, work)


def found(study: str, table: Table) -> list[Intervention]:
    """The interventions of what `FIND` returned."""
    return [_intervention(study, properties, changes) for properties, changes in table.rows]


def _intervention(study: str, properties: dict[str, Any], changes: list[list[Any]]) -> Intervention:
    known = {name: properties.get(name) for name in FIELDS}
    made = [
        Change(local_id(study, region), **dict(zip(CHANGE, numbers, strict=True)))
        for region, *numbers in changes
        if region is not None  # the one row of an intervention that changes no region
    ]
    return Intervention(**{**known, "details": json.loads(properties["details"])}, changes=tuple(made))


def _regions(intervention: Intervention) -> Iterator[str]:
    """All regions that an intervention names, within their study."""
    named = (intervention.region, intervention.source, intervention.target, intervention.towards)
    yield from (region for region in named if region is not None)
    yield from (change.region for change in intervention.changes)


def _check_regions(study: str, named: Sequence[str], there: set[str]) -> None:
    missing = [local_id(study, region) for region in named if region not in there]
    if missing:
        raise StoreError(
            "Interventions are on regions of their study, and change its regions",
            f"{study} has no {', '.join(missing[:5])}",
            "Try them on the study that is in the store",
        )


def _row(study: str, intervention: Intervention) -> list[Any]:
    """An intervention as `ADD` takes it."""
    details = json.dumps(dict(intervention.details), ensure_ascii=False, sort_keys=True)
    made = {"details": details, **_floats(intervention)}
    ends = f"{study}/{intervention.region}", intervention_id(study, intervention)
    return [*ends, *row_of(FIELDS, intervention, **made)]


def _changes(study: str, intervention: Intervention) -> Iterator[list[Any]]:
    """Its changes as `CHANGES` takes them."""
    own = intervention_id(study, intervention)
    for change in intervention.changes:
        yield [own, f"{study}/{change.region}", *row_of(CHANGE, change, **_floats(change))]


def _floats(record: Intervention | Change) -> dict[str, float | None]:
    numbers = {field.name: getattr(record, field.name) for field in fields(record) if field.name in FLOATS}
    return {name: None if number is None else float(number) for name, number in numbers.items()}


def _parts(rows: list[list[Any]], size: int) -> Iterator[list[list[Any]]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
