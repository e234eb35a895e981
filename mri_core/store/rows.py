"""A study graph as batches of rows, in the form that both engines load fastest.

Lists, not maps; grouped by the node that they start from, so that it is looked up once; properties in an inline map.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import TYPE_CHECKING, Any, cast

from mri_core.records.connectome import Evidence, Flows
from mri_core.records.corpus import Document, excerpt
from mri_core.records.graph import StudyGraph
from mri_core.records.ids import category_id, document_id, layer_id, region_id
from mri_core.store.measuring import ADD as MEASURES
from mri_core.store.measuring import row as measure_row
from mri_core.texts.readable import readable

if TYPE_CHECKING:
    import numpy as np

BATCH = 5000  # relationships in one transaction
FINDINGS = {1: "more", -1: "less", 0: None}

LAYERS = """
MATCH (s:Study {llm_mri: true, id: $study})
UNWIND $rows AS row
CREATE (:Layer {llm_mri: true, id: row[0], study: $study, index: row[1], name: row[2], width: row[3], regions: row[4],
                documents: row[5], explained_variance: row[6]})-[:PART_OF]->(s)
"""

CATEGORIES = """
MATCH (s:Study {llm_mri: true, id: $study})
UNWIND $rows AS row
CREATE (:Category {llm_mri: true, id: row[0], study: $study, name: row[1], documents: row[2]})-[:PART_OF]->(s)
"""

REGIONS = """
UNWIND $rows AS row
MATCH (l:Layer {llm_mri: true, id: row[0]})
UNWIND row[1] AS r
CREATE (:Region {llm_mri: true, id: r[0], study: $study, layer: r[1], name: r[2], x: r[3], y: r[4], documents: r[5],
                 entropy: r[6], dominant_category: r[7], keywords: r[8], exemplars: r[9], strength_in: r[10],
                 strength_out: r[11], pagerank: r[12], betweenness: r[13], community: r[14], participation: r[15],
                 parting_q: r[16]})-[:IN_LAYER]->(l)
"""

ACTIVITY = """
UNWIND $rows AS row
MATCH (r:Region {llm_mri: true, id: row[0]})
UNWIND row[1] AS e
MATCH (c:Category {llm_mri: true, id: e[0]})
CREATE (r)-[:ACTIVATED_BY {study: $study, documents: e[1], share: e[2], lift: e[3],
                           effect: e[4], ci_low: e[5], ci_high: e[6], p: e[7], q: e[8], finding: e[9],
                           name_q: e[10]}]->(c)
"""

CONNECTIONS = """
UNWIND $rows AS row
MATCH (s:Region {llm_mri: true, id: row[0]})
UNWIND row[1] AS e
MATCH (t:Region {llm_mri: true, id: e[0]})
CREATE (s)-[:%s {study: $study, category: e[1], weight: e[2], share: e[3], lift: e[4],
                 effect: e[5], ci_low: e[6], ci_high: e[7], p: e[8], q: e[9], finding: e[10],
                 name_q: e[11], routing: e[12], routing_q: e[13], stability: e[14], keywords: e[15]}]->(t)
"""
FLOWS, AVOIDED = CONNECTIONS % "FLOWS_TO", CONNECTIONS % "AVOIDS"

DOCUMENTS = """
UNWIND $rows AS row
MATCH (c:Category {llm_mri: true, id: row[0]})
UNWIND row[1] AS d
CREATE (n:Document {llm_mri: true, id: d[0], study: $study, ordinal: d[1], category: row[2], title: d[2], excerpt: d[3],
                    source_id: d[4], group: d[5]})-[:IN_CATEGORY]->(c)
