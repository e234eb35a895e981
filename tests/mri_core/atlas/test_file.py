"""A packed atlas places texts as the fitted one did."""

from dataclasses import asdict, replace

import numpy as np
import pytest

from mri_core.atlas.file import atlas_hash, pack_atlas, unpack_atlas
from mri_core.atlas.fitting import fit_atlas, own_spec, place
from mri_core.errors import StoreError
from mri_core.records.arrays import Activations, Atlas, AtlasSpec


def activations(seed: int, documents: int, width: int = 5) -> Activations:
    generator = np.random.default_rng(seed)
    return Activations(tuple(generator.normal(size=(2, documents, width))), generator.integers(3, 50, documents))


def fitted(kind: str = "clusters") -> Atlas:
    return fit_atlas(activations(0, 60), AtlasSpec(kind)).atlas


@pytest.mark.parametrize("kind", ["clusters", "grid"])
def test_a_packed_atlas_places_later_texts_as_the_fitted_one_does(kind):
    atlas, new = fitted(kind), activations(1, 30)
    loaded = unpack_atlas(pack_atlas(atlas), atlas_hash(atlas))
    assert loaded.spec == atlas.spec
    assert (place(loaded, new) == place(atlas, new)).all()
    assert atlas_hash(loaded) == atlas_hash(atlas)
    assert pack_atlas(loaded) == pack_atlas(atlas)


def test_the_hash_is_that_of_every_array_and_of_the_specification():
    atlas = fitted()
    first = atlas.layers[0]
    moved = replace(first, mean=np.nextafter(first.mean, np.inf))
    assert atlas_hash(replace(atlas, layers=(moved, *atlas.layers[1:]))) != atlas_hash(atlas)
    assert atlas_hash(replace(atlas, spec=replace(atlas.spec, seed=1))) != atlas_hash(atlas)


def test_a_specification_is_hashed_by_what_it_chooses_so_that_later_fields_change_nothing():
    atlas = fitted()
    chosen = {key: value for key, value in asdict(atlas.spec).items() if value != asdict(AtlasSpec())[key]}
    assert chosen == {}
    assert atlas_hash(atlas) == atlas_hash(replace(atlas, spec=AtlasSpec()))


@pytest.mark.parametrize(("kind", "name", "automatic"), [("clusters", "clusters", 6), ("components", "components", 10)])
def test_an_atlas_is_the_same_whether_its_automatic_number_of_regions_is_given_or_left_open(kind, name, automatic):
    given = fit_atlas(activations(0, 60, width=12), AtlasSpec(kind, **{name: automatic})).atlas
    left_open = fit_atlas(activations(0, 60, width=12), AtlasSpec(kind)).atlas
    assert atlas_hash(given) == atlas_hash(left_open)
    assert pack_atlas(given) == pack_atlas(left_open)
    other = fit_atlas(activations(0, 60, width=12), AtlasSpec(kind, **{name: automatic - 1})).atlas
    assert getattr(other.spec, name) == automatic - 1


def test_a_control_has_as_many_clusters_as_the_atlas_it_is_a_control_of_whatever_it_is_fitted_to():
    atlas = fit_atlas(activations(0, 900), AtlasSpec()).atlas  # automatic: 15, and 6 of 60 documents
    assert atlas.spec.clusters is None
    control = fit_atlas(activations(1, 60), own_spec(atlas, 60)).atlas
    assert [len(layer.centres) for layer in control.layers] == [15, 15]
    assert own_spec(atlas, 9).clusters == 9
    same = fit_atlas(activations(0, 900), own_spec(atlas, 900)).atlas
    assert atlas_hash(same) == atlas_hash(atlas)


def test_an_atlas_of_other_arrays_than_it_was_stored_with_is_refused():
    atlas, other = fitted(), fitted("grid")
    with pytest.raises(StoreError, match="another hash than it was stored with"):
        unpack_atlas(pack_atlas(other), atlas_hash(atlas))


@pytest.mark.parametrize("content", [b"", b"not an archive", b"PK\x03\x04 cut off"])
def test_a_damaged_atlas_is_refused(content):
    with pytest.raises(StoreError, match="cannot be read"):
        unpack_atlas(content, "0" * 64)
