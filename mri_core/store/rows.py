"""A study graph as batches of rows, in the form that both engines load fastest.

Lists, not maps; grouped by the node that they start from, so that it is looked up once; properties in an inline map.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from itertools import groupby, islice
from typing import TYPE_CHECKING, Any, cast

from mri_core.records.connectome import Activity, Evidence, Flows
from mri_core.records.corpus import Document, excerpt
from mri_core.records.graph import StudyGraph
from mri_core.records.ids import category_id, document_id, layer_id, region_id
from mri_core.store import creating
from mri_core.store.atlases import ADD as ATLAS_PART
from mri_core.store.atlases import rows as atlas_parts
from mri_core.store.columns import row_of
from mri_core.store.creating import DOCUMENT, DOCUMENTS, EVIDENCE, PASSES, PASSES_WITH_MARGINS, columns_of
from mri_core.store.document_table import DIGITS, DocumentTable
from mri_core.store.measuring import ADD as MEASURES
from mri_core.store.measuring import row as measure_row
from mri_core.texts.readable import decoded

if TYPE_CHECKING:
    import numpy as np

    from mri_core.store.text_rows import Tokens

BATCH = 5000  # relationships in one transaction
FINDINGS = {1: "more", -1: "less", 0: None}


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
        + _of_documents(graph)
    )


def batches(graph: StudyGraph, table: DocumentTable | None = None) -> Generator[Batch]:
    """Everything that a study owns, in an order in which each batch finds the nodes that it starts from.

    Args:
        graph: the study.
        table: written on the way, since documents are read once; None where all of them become nodes.
    """
    yield from _nodes(graph)
    yield from _activity(graph)
    yield from _connections(graph, "FLOWS_TO", graph.connectome.flows)
    if graph.connectome.avoided is not None:
        yield from _connections(graph, "AVOIDS", _taken_by_none(graph.connectome.avoided))
    yield from _documents(graph, table) if graph.texts is None else _texts(graph)
    for part in _parts([measure_row(graph.study.id, measure) for measure in graph.measures], BATCH):
        yield Batch(MEASURES, part, 0)
    for number in atlas_parts(graph.study.id, graph.atlas):
        yield Batch(ATLAS_PART, [number], 0)


def _nodes(graph: StudyGraph) -> Iterator[Batch]:
    study, columns = graph.study.id, columns_of(graph.study)
    layers = [
        row_of(columns.layer, e, id=layer_id(study, e.index), explained_variance=_float(e.explained_variance))
        for e in graph.layers
    ]
    yield Batch(creating.layers(columns), layers, 0)
    for part in _parts([row_of(columns.category, e, id=category_id(study, e.name)) for e in graph.categories], BATCH):
        yield Batch(creating.categories(columns), part, 0)
    for layer, regions in groupby(graph.regions, key=lambda region: region.layer):
        values = [
            row_of(
                columns.region,
                e,
                id=region_id(study, e.layer, e.name),
                x=float(e.x),
                y=_float(e.y),
                documents=e.documents if e.documents is None else int(e.documents),
                entropy=_float(e.entropy),
                keywords=list(e.keywords),
                exemplars=[int(ordinal) for ordinal in e.exemplars],
                tokens=e.tokens if e.tokens is None else int(e.tokens),
                contexts=list(e.contexts),
            )
            for e in regions
        ]
        for part in _parts(values, BATCH):
            yield Batch(creating.regions(columns), [[layer_id(study, layer), part]], 0)


def _activity(graph: StudyGraph) -> Iterator[Batch]:
    activity, regions, categories = graph.connectome.activity, _region_ids(graph), _category_ids(graph)
    names = [category.name for category in graph.categories]
    evidence = _evidence(activity.evidence, len(activity.region), names)
    by_name: dict[str, Any] = {
        "documents": activity.documents if activity.texts is None else activity.texts,
        "tokens": activity.documents,
        "share": activity.share,
        "lift": activity.lift,
        **evidence,
        **_within(activity),
    }
    chosen = columns_of(graph.study)
    columns = [by_name[name] for name in chosen.activation]
    for part in _slices(activity.region):
        rows = _python(activity.category[part], *(column[part] for column in columns))
        edges = [[categories[category], *rest] for category, *rest in rows]
        yield Batch(creating.activity(chosen), _grouped(activity.region[part], edges, regions), len(edges))


def _connections(graph: StudyGraph, kind: str, flows: Flows) -> Iterator[Batch]:
    regions, names = _region_ids(graph), [category.name for category in graph.categories]
    rows = len(flows.weight)
    by_name: dict[str, Any] = {
        "category": [names[category] for category in flows.category.tolist()],
        "weight": flows.weight,
        "share": _or_absent(flows.share, rows),
        "lift": _or_absent(flows.lift, rows),
        **_evidence(flows.evidence, rows, names),
        "routing": _or_absent(flows.routing, rows),
        "routing_q": _or_absent(flows.routing_q, rows),
        "stability": _or_absent(flows.stability, rows),
        "keywords": _or_absent(flows.keywords and [list(words) or None for words in flows.keywords], rows),
        "documents": _or_absent(flows.texts, rows),
        **_within(flows),
    }
    chosen = columns_of(graph.study)
    columns, statement = [by_name[name] for name in chosen.connection], creating.connections(chosen, kind)
    for part in _slices(flows.source):
        known = _python(flows.target[part], *(column[part] for column in columns))
        edges = [[regions[target], *rest] for target, *rest in known]
        yield Batch(statement, _grouped(flows.source[part], edges, regions), len(edges))


def _within(counted: Flows | Activity) -> dict[str, Sequence[Any]]:
    """The columns of what was tested within token types."""
    rows = len(counted.category)
    return {name: _or_absent(getattr(counted, name), rows) for name in creating.WITHIN}


def _taken_by_none(avoided: Flows) -> Flows:
    """Connections that a category never takes, which so no text of it takes; between components nothing is counted."""
    if avoided.texts is not None or avoided.share is None:
        return avoided
    return replace(avoided, texts=avoided.weight)


def _evidence(evidence: Evidence | None, rows: int, names: Sequence[str]) -> dict[str, Sequence[Any]]:
    """A column for each name of `EVIDENCE`, absent where there is none; so is an end that is infinite."""
    if evidence is None:
        return {name: _or_absent(None, rows) for name in EVIDENCE}
    found = [FINDINGS[int(way)] for way in evidence.finding]
    before = [None if those is None else [names[category] for category in those] for those in evidence.before]
    own: dict[str, Sequence[Any]] = {"finding": found, "named_before": before}
    return {name: own[name] if name in own else _or_absent(getattr(evidence, name), rows) for name in EVIDENCE}


def _of_documents(graph: StudyGraph) -> int:
    """Number of documents that become nodes, each with its category, and of relationships to where they are."""
    placement = graph.connectome.placement
    if graph.texts is not None:
        return graph.study.documents + _tokens(graph).total()
    stored = len(placement) if graph.stored is None else int(graph.stored.sum())
    return stored * (1 + placement.shape[1])


def _tokens(graph: StudyGraph) -> Tokens:
    from mri_core.store.text_rows import Tokens

    return Tokens.of(graph)


def _texts(graph: StudyGraph) -> Iterator[Batch]:
    """Texts and where their tokens are."""
    from mri_core.store.text_rows import text_rows

    parts = text_rows(graph, _tokens(graph), _category_ids(graph), _region_ids(graph), BATCH)
    return (Batch(*part) for part in parts)


def _nodes_of(graph: StudyGraph, table: DocumentTable | None) -> Iterator[Document]:
    """The documents that become nodes; all of them go to the table."""
    if graph.stored is None:
        yield from graph.documents
        return
    with table or nullcontext():
        for document in graph.documents:
            if table is not None:
                table.add(document)
            if graph.stored[document.ordinal]:
                yield document


def _documents(graph: StudyGraph, table: DocumentTable | None) -> Iterator[Batch]:
    """Documents, and then the regions that they pass: their stream is read once."""
    regions, placement = _region_ids(graph), graph.connectome.placement
    stream = _nodes_of(graph, table)
    while part := list(islice(stream, max(1, BATCH // max(1, placement.shape[1])))):
        yield Batch(DOCUMENTS, _by_category(graph.study.id, part), len(part))
        passes = [
            [regions[region], layer, _passing(graph, [part[i].ordinal for i in members], layer)]
            for layer in range(placement.shape[1])
            for region, members in _members(placement[[d.ordinal for d in part], layer])
        ]
        if passes:
            statement = PASSES if graph.margins is None else PASSES_WITH_MARGINS
            yield Batch(statement, passes, len(part) * placement.shape[1])


def _passing(graph: StudyGraph, ordinals: list[int], layer: int) -> list[Any]:
    """Ids of documents, each with its margin in the layer where margins are known."""
    ids = [document_id(graph.study.id, ordinal) for ordinal in ordinals]
    if graph.margins is None:
        return ids
    margins = [round(margin, DIGITS) for margin in graph.margins[ordinals, layer].tolist()]
    return [list(pair) for pair in zip(ids, margins, strict=True)]


def _by_category(study: str, documents: list[Document]) -> list[list[Any]]:
    ordered = sorted(documents, key=lambda document: document.category)
    return [
        [
            category_id(study, name),
            [
                row_of(DOCUMENT, d, id=document_id(study, d.ordinal), title=decoded(d.title), excerpt=excerpt(d.text))
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
