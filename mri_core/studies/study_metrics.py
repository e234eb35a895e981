"""The graph measures of a ready study, from the connections that its store holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from mri_core.metrics import RANDOM_GRAPHS, layered_graph, measures
from mri_core.records.graph import Study
from mri_core.records.measures import Measure
from mri_core.store.reading import ALL, Readable
from mri_core.store.store import Store

SECONDS = 3600.0  # for reading all connections
CATEGORIES = """
MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(c:Category)
RETURN c.name AS name ORDER BY name
"""
REGIONS = """
MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(:Layer)<-[:IN_LAYER]-(r:Region)
RETURN r.id AS region, r.layer AS layer ORDER BY layer, region
"""
CONNECTIONS = """
MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(:Layer)<-[:IN_LAYER]-(s:Region)
MATCH (s)-[e:FLOWS_TO]->(t:Region)
RETURN s.id AS source, t.id AS target, e.category AS category, e.weight AS weight
"""


def stored_metrics(
    store: Store,
    study: Study,
    kinds: Sequence[str],
    random_graphs: int | None = None,
    *,
    again: bool = False,
    begin: Callable[[int], None] = lambda graphs: None,
    advance: Callable[[], None] = lambda: None,
) -> list[Measure]:
    """The graph measures of a ready study as its store holds them: measured once, and again if more is requested.

    Args:
        store: that holds the study.
        study: a ready one.
        kinds: of the measures.
        random_graphs: how many each graph is compared with; None for what is stored, else 10. A number measures again.
        again: measure again what is stored.
        begin: called with the number of graphs, if they are measured.
        advance: called after each.
    """
    known = [] if again or random_graphs is not None else store.measures(study, kinds)
    if known:
        return known
    store.check_usable(study.id)
    begin(study.categories + 1)
    count = RANDOM_GRAPHS if random_graphs is None else random_graphs
    store.add_measures(study, measure_study(store, study, count, advance))
    return store.measures(study, kinds)


def measure_study(
    store: Readable, study: Study, random_graphs: int = RANDOM_GRAPHS, advance: Callable[[], None] = lambda: None
) -> list[Measure]:
    """All measures of the whole graph and of every category's, as `mri_core.metrics.measures` gives them.

    In the whole graph a connection weighs the sum of its categories' |weight|.

    Args:
        store: that holds the study.
        study: a ready one.
        random_graphs: how many each graph is compared with.
        advance: called after each graph, of which there are one more than categories.
    """

    def rows(statement: str) -> tuple[tuple[object, ...], ...]:
        return store.read(statement, {"study": study.id}, timeout=SECONDS, max_rows=ALL).rows

    names = [str(name) for (name,) in rows(CATEGORIES)]
    regions = rows(REGIONS)
    number = {region: index for index, (region, _) in enumerate(regions)}
    layer = np.array([layer for _, layer in regions], dtype=np.int64)
    connections = rows(CONNECTIONS)
    ends = np.array([[number[source], number[target]] for source, target, *_ in connections], dtype=np.int64)
    source, target = ends.reshape(-1, 2).T
    category = np.array([names.index(str(row[2])) for row in connections], dtype=np.int64)
    weight = np.array([row[3] for row in connections], dtype=np.float64)

    found: list[Measure] = []
    for index, name in enumerate([None, *names], start=-1):
        own = category == index if name is not None else np.ones(len(weight), dtype=bool)
        weights = weight[own] if name is not None else np.abs(weight)
        graph = layered_graph(layer, source[own], target[own], weights, study.layers)
        found += measures(graph, name, study.seed, random_graphs)
        advance()
    return found
