"""Measures of a ready study: added after it was scanned, all of a kind at once."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields
from itertools import groupby
from typing import Any, NamedTuple, TypeVar

from mri_core.errors import StoreError
from mri_core.records.ids import layer_id, measure_id
from mri_core.records.measures import PROBE, Measure
from mri_core.records.table import Table
from mri_core.store.bolt.driver import Run, Transactions
from mri_core.store.bolt.failures import RefusedError
from mri_core.store.columns import assigned, row_of

# The SET takes the study's lock: if two processes add simultaneously, one waits for the other.
RAISE = """
MATCH (s:Study {llm_mri: true, id: $study}) SET s.revision = coalesce(s.revision, 1) + 1
WITH s WHERE s.status = 'ready'
RETURN s.revision AS revision
"""
REMOVE = "MATCH (m:Measure {llm_mri: true, study: $study}) WHERE m.kind IN $kinds DETACH DELETE m"
MEASURE = ("id", "kind", "layer", "category", "other", "value", "ci_low", "ci_high", "p", "q", "details")
ADD = f"""
MATCH (s:Study {{llm_mri: true, id: $study}})
UNWIND $rows AS row
CREATE (:Measure {{llm_mri: true, study: $study, {assigned(MEASURE, "row")}}})
       -[:PART_OF]->(s)
"""
# A category takes a connection or avoids it, so that exactly one of the two matches.
STABLE = """
UNWIND $rows AS row
MATCH (s:Region {llm_mri: true, id: row[0]})
UNWIND row[1] AS e
MATCH (s)-[f:FLOWS_TO|AVOIDS {category: e[1]}]->(:Region {llm_mri: true, id: e[0]})
SET f.stability = e[2]
"""
FIND_STABLE = """
MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(:Layer)<-[:IN_LAYER]-(s:Region)
MATCH (s)-[f:FLOWS_TO|AVOIDS]->(t:Region)
WHERE f.stability IS NOT NULL
RETURN s.id AS source, t.id AS target, f.category AS category, f.stability AS share
ORDER BY source, target, category
"""
PROBED = """
UNWIND $rows AS row
MATCH (l:Layer {llm_mri: true, id: row[0]})
SET l.probe_full = row[1], l.probe_regions = row[2]
"""
FIND = """
MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(m:Measure)
WHERE $kinds IS NULL OR m.kind IN $kinds
RETURN m.kind AS kind, m.value AS value, m.layer AS layer, m.category AS category, m.other AS other,
       m.ci_low AS ci_low, m.ci_high AS ci_high, m.p AS p, m.q AS q, m.details AS details
ORDER BY kind, layer, category, other
"""
TRIES, PAUSE = 10, 0.1  # of those that add simultaneously, one succeeds each time; seconds

T = TypeVar("T")


class Stable(NamedTuple):
    """The share of bootstrap refits in which a category's finding on a connection is found again.

    Attributes:
        source, target: ids of its regions.
        category: the category's name.
        share: from 0 to 1.
    """

    source: str
    target: str
    category: str
    share: float


def add(writer: Transactions, study: str, measures: Sequence[Measure], stable: Sequence[Stable] = ()) -> int:
    """Replace the measures of these kinds, and increment the study's revision; return the new revision.

    Args:
        writer: of the store.
        study: id of a ready one.
        measures: all measures of each of their kinds.
        stable: shares of refits, set on their connections in the same transaction.

    Raises:
        StoreError: the study is not there, or not ready.
    """
    rows = [row(study, measure) for measure in measures]
    kinds = sorted({measure.kind for measure in measures})

    def work(run: Run) -> int:
        raised = run(RAISE, study=study)
        if not raised:
            raise StoreError("Measures belong to a ready study", f"{study} is not there, or not ready", "Scan it first")
        run(REMOVE, study=study, kinds=kinds)
        run(ADD, study=study, rows=rows)
        if PROBE in kinds:
            run(PROBED, rows=_probed(study, measures))
        if stable:
            run(STABLE, rows=_by_source(stable))
        return int(raised[0]["revision"])

    return in_turn(writer, work)


def in_turn(writer: Transactions, work: Callable[[Run], T]) -> T:
    """Does work that replaces nodes in one transaction, also while others replace the same ones; returns its result."""
    for _ in range(TRIES):
        with suppress(RefusedError):  # the embedded engine reports a duplicate key before the changed study
            return writer.transact(work)
        time.sleep(PAUSE)
    return writer.transact(work)


def found(table: Table) -> list[Measure]:
    """The measures of what `FIND` returned."""
    return [of(row) for row in table.records()]


def of(properties: Mapping[str, Any]) -> Measure:
    """The measure of a node's properties."""
    known = {field.name: properties.get(field.name) for field in fields(Measure)}
    return Measure(**{**known, "details": json.loads(properties["details"])})


def _by_source(stable: Sequence[Stable]) -> list[list[Any]]:
    ordered = sorted(stable, key=lambda share: share.source)
    return [
        [source, [[share.target, share.category, share.share] for share in group]]
        for source, group in groupby(ordered, key=lambda share: share.source)
    ]


def row(study: str, measure: Measure) -> list[Any]:
    """A measure as `ADD` takes it."""
    numbers = {name: getattr(measure, name) for name in ("value", "ci_low", "ci_high", "p", "q")}
    made = {
        "id": measure_id(study, measure),
        **{name: None if number is None else float(number) for name, number in numbers.items()},
        "details": json.dumps(dict(measure.details), ensure_ascii=False, sort_keys=True),
    }
    return row_of(MEASURE, measure, **made)


def _probed(study: str, measures: Iterable[Measure]) -> list[list[Any]]:
    """For each probed layer the accuracy from the full activations and from the regions."""
    known = {(m.layer, m.other): m.value for m in measures if m.kind == PROBE and m.layer is not None}
    layers = sorted({layer for layer, _ in known if layer is not None})
    return [[layer_id(study, layer), known.get((layer, "full")), known.get((layer, "regions"))] for layer in layers]
