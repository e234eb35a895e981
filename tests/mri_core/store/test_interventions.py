"""Interventions in the store: added to a ready study, replaced by key, copied and deleted with it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from mri_core.errors import StoreError
from mri_core.records.graph import Study
from mri_core.records.ids import intervention_id
from mri_core.records.interventions import Change, Intervention
from mri_core.store import interventions as intervening
from mri_core.store.checksums import checksum
from mri_core.store.copying import copy
from mri_core.store.store import Store
from tests.engines import Engine, writing
from tests.planted import HOSTILE, planted_graph, planted_intervention, with_evidence

pytestmark = pytest.mark.usefixtures("tidy")

LATER = Change("L3/R1", 3, 0.25, 0.125, 0.5, 0.0625, 0.125, 0.05, 0.1)
CHANGED = (replace(LATER, region="L2/R0", layer=2, delta=-0.375), replace(LATER, region="L2/R3", layer=2), LATER)
ENDS = {"source": "L1/R2", "target": "L1/R0", "towards": "L2/R0"}
SWAP = planted_intervention("L1/R0", "swap", **ENDS, category="plant", q=0.25, changes=CHANGED)
ERASED = planted_intervention("L2/R1", details={"path": [0.5, 1], "texts": HOSTILE, "curve": {"1": None}})
UNDEFINED = (
    *("effect", "effect_layer", "ci_low", "ci_high", "control_mean", "control_max", "standardised", "p", "q", "depth"),
    *("probability", "probability_p", "loss", "loss_p"),
)
BARE = planted_intervention("L1/R0", "add", **dict.fromkeys(UNDEFINED))
TRIED = [BARE, SWAP, ERASED]
CAUSAL = """
MATCH (s:Region {study: $study})-[f:FLOWS_TO|AVOIDS]->(t:Region) WHERE f.causal_q IS NOT NULL
RETURN s.id AS source, t.id AS target, f.causal_q AS q, count(*) AS n
"""


@pytest.fixture
def study(store: Store) -> Iterator[Study]:
    store.write(with_evidence(planted_graph("tried")))
    yield store.study("tried")
    store.delete(store.study("tried"))


def causal(store: Store, study: Study) -> dict[tuple[str, str], float]:
    rows = store.read(CAUSAL, {"study": study.id}).rows
    return {(source.partition("/")[2], target.partition("/")[2]): q for source, target, q, _ in rows}


def count(store: Store, study: Study) -> int:
    found = store.read("MATCH (n:Intervention) WHERE n.study = $study RETURN count(n) AS n", {"study": study.id})
    return int(found.rows[0][0])


def test_interventions_come_back_as_they_were_with_their_changes(store: Store, study: Study) -> None:
    assert store.interventions(study) == []
    assert store.add_interventions(study, TRIED[::-1]) == 2
    assert store.interventions(study) == TRIED
    assert store.study("tried").revision == 2


def test_whole_numbers_are_stored_as_the_numbers_that_they_are(store: Store, study: Study) -> None:
    change = replace(LATER, delta=1, q=0)
    store.add_interventions(study, [replace(SWAP, strength=1, q=0, changes=(change,))])
    asked = "MATCH (i:Intervention {study: $s})-[c:CHANGES]->() RETURN i.strength, i.q, i.controls, c.delta, c.layer"
    (row,) = store.read(asked, {"s": study.id}).rows
    assert row == (1.0, 0.0, 19, 1.0, 3)
    assert [type(value) for value in row] == [float, float, int, float, int]


def test_an_intervention_is_joined_to_its_study_to_its_region_and_to_what_it_changes(
    store: Store, study: Study
) -> None:
    store.add_interventions(study, [SWAP])
    own = intervention_id(study.id, SWAP)
    assert own == f"{study.id}/I/L1/R0>L2/R0/swap/L1/R2/1"
    asked = "MATCH (i:Intervention {llm_mri: true, id: $id, study: $s})-[e]->(n) RETURN type(e) AS kind, n.id AS id"
    ends = [("PART_OF", study.id), ("OF", f"{study.id}/L1/R0")]
    ends += [("CHANGES", f"{study.id}/{change.region}") for change in CHANGED]
    assert sorted(store.read(asked, {"id": own, "s": study.id}).rows) == sorted(ends)


def test_what_is_tried_again_takes_the_place_of_what_has_its_key_only(store: Store, study: Study) -> None:
    store.add_interventions(study, TRIED)
    again = replace(SWAP, q=0.5, changes=CHANGED[:1])
    assert store.add_interventions(study, [again]) == 3
    assert store.interventions(study) == [BARE, again, ERASED]
    stronger = replace(SWAP, strength=2.0)
    store.add_interventions(study, [stronger])
    assert len(store.interventions(study)) == 4


def test_of_two_with_one_key_the_last_is_added(store: Store, study: Study) -> None:
    store.add_interventions(study, [SWAP, replace(SWAP, category="animal", q=0.5)])
    assert store.interventions(study) == [replace(SWAP, category="animal", q=0.5)]


def test_a_swapped_connection_has_the_q_of_its_swap_for_every_category(store: Store, study: Study) -> None:
    erased = planted_intervention("L1/R0", towards="L2/R1")
    moved = planted_intervention("L1/R0", "swap", source="L1/R0", target="L1/R2")
    store.add_interventions(study, [SWAP, erased, moved, ERASED])
    assert causal(store, study) == {("L1/R0", "L2/R0"): 0.25}
    ends = {"s": f"{study.id}/L1/R0", "t": f"{study.id}/L2/R0"}
    kinds = "MATCH (:Region {id: $s})-[f:FLOWS_TO|AVOIDS]->(:Region {id: $t}) RETURN count(f), count(f.causal_q)"
    ((edges, with_q),) = store.read(kinds, ends).rows
    assert edges == with_q >= study.categories


def test_an_avoided_connection_has_the_q_of_its_swap_too(store: Store, study: Study) -> None:
    asked = "MATCH (s:Region {study: $s})-[:AVOIDS]->(t:Region) RETURN s.id, t.id ORDER BY s.id, t.id LIMIT 1"
    ((source, target),) = store.read(asked, {"s": study.id}).rows
    region, towards = (end.partition("/")[2] for end in (source, target))
    store.add_interventions(study, [planted_intervention(region, "swap", target=region, towards=towards, q=0.0625)])
    found = store.read("MATCH ({id: $s})-[f:AVOIDS]->({id: $t}) RETURN f.causal_q", {"s": source, "t": target})
    assert {row[0] for row in found.rows} == {0.0625}


def test_of_several_swaps_of_a_connection_the_largest_q_counts(store: Store, study: Study) -> None:
    weaker = replace(SWAP, strength=0.5, q=0.75)
    elsewhere = replace(SWAP, source="L1/R3", q=0.5)
    for tried in (SWAP, weaker, elsewhere):
        store.add_interventions(study, [tried])
    assert causal(store, study) == {("L1/R0", "L2/R0"): 0.75}
    store.add_interventions(study, [replace(weaker, q=None)])
    assert causal(store, study) == {("L1/R0", "L2/R0"): 0.5}
    store.add_interventions(study, [replace(tried, q=None) for tried in (SWAP, elsewhere)])
    assert causal(store, study) == {}


@pytest.mark.parametrize(
    "wrong",
    [
        planted_intervention("L1/R9"),
        replace(SWAP, source="L1/R9"),
        replace(SWAP, target="L1/R9"),
        replace(SWAP, towards="L2/R9"),
        replace(SWAP, changes=(replace(LATER, region="L9/R9"),)),
    ],
)
def test_a_region_that_is_not_there_is_told_and_nothing_is_added(
    store: Store, study: Study, wrong: Intervention
) -> None:
    store.add_interventions(study, [ERASED])
    with pytest.raises(StoreError, match=r"tried-00000000 has no L\d/R9\. Try them"):
        store.add_interventions(study, [SWAP, wrong])
    assert store.interventions(study) == [ERASED]
    assert store.study("tried").revision == 2


def test_nothing_is_tried_on_a_study_that_is_not_ready(store: Store, study: Study, engine: Engine) -> None:
    with pytest.raises(StoreError, match="belong to a ready study"):
        store.add_interventions(replace(study, id="tried-ffffffff"), TRIED)
    with writing(engine) as writer:
        writer.run("MATCH (s:Study {id: $id}) SET s.status = 'loading'", id=study.id)
        with pytest.raises(StoreError, match="belong to a ready study"):
            store.add_interventions(study, TRIED)
        writer.run("MATCH (s:Study {id: $id}) SET s.status = 'ready'", id=study.id)
    assert store.interventions(study) == []


def test_many_changes_are_stored_in_parts(store: Store, study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intervening, "BATCH", 2)
    monkeypatch.setattr(intervening, "PART", 1)
    store.add_interventions(study, TRIED)
    assert store.interventions(study) == TRIED


def test_two_that_try_the_same_at_once_leave_one_of_each(engine: Engine, store: Store, study: Study) -> None:
    def add(q: float) -> int:
        with Store(engine.connect) as own:
            return own.add_interventions(study, [replace(SWAP, q=q), replace(ERASED, q=q)])

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(add, (0.125, 0.25, 0.375, 0.5))) == [2, 3, 4, 5]
    one, two = store.interventions(study)
    assert one.q == two.q == causal(store, study)["L1/R0", "L2/R0"]


def test_interventions_go_with_their_study(store: Store) -> None:
    store.write(planted_graph("gone"))
    study = store.study("gone")
    store.add_interventions(study, TRIED)
    assert count(store, study) == 3
    store.delete(study)
    assert count(store, study) == 0


def test_what_a_killed_deletion_left_of_them_is_swept(store: Store, engine: Engine) -> None:
    store.write(planted_graph("left"))
    study = store.study("left")
    store.add_interventions(study, TRIED)
    with writing(engine) as writer:
        writer.run("MATCH (s:Study {id: $id}) SET s.status = 'deleting', s.owner = '', s.updated_at = ''", id=study.id)
    store.sweep("left")
    assert count(store, study) == 0


def test_the_checksum_leaves_out_what_was_tried(store: Store, study: Study) -> None:
    before = checksum(store, study)
    store.add_interventions(study, TRIED)
    assert causal(store, study)
    assert checksum(store, study) == before


@pytest.mark.slow  # a bundle goes there and back with them
def test_a_copy_has_what_was_tried_and_gets_what_is_tried_later(store: Store, other: Store, study: Study) -> None:
    store.add_interventions(study, [SWAP, ERASED])
    study = store.study("tried")
    assert copy(store, other, study).status == "ready"
    assert other.interventions(study) == [SWAP, ERASED]
    assert causal(other, study) == causal(store, study) == {("L1/R0", "L2/R0"): 0.25}
    store.add_interventions(study, [BARE, replace(SWAP, q=0.5)])
    assert copy(store, other, study).status == "unchanged"
    assert other.interventions(study) == store.interventions(study)
    assert causal(other, study) == {("L1/R0", "L2/R0"): 0.5}
    revision = other.study("tried").revision
    copy(store, other, study)
    assert other.study("tried").revision == revision
    other.add_interventions(study, [replace(BARE, strength=2.0)])
    copy(store, other, study)
    assert len(other.interventions(study)) == 4
