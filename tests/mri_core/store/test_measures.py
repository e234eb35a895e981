"""Measures in the store: all of a kind at once, and gone with their study."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from mri_core.errors import StoreError
from mri_core.records.graph import Study, StudyGraph
from mri_core.records.ids import measure_id, region_id
from mri_core.records.measures import Measure
from mri_core.store.checksums import checksum
from mri_core.store.copying import copy
from mri_core.store.measuring import Stable
from mri_core.store.store import Store
from tests.engines import Engine
from tests.planted import HOSTILE, planted_graph, with_evidence

MEASURES = [
    Measure("density", 0.25, details={"of": "all"}),
    *(Measure("density", 0.125 * i, category=name) for i, name in enumerate(HOSTILE)),
    Measure("degree_by_layer", 3.0, layer=0, details={"variance": 1.5}),
    Measure("degree_by_layer", 2.0, layer=1),
    Measure("skew_degree", None, details={"undefined": "there are fewer than three regions"}),
    Measure("factor", 1.0, category="a/b", other="c", ci_low=0.5, ci_high=1.5, p=0.01, q=0.02),
    Measure("factor", 1.0, category="a", other="b/c"),
    Measure("probe", 0.5, category="full"),
    Measure("probe", 0.75, other="full"),
]


def region_of(graph: StudyGraph, index: int) -> str:
    return region_id(graph.study.id, graph.regions[index].layer, graph.regions[index].name)


def names(graph: StudyGraph) -> list[str]:
    return [category.name for category in graph.categories]


def kept(measures: list[Measure]) -> list[str]:
    return sorted(map(repr, measures))


@pytest.fixture
def study(store: Store) -> Iterator[Study]:
    graph = planted_graph("measured")
    store.write(graph)
    yield store.study("measured")
    store.delete(graph.study)


def test_measures_come_back_as_they_were(store, study):
    assert store.measures(study) == []
    assert store.add_measures(study, MEASURES) == 2
    assert kept(store.measures(study)) == kept(MEASURES)
    assert store.study("measured").revision == 2
    assert [m.layer for m in store.measures(study, ["degree_by_layer"])] == [0, 1]
    assert store.measures(study, ["unheard-of"]) == []


def test_measures_take_the_place_of_those_of_their_kinds_only(store, study):
    store.add_measures(study, MEASURES)
    assert store.add_measures(study, [Measure("density", 0.5)]) == 3
    others = [measure for measure in MEASURES if measure.kind != "density"]
    assert kept(store.measures(study)) == kept([*others, Measure("density", 0.5)])


def test_probes_are_kept_on_the_layers_too(store, study):
    store.add_measures(study, [Measure("probe", 0.75, 1, other="full"), Measure("probe", 0.5, 1, other="regions")])
    found = store.read(
        "MATCH (l:Layer {study: $id}) RETURN l.index, l.probe_full, l.probe_regions ORDER BY l.index", {"id": study.id}
    )
    assert found.rows[:2] == ((0, None, None), (1, 0.75, 0.5))


def test_how_stable_findings_are_may_be_added_later(store: Store) -> None:
    graph = with_evidence(planted_graph("restless"), seed=3)
    store.write(graph)
    study = store.study("restless")
    before, same = store.stable(study), checksum(store, study)
    flows, avoided = graph.connectome.flows, graph.connectome.avoided
    assert len(before) == sum(np.isfinite(part.stability).sum() for part in (flows, avoided)) > 0
    added = [
        Stable(*(region_of(graph, end[0]) for end in (part.source, part.target)), names(graph)[part.category[0]], share)
        for part, share in ((flows, 0.85), (avoided, 0.0))
    ]
    store.add_measures(study, [Measure("routing_floor", 0.5)], added)
    found = {share[:3]: share.share for share in store.stable(study)}
    assert found == {share[:3]: share.share for share in [*before, *added]}
    assert checksum(store, store.study("restless")) == same
    store.delete(study)


def test_two_that_measure_at_once_leave_one_of_each(engine: Engine, store, study):
    def add(value: float) -> int:
        with Store(engine.connect) as own:
            return own.add_measures(study, [Measure("density", value), Measure("density", value, category="animal")])

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(add, (0.1, 0.2, 0.3, 0.4))) == [2, 3, 4, 5]
    one, two = store.measures(study)
    assert one.value == two.value


def test_a_study_that_is_not_ready_is_not_measured(store, study):
    with pytest.raises(StoreError, match="belong to a ready study"):
        store.add_measures(replace(study, id="measured-ffffffff"), MEASURES)
    assert store.read("MATCH (m:Measure) WHERE m.study STARTS WITH 'measured-f' RETURN m").rows == ()


def test_measures_go_with_their_study(store):
    store.write(planted_graph("gone-too"))
    study = store.study("gone-too")
    store.add_measures(study, MEASURES)
    store.delete(study)
    assert store.read("MATCH (m:Measure {study: $id}) RETURN count(m)", {"id": study.id}).rows == ((0,),)


def test_names_with_slashes_do_not_share_a_key():
    keys = [measure_id("s", measure) for measure in MEASURES]
    assert len(set(keys)) == len(keys)
    assert measure_id("s", Measure("factor", 1.0, category="a", other="b/c")) == "s/M/factor/C/a/O/b%2Fc"
    assert measure_id("s", Measure("degree_by_layer", 1.0, layer=3, category="a")) == "s/M/degree_by_layer/L3/C/a"


@pytest.mark.slow  # a bundle goes there and back with them
def test_a_copy_brings_measures_along(embedded_store: Engine, neo4j_server: Engine):
    with Store(embedded_store.connect) as source, Store(neo4j_server.connect) as target:
        source.write(with_evidence(planted_graph("measured-copy")))
        study = source.study("measured-copy")
        source.add_measures(study, MEASURES)
        study = source.study("measured-copy")
        assert copy(source, target, study).checksum == checksum(target, study)
        assert kept(target.measures(study)) == kept(MEASURES)
        newer = source.stable(study)[0]._replace(share=0.125)
        source.add_measures(study, [Measure("density", 0.75), Measure("newer", 1.0)], [newer])
        assert copy(source, target, study).status == "unchanged"
        assert kept(target.measures(study)) == kept(source.measures(study))
        assert newer in target.stable(study)
        for place in (source, target):
            place.delete(study)
