"""Copies studies between stores, and the checksum that shows whether two are equal."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from mri_core.errors import StoreError
from mri_core.records.graph import Study
from mri_core.store import document_table, schema
from mri_core.store.reading import ALL
from mri_core.store.rows import BATCH, Batch

if TYPE_CHECKING:
    from mri_core.store.store import Store

Rows = tuple[tuple[Any, ...], ...]
SECONDS = 3600.0  # for reading one part
DOCUMENTS = 5000  # in one part
# Provenance and loading state, which are not content. What may be added later, as measures are, is compared separately.
MAKING = ("owner", "updated_at", "created_at", "software", "status", "batches", "taken_at", "revision")
# Earlier versions stored neither; and the atlas of one study differs by rounding from machine to machine.
HASHES = ("atlas_hash", "documents_hash")
STORED = (schema.MARK, "schema_version")  # by which version of the schema
MEASURED = ("probe_full", "probe_regions", "stability", "causal_q")
CONTENT = tuple(label for label in schema.OWNED if label not in ("Measure", "AtlasPart", "Intervention"))

DOCUMENTS_OF = "MATCH (n:Document {llm_mri: true, study: $study}) "
NODES = "RETURN properties(n) AS properties"
STABLE = """
MATCH (s:Region {llm_mri: true, study: $study})-[f:FLOWS_TO|AVOIDS]->(t:Region) WHERE f.stability IS NOT NULL
RETURN s.id AS source, t.id AS target, f.category AS category, f.stability AS share ORDER BY source, target, category
"""
PARTS = """
MATCH (n:AtlasPart {llm_mri: true, study: $study}) RETURN n.number AS number, n.data AS data ORDER BY number
"""
INTERVENTIONS = """
MATCH (n:Intervention {llm_mri: true, study: $study}) RETURN properties(n) AS properties ORDER BY n.id
"""
CHANGES = """
MATCH (n:Intervention {llm_mri: true, study: $study})-[c:CHANGES]->(r:Region)
RETURN n.id AS intervention, r.id AS region, properties(c) AS properties ORDER BY intervention, region
"""
CAUSAL = """
MATCH (s:Region {llm_mri: true, study: $study})-[f:FLOWS_TO|AVOIDS]->(t:Region) WHERE f.causal_q IS NOT NULL
RETURN s.id AS source, t.id AS target, f.category AS category, f.causal_q AS q ORDER BY source, target, category
"""
EDGES = """
MATCH (n)-[e]->(m)
WHERE type(e) IN $types AND m.llm_mri AND any(l IN labels(m) WHERE l IN $labels)
RETURN n.id AS source, $label AS from, type(e) AS type, [l IN labels(m) WHERE l IN $labels][0] AS to, m.id AS target,
       properties(e) AS properties
"""


class Copied(NamedTuple):
    """The result of a copy: "unchanged" if the target had the same study already."""

    status: Literal["ready", "unchanged"]
    checksum: str


def copy(
    source: Store,
    target: Store,
    study: Study,
    *,
    replace: bool = False,
    progress: Callable[[int, int], None] | None = None,
    notify: Callable[[str], None] | None = None,
) -> Copied:
    """Write a study of one store to another, and check that both are equal.

    Args:
        source: the store that has the study.
        target: the store that is to have it too.
        study: the study, as `Store.study` gives it.
        replace, progress, notify: as in `Store.write`.

    Raises:
        StoreError: as `Store.write`; or the copy differs from the original, and never becomes ready.
    """
    original, note = checksum(source, study), notify or (lambda line: None)

    def verify() -> None:
        _copy_table(source, target, study, note)
        if any(part(target, study) != part(source, study) for part in (checksum, _added, _tried, _atlas)):
            raise StoreError(
                "A copy holds what its original holds",
                f"What arrived of {study.id} has another checksum, and is removed",
                "Copy again",
            )

    batches, total = _batches(source, study), _total(source, study)
    status = target.load(study, batches, total, replace=replace, progress=progress, notify=notify, verify=verify)
    if status == "unchanged" and checksum(target, study) != original:
        raise StoreError(
            "A study is the same in every store",
            f"{study.id} is there already, with another checksum: somebody changed one of the two",
            "Compare them, and delete the one that is wrong",
        )
    measures = source.measures(study) if status == "unchanged" else []
    if measures and _added(target, study) != _added(source, study):
        target.add_measures(study, measures, source.stable(study))
    if status == "unchanged":
        _copy_interventions(source, target, study)
        _copy_atlas(source, target, study, note)
        _copy_table(source, target, study, note)
    return Copied(status, original)


def _copy_interventions(source: Store, target: Store, study: Study) -> None:
    """Adds the interventions that a copy lacks or has otherwise."""
    there = target.interventions(study)
    if missing := [each for each in source.interventions(study) if each not in there]:
        target.add_interventions(study, missing)


def _copy_atlas(source: Store, target: Store, study: Study, notify: Callable[[str], None]) -> None:
    """Adds the atlas to a copy that lacks it; one that has another, fitted on another machine, keeps it."""
    there = target.study(study.id)
    if not _atlas(target, study) and (atlas := source.atlas(study)):
        target.add_atlas(study, atlas, str(study.atlas_hash))
    elif there.atlas_hash != study.atlas_hash and study.atlas_hash is not None:
        notify(
            f"{study.name} is there already with an atlas of its own, which differs by rounding: studies placed in the "
            "other one are not compared with it. Delete it and copy again to have them together."
        )


def _copy_table(source: Store, target: Store, study: Study, notify: Callable[[str], None]) -> None:
    """Copies the table of all documents of a study that stores a sample of them, unless it is there."""
    if study.documents_stored is None:
        return
    own, there = (store.document_table(study.id) for store in (source, target))
    if document_table.is_whole(there, study):
        return
    if document_table.is_whole(own, study):
        document_table.copy(own, there)
    else:
        notify(f"{study.stored}: the file of all documents, {own}, is not whole on this machine, and is not copied.")


def checksum(store: Store, study: Study) -> str:
    """SHA-256 over everything that a study owns: all nodes and relationships of the schema, with their properties.

    Each is hashed separately and the hashes are added, so that the order of a store's rows does not matter. Left out
    are who made and loaded the study, and when, measures, interventions and the atlas, which may be added later, and
    labels and relationships that somebody added to it.
    """
    total = 0
    for label in (schema.STUDY, *CONTENT):
        for part in _node_parts(store, study, label):
            for (properties,) in part:
                total += _hash([label, _lasting(properties)])
    for edges in _edge_parts(store, study, CONTENT):
        total += sum(_hash([*ends, _lasting(properties)]) for *ends, properties in edges)
    return f"{total % 2**256:064x}"


def _lasting(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if name not in (*MAKING, *HASHES, *STORED, *MEASURED)}


def _added(store: Store, study: Study) -> Rows:
    """All measures of a study and the stability of its findings, whether it is ready or being loaded."""
    measures = "MATCH (n:Measure {llm_mri: true, study: $study}) RETURN properties(n) AS properties ORDER BY n.id"
    rows = _read(store, measures, study)
    return (*((sorted(properties.items()),) for (properties,) in rows), *_read(store, STABLE, study))


def _tried(store: Store, study: Study) -> Rows:
    """All interventions of a study with their changes, and their q on connections, ready or being loaded."""
    made = ((sorted(properties.items()),) for (properties,) in _read(store, INTERVENTIONS, study))
    changes = ((*ends, sorted(properties.items())) for *ends, properties in _read(store, CHANGES, study))
    return (*made, *changes, *_read(store, CAUSAL, study))


def _atlas(store: Store, study: Study) -> Rows:
    """The parts of a study's atlas, whether it is ready or being loaded."""
    return _read(store, PARTS, study)


