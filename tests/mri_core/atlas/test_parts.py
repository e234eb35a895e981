"""A document's place as a sum over its tokens: equal to what the atlas computes from the pooled row."""

from __future__ import annotations

import numpy as np
import pytest

from mri_core.atlas.fitting import fit_atlas, place, scores
from mri_core.atlas.kinds import ATLAS_KINDS
from mri_core.atlas.parts import TokenMap, check_linear
from mri_core.errors import UsageError
from mri_core.records.arrays import Activations, AtlasSpec

USUAL = 12.5


def planted(documents=60, width=8, seed=0):
    """Texts of 3 to 20 tokens whose states have a large mean, as models' have, and their rows."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(3, 21, documents)
    centre = 50 * rng.standard_normal(width)
    groups = rng.integers(0, 3, documents)
    shift = 2 * rng.standard_normal((3, width))
    states = [
        (centre + shift[group] + rng.standard_normal((n, width))).astype(np.float32)
        for group, n in zip(groups, lengths, strict=True)
    ]
    return states, Activations((np.stack([each.mean(axis=0) for each in states]),), lengths)


def margin(z, centres, own, other):
    """Straight from its definition."""
    far, near = (np.sum((z.astype(float) - centres[code]) ** 2) for code in (other, own))
    return (far - near) / 2


@pytest.mark.parametrize("standardize", [True, False])
@pytest.mark.parametrize("length_adjust", [True, False])
def test_the_parts_of_a_documents_tokens_sum_to_its_margin(standardize, length_adjust):
    states, activations = planted()
    spec = AtlasSpec(clusters=4, standardize=standardize, length_adjust=length_adjust)
    atlas = fit_atlas(activations, spec).atlas
    (layer,), (reduced,), codes = atlas.layers, scores(atlas, activations), place(atlas, activations)[:, 0]
    found = TokenMap.of(spec, layer, USUAL)
    for document, own in enumerate(states):
        (aspect,) = ATLAS_KINDS["clusters"].aspects(layer, reduced[document])
        parts = found.coordinates(own, len(own)).along(aspect)
        expected = margin(reduced[document], layer.centres, aspect.code, aspect.versus)
        assert aspect.code == codes[document]
        assert expected >= 0
        assert aspect.value == pytest.approx(expected)
        assert parts.total == pytest.approx(expected, rel=1e-4, abs=1e-5)
        assert (parts.length != 0) == length_adjust


@pytest.mark.parametrize("reducer", ["pca", "svd"])
@pytest.mark.parametrize("kind", ["grid", "components"])
def test_coordinates_and_component_values_are_sums_of_parts_too(kind, reducer):
    states, activations = planted()
    spec = AtlasSpec(kind=kind, reducer=reducer, components=3, resolution=4, standardize=reducer == "pca")
    atlas = fit_atlas(activations, spec).atlas
    (layer,), (reduced,) = atlas.layers, scores(atlas, activations)
    found = TokenMap.of(spec, layer, USUAL)
    for document, own in enumerate(states[:20]):
        aspects = ATLAS_KINDS[kind].aspects(layer, reduced[document])
        assert [aspect.name for aspect in aspects] == (["column", "row"] if kind == "grid" else ["component"])
        for axis, aspect in enumerate(aspects):
            number = axis if kind == "grid" else aspect.code
            assert aspect.value == reduced[document, number]
            total = found.coordinates(own, len(own)).along(aspect).total
            assert total == pytest.approx(reduced[document, number], rel=1e-4, abs=1e-5)


def test_a_token_like_an_average_row_has_no_part_and_one_that_stands_out_has_all_of_it():
    _, activations = planted()
    spec = AtlasSpec(clusters=3, length_adjust=False)
    atlas = fit_atlas(activations, spec).atlas
    (layer,) = atlas.layers
    average = activations.layers[0].astype(float).mean(axis=0)
    states = np.stack([average, average, average + 3 * layer.scale])
    (reduced,) = scores(atlas, Activations((states.mean(axis=0, keepdims=True),), None))
    (aspect,) = ATLAS_KINDS["clusters"].aspects(layer, reduced[0])
    parts = TokenMap.of(spec, layer, USUAL).coordinates(states, 3).along(aspect)
    assert np.abs(parts.tokens[:2]).max() < 1e-4 * abs(parts.tokens[2])
    assert parts.tokens[2] == pytest.approx(aspect.value - aspect.constant, rel=1e-3)


def test_the_part_of_length_is_none_at_the_usual_length_and_the_sum_does_not_depend_on_what_is_usual():
    states, activations = planted()
    spec = AtlasSpec(clusters=3)
    (layer,) = fit_atlas(activations, spec).atlas.layers
    at_own = TokenMap.of(spec, layer, len(states[0])).coordinates(states[0], len(states[0]))
    elsewhere = TokenMap.of(spec, layer, 100.0).coordinates(states[0], len(states[0]))
    np.testing.assert_allclose(at_own.length, 0, atol=1e-12)
    assert np.abs(elsewhere.length).max() > 0.01
    both = [each.tokens.sum(axis=0) + each.length for each in (at_own, elsewhere)]
    np.testing.assert_allclose(*both, rtol=1e-9, atol=1e-9)


def test_another_region_may_be_named_and_the_margin_turns_with_the_two():
    _, activations = planted()
    atlas = fit_atlas(activations, AtlasSpec(clusters=3)).atlas
    (layer,), (reduced,) = atlas.layers, scores(atlas, activations)
    kind = ATLAS_KINDS["clusters"]
    (there,), (back,) = (kind.aspects(layer, reduced[0], *pair) for pair in ((0, 2), (2, 0)))
    assert there.value == pytest.approx(-back.value)
    np.testing.assert_allclose(there.direction, -back.direction)
    with pytest.raises(UsageError, match="between two clusters"):
        kind.aspects(layer, reduced[0], 1, 1)


def test_of_components_the_one_farthest_out_in_its_own_spread_is_taken():
    layer = fit_atlas(planted()[1], AtlasSpec(kind="components", components=3)).atlas.layers[0]
    spread = np.sqrt(layer.explained_variance)
    (aspect,) = ATLAS_KINDS["components"].aspects(layer, np.array([1.1, 0.2, -2.0]) * spread)
    assert (aspect.code, aspect.value) == (2, -2.0 * spread[2])


def test_what_is_no_sum_is_refused():
    with pytest.raises(UsageError, match=r"straight.*--reducer umap has none"):
        check_linear(AtlasSpec(kind="grid", reducer="umap"))
    alone = fit_atlas(planted()[1], AtlasSpec(clusters=1)).atlas
    with pytest.raises(UsageError, match="has one cluster"):
        ATLAS_KINDS["clusters"].aspects(alone.layers[0], np.zeros(len(alone.layers[0].components)))
    grid = fit_atlas(planted()[1], AtlasSpec(kind="grid")).atlas
    with pytest.raises(UsageError, match="This atlas is a grid"):
        ATLAS_KINDS["grid"].aspects(grid.layers[0], np.zeros(2), versus=1)
