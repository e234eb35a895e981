"""Names and notes in the store: apart from what was computed, copied with their study, and never lost unseen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from mri_core.errors import StoreError, UsageError
from mri_core.records.annotations import Annotation, annotation
from mri_core.records.graph import Study
from mri_core.store.checksums import checksum
from mri_core.store.copying import copy
from mri_core.store.store import Store
from mri_core.studies.names import give, said_of, take_over
from tests.engines import Engine, writing
from tests.planted import HOSTILE, planted_graph

pytestmark = pytest.mark.usefixtures("tidy")

SKY = annotation("L1/R0", "night sky", "stars\nand planets")
LAW = annotation("L2/R3", "", HOSTILE[1])
OURS = "MATCH (n:Annotation {llm_mri: true}) WHERE n.study = $study RETURN count(n) AS n"


@pytest.fixture
def study(store: Store) -> Iterator[Study]:
    store.write(planted_graph("named"))
    yield store.study("named")
    store.delete(store.study("named"))


def count(store: Store, study: Study) -> int:
    return int(store.read(OURS, {"study": study.id}).rows[0][0])


def later(given: Annotation, name: str) -> Annotation:
    return replace(given, name=name, changed_at=f"9{given.changed_at[1:]}")


def test_names_and_notes_come_back_as_they_were_by_layer(store: Store, study: Study) -> None:
    assert store.annotations(study) == []
    assert store.annotate(study, [LAW, SKY]) == 2
    assert store.annotations(study) == [SKY, LAW]
    assert store.study("named").revision == 2


def test_a_region_has_one_name_and_an_empty_one_takes_it_away(store: Store, study: Study) -> None:
    store.annotate(study, [SKY, LAW])
    store.annotate(study, [later(SKY, "stars")])
    assert store.annotations(study) == [later(SKY, "stars"), LAW]
    store.annotate(study, [Annotation("L1/R0")])
    assert store.annotations(study) == [LAW]


def test_what_somebody_else_has_said_meanwhile_is_not_overwritten(store: Store, study: Study) -> None:
    store.annotate(study, [SKY], {"L1/R0": ""})
    for seen in ("", "2020-01-01"):
        with pytest.raises(StoreError, match=r"Somebody else has changed that of L1/R0"):
            store.annotate(study, [later(SKY, "stars")], {"L1/R0": seen})
    assert store.annotations(study) == [SKY]
    store.annotate(study, [later(SKY, "stars")], {"L1/R0": SKY.changed_at})
    assert store.annotations(study) == [later(SKY, "stars")]


def test_a_try_whose_answer_was_lost_may_be_made_again(store: Store, study: Study) -> None:
    for _ in range(2):
        store.annotate(study, [SKY], {"L1/R0": ""})
    assert store.annotations(study) == [SKY]


def test_only_regions_of_a_ready_study_are_named(store: Store, study: Study, engine: Engine) -> None:
    with pytest.raises(StoreError, match="has no L9/R9"):
        store.annotate(study, [SKY, replace(SKY, region="L9/R9")])
    with writing(engine) as writer:
        writer.run("MATCH (s:Study {id: $id}) SET s.status = 'loading'", id=study.id)
        with pytest.raises(StoreError, match="not ready"):
            store.annotate(study, [SKY])
        writer.run("MATCH (s:Study {id: $id}) SET s.status = 'ready'", id=study.id)
    assert store.annotations(study) == []


def test_the_computed_study_and_its_checksum_are_what_they_were(store: Store, study: Study) -> None:
    region = "MATCH (r:Region {llm_mri: true, id: $id}) RETURN properties(r) AS own"
    before = checksum(store, study), store.read(region, {"id": f"{study.id}/L1/R0"}).rows
    store.annotate(study, [SKY, LAW])
    assert (checksum(store, study), store.read(region, {"id": f"{study.id}/L1/R0"}).rows) == before


def test_what_an_earlier_version_left_of_a_deleted_study_is_in_nobody_s_way(
    store: Store, study: Study, engine: Engine
) -> None:
    store.annotate(study, [SKY])
    with writing(engine) as writer:
        writer.run("MATCH (:Annotation {llm_mri: true, study: $study})-[e]->() DELETE e", study=study.id)
    assert store.annotations(study) == []
    _, given = give(store, study, "L1/R0", name="stars")
    assert store.annotations(study) == [given]
    assert count(store, study) == 1


def test_names_go_with_their_study(store: Store) -> None:
    store.write(planted_graph("gone"))
    study = store.study("gone")
    store.annotate(study, [SKY, LAW])
    assert count(store, study) == 2
    store.delete(study)
    assert count(store, study) == 0


def test_the_same_study_scanned_again_keeps_its_names(store: Store, study: Study) -> None:
    store.annotate(study, [SKY])
    assert store.write(planted_graph("named"), replace=True) == "unchanged"
    assert store.annotations(study) == [SKY]


def test_a_study_that_has_names_is_not_replaced_by_another_one(store: Store, study: Study) -> None:
    store.annotate(study, [SKY])
    other = planted_graph("named", seed=7)
    with pytest.raises(StoreError, match=r"named has some\. .*mri name named --remove"):
        store.check_name("named", other.study.id, replace=True)
    with pytest.raises(StoreError, match="they would be lost"):
        store.write(other, replace=True)
    assert store.annotations(study) == [SKY]
    store.annotate(study, [Annotation("L1/R0")])
    assert store.write(other, replace=True) == "ready"
    assert store.annotations(store.study("named")) == []


def test_a_name_given_while_another_study_is_loaded_in_its_place_is_not_lost(store: Store, study: Study) -> None:
    def name(done: int, total: int) -> None:
        if not store.annotations(study):
            store.annotate(study, [SKY])

    with pytest.raises(StoreError, match="they would be lost"):
        store.write(planted_graph("named", seed=7), replace=True, progress=name)
    assert [found.id for found in store.studies() if found.name == "named"] == [study.id]
    assert store.annotations(study) == [SKY]


@pytest.mark.slow  # a bundle goes there and back with them
def test_a_copy_has_the_names_and_of_two_the_later_stays_and_is_told(store: Store, other: Store, study: Study) -> None:
    store.annotate(study, [SKY])
    assert copy(store, other, store.study("named")).status == "ready"
    assert other.annotations(study) == [SKY]
    store.annotate(study, [LAW])
    other.annotate(study, [later(SKY, "stars")])
    told: list[str] = []
    assert copy(store, other, store.study("named"), notify=told.append).status == "unchanged"
    assert other.annotations(study) == [later(SKY, "stars"), LAW]
    assert len(told) == 1
    assert "'stars' and the note" in told[0]
    assert "stays, changed later than 'night sky'" in told[0]
    assert copy(other, store, other.study("named"), notify=told.append).status == "unchanged"
    assert store.annotations(study) == other.annotations(study)
    assert len(told) == 2


def test_giving_a_name_leaves_the_note_and_giving_a_note_the_name(store: Store, study: Study) -> None:
    give(store, study, "L1/R0", name="  night \t sky \n")
    before, after = give(store, study, f"{study.id}/L1/R0", note="stars\r\nand planets\n")
    assert (before.name, before.note) == ("night sky", "")
    assert (after.region, after.name, after.note) == ("L1/R0", "night sky", "stars\nand planets")
    assert store.annotations(study) == [after] == [said_of(store, study, "L1/R0")]
    assert give(store, study, "L1/R0", name="night sky") == (after, after)
    assert store.study("named").revision == 3
    assert give(store, study, "L1/R0", name="", note="")[1].empty
    assert store.annotations(study) == []


def test_a_region_that_is_not_there_is_refused_with_near_names(store: Store, study: Study) -> None:
    with pytest.raises(UsageError, match=r"No region is called 'L1/R77'.*Near names: L1/R"):
        give(store, study, "L1/R77", name="sky")


def test_names_are_taken_over_in_one_atlas_only(store: Store) -> None:
    same = {"atlas_hash": "a" * 64}
    for name, known in (("first", same), ("second", same), ("third", {"atlas_hash": "b" * 64}), ("fourth", {})):
        store.write(planted_graph(name, **known))
    first, second, third, fourth = (store.study(name) for name in ("first", "second", "third", "fourth"))
    store.annotate(first, [SKY, LAW])
    store.annotate(second, [later(SKY, "stars")])
    assert take_over(store, second, first) == ([LAW], [SKY], [])
    assert store.annotations(second) == [later(SKY, "stars"), LAW]
    for one, another in ((third, first), (fourth, fourth), (first, first)):
        with pytest.raises(UsageError, match="Names are taken over"):
            take_over(store, one, another)
    assert store.annotations(third) == []
