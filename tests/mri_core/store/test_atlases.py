"""An atlas goes wherever its study goes: it is stored in parts, copied, compared, and deleted with the study."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mri_core.errors import StoreError
from mri_core.store import atlases
from mri_core.store.copying import copy
from mri_core.store.matches import Match
from mri_core.store.store import Store
from tests.engines import Engine, writing
from tests.planted import planted_graph

pytestmark = pytest.mark.usefixtures("tidy")

LONG = np.random.default_rng(0).bytes(2 * atlases.PART + 17)


def graph(name: str, atlas: bytes = LONG, **properties: object):
    return replace(planted_graph(name, atlas_hash="a" * 64, **properties), atlas=atlas)


def test_an_atlas_of_several_parts_comes_back_byte_by_byte(store: Store) -> None:
    made = graph("parts")
    store.write(made)
    assert store.atlas(store.study("parts")) == LONG
    assert store.read("MATCH (n:AtlasPart {study: $s}) RETURN count(n)", {"s": made.study.id}).rows == ((3,),)


def test_a_study_without_an_atlas_gets_one_later(store: Store) -> None:
    made = replace(planted_graph("later"), atlas=b"")
    store.write(made)
    assert store.atlas(made.study) == b""
    store.add_atlas(made.study, LONG, "b" * 64)
    found = store.study("later")
    assert (found.atlas_hash, store.atlas(found)) == ("b" * 64, LONG)
    with pytest.raises(StoreError, match="belongs to a ready study"):
        store.add_atlas(replace(made.study, id="gone-00000000"), LONG, "b" * 64)


@pytest.mark.slow  # a bundle goes there and back with it
def test_a_copy_has_the_atlas_and_one_that_lacks_it_gets_it(store: Store, other: Store) -> None:
    made = graph("there")
    store.write(made)
    copy(store, other, store.study("there"))
    assert other.atlas(other.study("there")) == LONG
    bare = replace(graph("bare", b""), study=replace(graph("bare").study, atlas_hash=None))
    other.write(bare)
    store.write(graph("bare"))
    assert copy(store, other, store.study("bare")).status == "unchanged"
    assert other.atlas(other.study("bare")) == LONG
    assert other.study("bare").atlas_hash == "a" * 64


def test_a_deleted_study_leaves_no_part_of_its_atlas(store: Store, engine: Engine) -> None:
    made = graph("gone")
    store.write(made)
    store.delete(made.study)
    assert store.read("MATCH (n:AtlasPart) WHERE n.study STARTS WITH 'gone-' RETURN n.id").rows == ()


def test_margins_are_stored_with_the_passes_of_placed_documents(store: Store) -> None:
    plain = planted_graph("margins")
    margins = np.linspace(0, 1, plain.connectome.placement.size).reshape(plain.connectome.placement.shape)
    store.write(replace(plain, margins=margins))
    rows = store.read(
        "MATCH (d:Document {study: $s})-[p:PASSES]->() RETURN d.ordinal, p.layer, p.margin", {"s": plain.study.id}
    ).rows
    assert {(d, layer): margin for d, layer, margin in rows} == {
        at: pytest.approx(round(value, 4)) for at, value in np.ndenumerate(margins)
    }


def test_matches_join_two_studies_are_replaced_and_go_with_either(store: Store, engine: Engine) -> None:
    first, second = planted_graph("one"), planted_graph("two", seed=1)
    for made in (first, second):
        store.write(made)
    ends = f"{first.study.id}/L0/R0", f"{second.study.id}/L0/R0"
    store.add_matches(first.study, second.study, [Match(*ends, 9, 0.5, 0.4)])
    store.add_matches(first.study, second.study, [Match(*ends, 7, 0.25, 0.2)])
    asked = "MATCH (a:Region)-[m:MATCHES]->(b:Region) WHERE a.study = $s RETURN a.id, b.id, m.shared, m.jaccard"
    assert store.read(asked, {"s": first.study.id}).rows == ((*ends, 7, 0.25),)
    assert store.study("one").revision == 3
    with writing(engine), pytest.raises(StoreError, match="Regions of ready studies are matched"):
        store.add_matches(first.study, replace(second.study, id="two-ffffffff"), [])
    store.delete(second.study)
    assert store.read(asked, {"s": first.study.id}).rows == ()
