"""The atlas fitted again: the same regions where they are clear, the same names, and no duplicate in any test."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from mri_core.atlas.fitting import fit_atlas, place
from mri_core.errors import UsageError
from mri_core.evidence.refits import refitted
from mri_core.records.arrays import Activations, AtlasSpec
from mri_core.statistics.blocks import bootstraps
from mri_core.statistics.matching import matched

CENTRES = np.array([[0, 0, 0], [9, 0, 0], [0, 9, 0], [0, 0, 9]])


def clear(documents=80, seed=0):
    """Four clear clusters, in layers that turn and stretch them."""
    generator = np.random.default_rng(seed)
    rows = CENTRES[np.arange(documents) % 4] + 0.3 * generator.normal(size=(documents, 3))
    return Activations(tuple((rows @ generator.normal(size=(3, 3))).astype(np.float32) for _ in range(3)))


@pytest.mark.parametrize("kind", ["clusters", "grid"])
def test_clear_regions_are_found_again_under_their_own_names(kind):
    activations = clear()
    fit = fit_atlas(activations, AtlasSpec(kind=kind, clusters=4, resolution=2))
    if kind == "clusters":
        refits = [refit.codes for refit in refitted(activations, fit.atlas, fit.codes, seed=1, refits=3)]
        assert len(refits) == 3
        assert all((refit == fit.codes).all() for refit in refits)
    else:
        for refit, _ in refitted(activations, fit.atlas, fit.codes, seed=1, refits=3):
            assert (refit == fit.codes).mean() > 0.9


def test_each_layer_of_each_refit_is_reported():
    activations = clear()
    fit = fit_atlas(activations, AtlasSpec(clusters=4))
    steps = []
    assert len(list(refitted(activations, fit.atlas, fit.codes, 0, refits=5, advance=lambda: steps.append(1)))) == 5
    assert len(steps) == 5 * 3


@pytest.mark.parametrize(
    ("spec", "lengths"),
    [
        (AtlasSpec(clusters=6), False),
        (AtlasSpec(clusters=6), True),
        (AtlasSpec("grid", resolution=5), True),
        (AtlasSpec("grid", reducer="svd", resolution=5), False),
    ],
)
def test_a_refit_is_the_atlas_of_the_resample_with_its_repetitions(spec, lengths):
    generator = np.random.default_rng(5)
    layers = tuple(generator.normal(size=(200, 9)).astype(np.float32) * np.arange(9, 0, -1) + 3 for _ in range(3))
    spec, tokens = replace(spec, standardize=False), generator.integers(4, 40, 200) if lengths else None
    activations = Activations(layers, tokens)
    fit = fit_atlas(activations, spec)
    (refit,) = refitted(activations, fit.atlas, fit.codes, seed=7, refits=1)
    (drawn,) = bootstraps(200, 1, 7)
    repeated = Activations(tuple(rows[drawn] for rows in layers), None if tokens is None else tokens[drawn])
    other = place(fit_atlas(repeated, replace(spec, seed=1)).atlas, activations)
    assert (refit.drawn == np.isin(np.arange(200), drawn)).all()
    for layer in range(3):
        assert (refit.codes[:, layer] == matched(fit.codes[:, layer], other[:, layer])).all()


@pytest.mark.parametrize("lengths", [False, True])
def test_of_standardised_rows_the_refits_of_svd_are_those_of_pca(lengths):
    generator = np.random.default_rng(5)
    layers = tuple(generator.normal(size=(300, 9)).astype(np.float32) + 3 for _ in range(2))
    activations = Activations(layers, generator.integers(4, 40, 300) if lengths else None)
    found = []
    for reducer in ("pca", "svd"):
        fit = fit_atlas(activations, AtlasSpec("grid", reducer=reducer, resolution=5))
        found.append([refit.codes for refit in refitted(activations, fit.atlas, fit.codes, 0, refits=4)])
    assert (np.array(found[0]) == np.array(found[1])).all()


def test_of_more_axes_than_refits_take_the_first_determine_the_regions():
    generator = np.random.default_rng(2)
    rows = CENTRES[np.arange(300) % 4] @ generator.normal(size=(3, 200)) + generator.normal(size=(300, 200))
    activations = Activations((rows.astype(np.float32),) * 2)
    fit = fit_atlas(activations, AtlasSpec(clusters=4))
    for refit in refitted(activations, fit.atlas, fit.codes, 0, refits=3):
        assert (refit.codes == fit.codes).all()


def test_a_refit_is_fitted_to_a_resample_of_whole_groups():
    activations = clear()
    fit = fit_atlas(activations, AtlasSpec(clusters=4))
    groups = (
        np.arange(80) % 4
    )  # a resample of one group has one cluster, cut in four: no document is left out of a test
    refits = [refit.codes for refit in refitted(activations, fit.atlas, fit.codes, 2, groups, refits=4)]
    assert any((refit != fit.codes).any() for refit in refits)
    assert all(refit.shape == fit.codes.shape for refit in refits)


def test_as_many_clusters_as_the_atlas_whatever_the_resamples_size():
    activations = clear(100)
    fit = fit_atlas(activations, AtlasSpec(clusters=7))
    groups = np.repeat([0, 1, 2], [90, 5, 5])
    for refit, _ in refitted(activations, fit.atlas, fit.codes, 0, groups, refits=3):
        assert len(np.unique(refit[:, 0])) <= 7


def test_regions_match_as_the_best_of_all_ways_to_name_them():
    generator = np.random.default_rng(0)
    for _ in range(10):
        codes, refitted = generator.integers(4, size=30), generator.integers(4, size=30)
        best = max(np.sum(np.array(names)[refitted] == codes) for names in permutations(range(4)))
        assert np.sum(matched(codes, refitted) == codes) == best


def test_regions_without_a_match_have_names_of_their_own():
    codes, refitted = np.array([5, 5, 5, 5, 9]), np.array([0, 0, 1, 2, 2])
    found = matched(codes, refitted)
    assert found[:2].tolist() == [5, 5]
    assert found[3] == found[4] == 9
    assert found[2] not in (5, 9)


def test_components_are_no_places_to_be_found_again():
    activations = clear()
    fit = fit_atlas(activations, AtlasSpec(kind="components", components=2))
    with pytest.raises(UsageError, match="components"):
        next(refit.codes for refit in refitted(activations, fit.atlas, np.zeros((80, 3), dtype=int), 0))


def test_refits_have_seeds_to_the_last():
    activations, last = clear(), 2**32 - 1
    fit = fit_atlas(activations, AtlasSpec(clusters=4, seed=last))
    assert len(list(refitted(activations, fit.atlas, fit.codes, last, refits=2))) == 2