"""

PASSES = """
UNWIND $rows AS row
MATCH (r:Region {llm_mri: true, id: row[0]})
UNWIND row[2] AS d
MATCH (n:Document {llm_mri: true, id: d})
CREATE (n)-[:PASSES {layer: row[1]}]->(r)
"""


@dataclass(frozen=True, slots=True)
class Batch:
    """The rows of one statement, and how many documents and relationships `progress` counts for them."""

    statement: str
    rows: list[list[Any]]
    size: int


def total(graph: StudyGraph) -> int:
    """Number of documents and relationships, the total of a progress bar."""
    connectome = graph.connectome
    return (
        len(connectome.flows.weight)
        + (0 if connectome.avoided is None else len(connectome.avoided.weight))
        + len(connectome.activity.documents)
        + len(connectome.placement)
        + connectome.placement.size
    )


def batches(graph: StudyGraph) -> Iterator[Batch]:
    """Everything that a study owns, in an order in which each batch finds the nodes that it starts from."""
    yield from _nodes(graph)
    yield from _activity(graph)
    yield from _connections(graph, FLOWS, graph.connectome.flows)
    if graph.connectome.avoided is not None:
        yield from _connections(graph, AVOIDED, graph.connectome.avoided)
    yield from _documents(graph)
    for part in _parts([measure_row(graph.study.id, measure) for measure in graph.measures], BATCH):
        yield Batch(MEASURES, part, 0)


def _nodes(graph: StudyGraph) -> Iterator[Batch]:
    study = graph.study.id
    layers = [
        [layer_id(study, e.index), e.index, e.name, e.width, e.regions, e.documents, _float(e.explained_variance)]
        for e in graph.layers
    ]
    yield Batch(LAYERS, layers, 0)
    for part in _parts([[category_id(study, e.name), e.name, e.documents] for e in graph.categories], BATCH):
        yield Batch(CATEGORIES, part, 0)
    for layer, regions in groupby(graph.regions, key=lambda region: region.layer):
        values = [
            [
                region_id(study, e.layer, e.name),
                e.layer,
                e.name,
                float(e.x),
                _float(e.y),
                e.documents if e.documents is None else int(e.documents),
                _float(e.entropy),
                e.dominant_category,
                list(e.keywords),
                [int(ordinal) for ordinal in e.exemplars],
                e.strength_in,
                e.strength_out,
                e.pagerank,
                e.betweenness,
                e.community,
                e.participation,
                e.parting_q,
            ]
            for e in regions
        ]
        for part in _parts(values, BATCH):
            yield Batch(REGIONS, [[layer_id(study, layer), part]], 0)


def _activity(graph: StudyGraph) -> Iterator[Batch]:
    activity, regions, categories = graph.connectome.activity, _region_ids(graph), _category_ids(graph)
    evidence = _evidence(activity.evidence, len(activity.region))
    for part in _slices(activity.region):
        columns = (activity.category[part], activity.documents[part], activity.share[part], activity.lift[part])
        edges = [[categories[c], *rest] for c, *rest in _python(*columns, *(column[part] for column in evidence))]
        yield Batch(ACTIVITY, _grouped(activity.region[part], edges, regions), len(edges))


def _connections(graph: StudyGraph, statement: str, flows: Flows) -> Iterator[Batch]:
    regions, names = _region_ids(graph), [category.name for category in graph.categories]
    rows = len(flows.weight)
    columns = (
        *(_or_absent(column, rows) for column in (flows.share, flows.lift)),
        *_evidence(flows.evidence, rows),
        *(_or_absent(column, rows) for column in (flows.routing, flows.routing_q, flows.stability)),
        _or_absent(flows.keywords and [list(words) or None for words in flows.keywords], rows),
    )
    for part in _slices(flows.source):
        known = (flows.target[part], flows.category[part], flows.weight[part])
        edges = [
            [regions[t], names[c], *rest] for t, c, *rest in _python(*known, *(column[part] for column in columns))
        ]
        yield Batch(statement, _grouped(flows.source[part], edges, regions), len(edges))


def _evidence(evidence: Evidence | None, rows: int) -> list[Sequence[Any]]:
    """Effect, interval, p, q, finding and the name's q; absent if there are none, or if an end is infinite."""
    if evidence is None:
        return [_or_absent(None, rows)] * 7
    numbers = (evidence.effect, evidence.ci_low, evidence.ci_high, evidence.p, evidence.q)
    found = [FINDINGS[int(way)] for way in evidence.finding]
    return [*(_or_absent(column, rows) for column in numbers), found, _or_absent(evidence.name_q, rows)]


def _documents(graph: StudyGraph) -> Iterator[Batch]:
    """Documents, and then the regions that they pass: their stream is read once."""
    regions, placement = _region_ids(graph), graph.connectome.placement
    stream = iter(graph.documents)
    while part := list(islice(stream, max(1, BATCH // max(1, placement.shape[1])))):
        yield Batch(DOCUMENTS, _by_category(graph.study.id, part), len(part))
        passes = [
            [regions[region], layer, [document_id(graph.study.id, part[i].ordinal) for i in members]]
            for layer in range(placement.shape[1])
            for region, members in _members(placement[[d.ordinal for d in part], layer])
        ]
        if passes:
            yield Batch(PASSES, passes, len(part) * placement.shape[1])


def _by_category(study: str, documents: list[Document]) -> list[list[Any]]:
    ordered = sorted(documents, key=lambda document: document.category)
    return [
        [
            category_id(study, name),
            [
                [document_id(study, d.ordinal), d.ordinal, readable(d.title), excerpt(d.text), d.source_id, d.group]
                for d in members
            ],
            name,
        ]
        for name, members in groupby(ordered, key=lambda document: document.category)
    ]


def _members(regions: np.ndarray) -> Iterator[tuple[int, list[int]]]:
    order = regions.argsort(kind="stable").tolist()
    for region, members in groupby(order, key=regions.tolist().__getitem__):
        yield region, list(members)


def _grouped(starts: np.ndarray, edges: list[list[Any]], ids: list[str]) -> list[list[Any]]:
    """The edges grouped by the id of the node that they start from; adjacent edges with the same node are merged."""
    pairs = zip(starts.tolist(), edges, strict=True)
    return [[ids[start], [edge for _, edge in group]] for start, group in groupby(pairs, key=lambda pair: pair[0])]


def _python(*columns: Sequence[Any] | np.ndarray) -> Iterator[tuple[Any, ...]]:
    """The columns' rows as plain values; non-finite numbers become None, which the graph leaves absent."""
    return zip(*(_plain(column) for column in columns), strict=True)


def _plain(column: Sequence[Any] | np.ndarray) -> Sequence[Any]:
    if isinstance(column, list | tuple):
        return column
    values = cast("np.ndarray", column)
    if values.dtype.kind == "f" and not (abs(values) < math.inf).all():  # comparisons with NaN are false
        return [value if math.isfinite(value) else None for value in values.tolist()]
    return cast("list[Any]", values.tolist())


def _or_absent(column: Any, rows: int) -> Any:
    """The column, or None in every row."""
    return [None] * rows if column is None else column


def _float(value: float | None) -> float | None:
    return None if value is None else float(value)


def _slices(column: np.ndarray) -> Iterator[slice]:
    for start in range(0, len(column), BATCH):
        yield slice(start, start + BATCH)


def _parts(values: list[list[Any]], size: int) -> Iterator[list[list[Any]]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _region_ids(graph: StudyGraph) -> list[str]:
    return [region_id(graph.study.id, region.layer, region.name) for region in graph.regions]


def _category_ids(graph: StudyGraph) -> list[str]:
    return [category_id(graph.study.id, category.name) for category in graph.categories]