def _hash(value: Any) -> int:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")


def _batches(store: Store, study: Study) -> Iterator[Batch]:
    """All nodes, then all relationships, as stored."""
    for label in schema.OWNED:
        for part in _node_parts(store, study, label):
            create = f"UNWIND $rows AS row CREATE (n:{label}) SET n = row"
            yield from _parts(create, [row[0] for row in part], 1 if label == "AtlasPart" else BATCH)
    for edges in _edge_parts(store, study, schema.OWNED):
        for (start, kind, end), group in groupby(sorted(edges, key=_ends), key=_ends):
            statement = (
                f"UNWIND $rows AS row MATCH (a:{start} {{llm_mri: true, id: row[0]}}) "
                f"MATCH (b:{end} {{llm_mri: true, id: row[1]}}) "
                f"CREATE (a)-[e:{kind}]->(b) SET e = row[2]"
            )
            yield from _parts(statement, [[source, target, values] for source, *_, target, values in group])


def _ends(edge: tuple[Any, ...]) -> tuple[str, str, str]:
    _, start, kind, end, *_ = edge
    return start, kind, end


def _parts(statement: str, rows: list[Any], size: int = BATCH) -> Iterator[Batch]:
    for start in range(0, len(rows), size):
        part = rows[start : start + size]
        yield Batch(statement, part, len(part))


def _total(store: Store, study: Study) -> int:
    """Nodes and relationships that a copy has to write."""
    total = 0
    for label in schema.OWNED:
        match = f"MATCH (n:{label} {{llm_mri: true, study: $study}})"
        for tail in ("RETURN count(n) AS n", "MATCH (n)-[e]->() WHERE type(e) IN $types RETURN count(e) AS n"):
            total += sum(row[0] for row in _read(store, f"{match} {tail}", study, types=list(schema.RELATIONSHIPS)))
    return total


def _node_parts(store: Store, study: Study, label: str) -> Iterator[Rows]:
    for match, values in _matches(study, label):
        yield _read(store, match + NODES, study, **values)


def _edge_parts(store: Store, study: Study, owned: Sequence[str]) -> Iterator[Rows]:
    labels = [schema.STUDY, *owned]
    for label in owned:
        for match, values in _matches(study, label):
            known = {"label": label, "labels": labels, "types": list(schema.RELATIONSHIPS)}
            yield _read(store, match + EDGES, study, **known, **values)


def _matches(study: Study, label: str) -> Iterator[tuple[str, dict[str, int]]]:
    """The patterns that match the nodes of a label, in parts: regions by layer, documents in thousands."""
    if label == schema.STUDY:
        yield "MATCH (n:Study {llm_mri: true, id: $study}) ", {}
    elif label == "Region":
        for layer in range(study.layers):
            yield "MATCH (n:Region {llm_mri: true, study: $study, layer: $layer}) ", {"layer": layer}
    elif label == "Document":
        for first in range(0, study.documents, DOCUMENTS):
            within = "WHERE n.ordinal >= $first AND n.ordinal < $last "
            yield DOCUMENTS_OF + within, {"first": first, "last": first + DOCUMENTS}
    else:
        yield f"MATCH (n:{label} {{llm_mri: true, study: $study}}) ", {}


def _read(store: Store, statement: str, study: Study, **values: Any) -> Rows:
    return store.read(statement, {"study": study.id, **values}, timeout=SECONDS, max_rows=ALL).rows
