"""What is left of documents that are placed as they are read: codes in the smallest integer, or scores."""

from __future__ import annotations

import numpy as np
import pytest

from mri_core.atlas import compact
from mri_core.atlas.compact import compact_type, compact_widths, placed_rows, with_rest
from mri_core.atlas.fitting import AtlasFit, fit_atlas, place, scores
from mri_core.records.arrays import Activations, AtlasSpec


def rows_of(documents: int, seed: int = 0) -> Activations:
    generator = np.random.default_rng(seed)
    layers = tuple(generator.normal(size=(documents, 8)).astype(np.float32) for _ in range(3))
    return Activations(layers, generator.integers(3, 60, documents))


@pytest.mark.parametrize(
    ("spec", "item"),
    [
        (AtlasSpec(clusters=6), np.uint8),
        (AtlasSpec(clusters=256), np.uint8),
        (AtlasSpec(clusters=257), np.uint16),
        (AtlasSpec("grid", resolution=16), np.uint8),
        (AtlasSpec("grid", resolution=17), np.uint16),
        (AtlasSpec("grid", resolution=257), np.uint32),
    ],
)
def test_codes_are_stored_in_the_smallest_integer_and_are_those_of_the_atlas(
    spec: AtlasSpec, item: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compact, "BLOCK", 7)
    atlas = fit_atlas(rows_of(300), spec).atlas
    later = rows_of(40, seed=1)
    placed = placed_rows(atlas, later.layers, later.tokens)
    assert compact_type(atlas) == item
    assert compact_widths(atlas) == (1, 1, 1)
    assert [layer.dtype for layer in placed] == [item] * 3
    np.testing.assert_array_equal(np.concatenate(placed, axis=1), place(atlas, later))


def test_of_components_scores_are_stored() -> None:
    atlas = fit_atlas(rows_of(60), AtlasSpec("components", components=4)).atlas
    later = rows_of(9, seed=1)
    placed = placed_rows(atlas, later.layers, later.tokens)
    assert compact_widths(atlas) == (4, 4, 4)
    for mine, expected in zip(placed, scores(atlas, later), strict=True):
        assert mine.dtype == np.float32
        np.testing.assert_allclose(mine, expected, rtol=1e-5, atol=1e-6)


def test_the_rest_takes_its_places_and_exemplars_come_from_the_sample_where_it_has_any() -> None:
    fit = AtlasFit(
        fit_atlas(rows_of(60), AtlasSpec("grid", resolution=3)).atlas,
        np.array([[0, 4], [1, 4]], dtype=np.int32),
        ({0: (0,), 1: (1,)}, {4: (1, 0)}),
    )
    rest = [np.array([[1], [7], [7]], dtype=np.uint8), np.array([[4], [4], [2]], dtype=np.uint8)]
    whole = with_rest(fit, np.array([1, 3]), rest)
    assert whole.codes.tolist() == [[1, 4], [0, 4], [7, 4], [1, 4], [7, 2]]
    assert whole.nearest == ({0: (1,), 1: (3,), 7: (2, 4)}, {4: (3, 1), 2: (4,)})


def test_scores_of_the_rest_take_their_places_too() -> None:
    everyone = rows_of(50)
    chosen = np.arange(0, 50, 2)
    fit = fit_atlas(everyone, AtlasSpec("components", components=3), ordinals=chosen)
    rest = [layer[1::2] for layer in everyone.layers]
    tokens = None if everyone.tokens is None else everyone.tokens[1::2]
    whole = with_rest(fit, chosen, placed_rows(fit.atlas, rest, tokens))
    assert whole.scores is not None
    np.testing.assert_allclose(whole.scores, np.stack(scores(fit.atlas, everyone), axis=1), rtol=1e-4, atol=1e-5)
    assert whole.codes.shape == (50, 0)
