"""From activations to regions: planted clusters, the chain, the grid, and later texts."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from mri_core.atlas.fitting import fit_atlas, place, region_name, region_position
from mri_core.atlas.kinds.clusters import cluster_count
from mri_core.errors import UsageError
from mri_core.records.arrays import Activations, AtlasSpec
from mri_core.statistics import correlation_ratio


def planted(documents=120, layers=3, width=12, groups=6, seed=0):
    """Well separated groups, each layer in a space of its own; the truth is the group of each document."""
    generator = np.random.default_rng(seed)
    truth = generator.choice(groups, size=documents, p=np.arange(groups, 0, -1) / sum(range(groups + 1)))
    rows = []
    for _ in range(layers):
        centres = generator.normal(size=(groups, width)) * 8
        rows.append((centres[truth] + generator.normal(size=(documents, width))).astype(np.float32))
    return rows, truth


def test_planted_groups_are_found_in_every_layer_and_keep_their_number():
    rows, truth = planted()
    codes = fit_atlas(Activations(tuple(rows)), AtlasSpec(clusters=6)).codes
    assert all(adjusted_rand_score(truth, codes[:, layer]) == 1 for layer in range(3))
    assert (codes == codes[:, :1]).all()


def test_clusters_of_the_first_layer_are_numbered_by_falling_size():
    rows, _ = planted()
    sizes = np.bincount(fit_atlas(Activations(tuple(rows)), AtlasSpec(clusters=6)).codes[:, 0])
    assert (np.diff(sizes) <= 0).all()


def test_a_document_that_changes_its_group_changes_its_region_and_no_other_does():
    rows, truth = planted()
    mover, host = int(np.flatnonzero(truth == 0)[0]), int(np.flatnonzero(truth == 1)[0])
    rows[2][mover] = rows[2][host]
    codes = fit_atlas(Activations(tuple(rows)), AtlasSpec(clusters=6)).codes
    assert codes[mover, 2] == codes[host, 1]
    assert np.flatnonzero(codes[:, 1] != codes[:, 2]).tolist() == [mover]


@pytest.mark.parametrize(
    "spec", [AtlasSpec(), AtlasSpec(clusters=9), AtlasSpec("grid"), AtlasSpec("grid", resolution=3)]
)
def test_documents_of_the_fit_are_placed_where_the_fit_put_them(spec):
    rows, _ = planted()
    activations = Activations(tuple(rows), np.random.default_rng(1).integers(5, 80, 120))
    fit = fit_atlas(activations, spec)
    assert (place(fit.atlas, activations) == fit.codes).all()


@pytest.mark.parametrize("kind", ["clusters", "grid"])
def test_regions_do_not_depend_on_the_number_of_threads(kind):
    rows = [np.random.default_rng(layer).normal(size=(3000, 20)).astype(np.float32) for layer in range(3)]
    fits = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            fits.append(fit_atlas(Activations(tuple(rows)), AtlasSpec(kind)).codes)
    assert (fits[0] == fits[1]).all()


def test_another_seed_may_number_otherwise_and_the_same_seed_never_does():
    rows = [np.random.default_rng(3).normal(size=(200, 8))] * 2
    fits = [fit_atlas(Activations(tuple(rows)), AtlasSpec(seed=seed)).codes for seed in (1, 1, 2)]
    assert (fits[0] == fits[1]).all()
    assert (fits[0] != fits[2]).any()


def test_an_emptied_region_takes_the_document_farthest_from_its_centre():
    first = np.array([[0.0, 0], [0, 0], [9, 9], [9, 9], [-9, 9], [-9, 9]])
    second = np.array([[0.0, 0], [0.1, 0], [0, 0.1], [0.1, 0.1], [30, 30], [0, 0]])
    fit = fit_atlas(Activations((first[[0] * 6], first, second)), AtlasSpec(clusters=3, length_adjust=False))
    assert len(set(fit.codes[:, 1])) == 3  # layer 0 has one region only
    assert (fit.codes[:, 2] == fit.codes[4, 2]).sum() == 1


def test_rows_that_are_all_equal_are_one_region_and_the_middle_cell_of_a_grid():
    rows = (np.ones((30, 4)), np.random.default_rng(0).normal(size=(30, 4)))
    assert set(fit_atlas(Activations(rows), AtlasSpec("clusters")).codes[:, 0]) == {0}
    grid = fit_atlas(Activations(rows), AtlasSpec("grid", resolution=10))
    assert {region_name(grid.atlas.spec, c) for c in grid.codes[:, 0]} == {"4-4"}


def test_an_axis_without_variance_falls_in_the_middle_cell_whatever_the_rounding_noise():
    line = np.random.default_rng(0).normal(size=(40, 1)) @ np.array([[1.0, -2.0, 0.5]]) + 100
    fit = fit_atlas(Activations((line, line)), AtlasSpec("grid", resolution=7))
    assert set(fit.codes[:, 0] % 7) == {3}


def test_later_texts_outside_the_fitted_range_go_to_the_outermost_bin():
    rows = np.random.default_rng(0).normal(size=(50, 3))
    fit = fit_atlas(Activations((rows, rows)), AtlasSpec("grid", resolution=5))
    axes = fit.atlas.layers[0].components * fit.atlas.layers[0].scale
    far = Activations((100 * axes[:1] + fit.atlas.layers[0].mean,) * 2)
    assert region_name(fit.atlas.spec, int(place(fit.atlas, far)[0, 0])).startswith("4-")


def test_length_is_taken_out_of_the_regions_and_kept_where_adjusting_is_off():
    generator = np.random.default_rng(0)
    tokens = generator.integers(5, 100, size=400)
    rows = generator.normal(size=(400, 10)) + 6 * np.outer(1 / tokens, generator.normal(size=10) * 10)
    activations = Activations((rows, rows), tokens)
    explained = [
        correlation_ratio(1 / tokens, fit_atlas(activations, AtlasSpec(length_adjust=adjust)).codes[:, 0])
        for adjust in (True, False)
    ]
    assert explained[0] < 0.08 < 0.5 < explained[1]


def test_too_few_documents_are_not_adjusted_for_length():
    rows = np.random.default_rng(0).normal(size=(19, 5))
    fit = fit_atlas(Activations((rows, rows), np.arange(1, 20)), AtlasSpec())
    assert fit.atlas.layers[0].length_coefficients is None


@pytest.mark.parametrize(("documents", "expected"), [(4, 4), (30, 6), (163, 6), (300, 9), (1200, 17), (100_000, 24)])
def test_automatic_clusters_are_half_the_square_root_of_the_documents_between_6_and_24(documents, expected):
    assert cluster_count(AtlasSpec(), documents) == expected


@pytest.mark.parametrize(
    ("spec", "fact"),
    [
        (AtlasSpec("grid", resolution=0), "--resolution is 0"),
        (AtlasSpec("grid", resolution=2_000_000_000), "--resolution is 2000000000"),
        (AtlasSpec(clusters=0), "--clusters is 0"),
        (AtlasSpec(clusters=21), "it is fitted to 20 documents"),
        (AtlasSpec("grid", reducer="tsne"), "There are: pca, svd, umap"),
    ],
)
def test_an_atlas_that_cannot_be_is_refused_with_the_fact(spec, fact):
    with pytest.raises(UsageError, match=fact):
        fit_atlas(Activations((np.ones((20, 2)), np.ones((20, 2)))), spec)


def test_nearest_are_the_members_nearest_to_their_mean():
    rows, _ = planted()
    fit = fit_atlas(Activations(tuple(rows)), AtlasSpec(clusters=6))
    for code, nearest in fit.nearest[0].items():
        layer = fit.atlas.layers[0]
        members = np.flatnonzero(fit.codes[:, 0] == code)
        reduced = ((rows[0][members] - layer.mean) / layer.scale) @ layer.components.T
        order = np.linalg.norm(reduced - reduced.mean(axis=0), axis=1).argsort()
        assert nearest == tuple(members[order[:25]])


def test_a_clusters_position_is_its_centre_and_a_cells_its_column_and_row():
    rows, _ = planted()
    clusters = fit_atlas(Activations(tuple(rows)), AtlasSpec(clusters=6)).atlas
    assert region_position(clusters, 1, 2) == pytest.approx(tuple(clusters.layers[1].centres[2, :2]))
    grid = fit_atlas(Activations(tuple(rows)), AtlasSpec("grid", resolution=4)).atlas
    assert region_position(grid, 0, 4 * 3 + 1) == (3.0, 1.0)
    assert region_name(grid.spec, 4 * 3 + 1) == "3-1"
