"""An atlas on disk places texts as the fitted one did."""

import numpy as np
import pytest

from mri_core.atlas.file import load_atlas, save_atlas
from mri_core.atlas.fitting import fit_atlas, place
from mri_core.errors import StoreError
from mri_core.records.arrays import Activations, AtlasSpec


@pytest.mark.parametrize("kind", ["clusters", "grid"])
def test_a_saved_atlas_places_later_texts_as_the_fitted_one_does(tmp_path, kind):
    generator = np.random.default_rng(0)
    old = Activations(tuple(generator.normal(size=(2, 60, 5))), generator.integers(3, 50, 60))
    new = Activations(tuple(generator.normal(size=(2, 30, 5))), generator.integers(3, 50, 30))
    atlas = fit_atlas(old, AtlasSpec(kind)).atlas
    save_atlas(atlas, tmp_path / "atlas.npz")
    loaded = load_atlas(tmp_path / "atlas.npz")
    assert loaded.spec == atlas.spec
    assert (place(loaded, new) == place(atlas, new)).all()
    assert [path.name for path in tmp_path.iterdir()] == ["atlas.npz"]


def test_an_atlas_that_is_not_here_says_so(tmp_path):
    with pytest.raises(StoreError, match="not on this machine"):
        load_atlas(tmp_path / "atlas.npz")


@pytest.mark.parametrize("content", [b"", b"not an archive", b"PK\x03\x04 cut off"])
def test_a_damaged_atlas_is_refused(tmp_path, content):
    (tmp_path / "atlas.npz").write_bytes(content)
    with pytest.raises(StoreError, match="cannot be read"):
        load_atlas(tmp_path / "atlas.npz")
