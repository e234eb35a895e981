"""Reducers against scikit-learn, umap-learn and the singular value decomposition."""

import importlib.util
import warnings

import numpy as np
import pytest
from sklearn.decomposition import PCA, TruncatedSVD
from threadpoolctl import threadpool_limits

from mri_core.atlas.fitting import explained, fit_atlas, place, scores
from mri_core.atlas.reducers import REDUCERS
from mri_core.atlas.reducers.axes import leading_axes
from mri_core.atlas.reducers.linear import Linear
from mri_core.atlas.reducers.protocol import signs
from mri_core.atlas.reducers.umap_reducer import Umap, memberships, positions_of
from mri_core.atlas.standardise import Columns, fit_standard
from mri_core.errors import MriError, UsageError
from mri_core.evidence.refits import refitted
from mri_core.records.arrays import Activations, AtlasSpec
from tests.mri_core.evidence.test_refits import clear

AS_THEY_ARE = Columns(centred=False, scaled=False)


def uneven(documents: int, width: int, seed: int = 0) -> np.ndarray:
    """Rows off the origin whose columns have different spreads."""
    rows = np.random.default_rng(seed).normal(size=(documents, width)) * np.linspace(3, 1, width)
    return rows + np.linspace(-4, 9, width)


def grouped(documents: int = 90, width: int = 12, seed: int = 0) -> np.ndarray:
    """Three well separated groups."""
    generator = np.random.default_rng(seed)
    return generator.normal(size=(3, width))[np.arange(documents) % 3] * 9 + generator.normal(size=(documents, width))


def turned(expected: np.ndarray) -> np.ndarray:
    """Another library's scores, of either sign, by the sign rule."""
    return expected * np.where(-expected.min(axis=0) > expected.max(axis=0), -1, 1)


# --- linear --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("documents", "width"), [(40, 6), (6, 40), (2500, 8)])
def test_principal_components_are_those_of_scikit_learn(documents, width):
    rows = uneven(documents, width)
    layer, found = Linear().fit(fit_standard(rows, None, AS_THEY_ARE), 4, seed=0)
    theirs = PCA(4, svd_solver="full")
    assert found == pytest.approx(turned(theirs.fit_transform(rows)), abs=1e-4)
    assert layer.explained_variance == pytest.approx(theirs.explained_variance_ratio_)


@pytest.mark.parametrize(("documents", "width"), [(40, 6), (6, 40), (2500, 8)])
def test_truncated_svd_is_that_of_scikit_learn(documents, width):
    rows = uneven(documents, width)
    layer, found = Linear(about_zero=True).fit(fit_standard(rows, None, AS_THEY_ARE), 4, seed=0)
    theirs = TruncatedSVD(4, algorithm="arpack", random_state=0)
    assert found == pytest.approx(turned(theirs.fit_transform(rows)), abs=1e-4)
    assert layer.explained_variance == pytest.approx(theirs.explained_variance_ratio_, abs=1e-9)
    assert layer.components == pytest.approx(
        theirs.components_ * np.sign((theirs.components_ * layer.components).sum(axis=1, keepdims=True)), abs=1e-8
    )


@pytest.mark.parametrize("scaled", [True, False])
def test_of_centred_rows_svd_and_principal_components_are_the_same(scaled):
    rows = fit_standard(uneven(60, 7), None, Columns(centred=True, scaled=scaled))
    both = [REDUCERS[name].fit(rows, 3, seed=0) for name in ("pca", "svd")]
    assert (both[0][1] == both[1][1]).all()


def test_svd_of_columns_that_are_scaled_but_not_centred_keeps_their_means_on_that_scale():
    rows = uneven(60, 7)
    layer, found = REDUCERS["svd"].fit(fit_standard(rows, None, Columns(centred=False, scaled=True)), 3, seed=0)
    theirs = TruncatedSVD(3, algorithm="arpack", random_state=0).fit(rows / rows.std(axis=0))
    assert found == pytest.approx(turned(theirs.transform(rows / rows.std(axis=0))), abs=1e-4)
    assert layer.explained_variance == pytest.approx(theirs.explained_variance_ratio_, abs=1e-9)


def test_svd_of_adjusted_rows_keeps_their_mean_and_leaves_length_out():
    tokens = np.random.default_rng(1).integers(5, 90, 50)
    rows = uneven(50, 6) + 20 / tokens[:, None]
    layer, found = Linear(about_zero=True).fit(fit_standard(rows, tokens, AS_THEY_ARE), 6, seed=0)
    terms = np.stack([np.ones(50), 1 / tokens, np.log(tokens), tokens], axis=1)
    adjusted = rows - terms @ np.linalg.lstsq(terms, rows, rcond=None)[0] + rows.mean(axis=0)
    left, sizes, _ = np.linalg.svd(adjusted, full_matrices=False)
    assert found == pytest.approx(turned(left * sizes), abs=1e-4)
    assert Linear(about_zero=True).transform(layer, rows[::-1], tokens[::-1]) == pytest.approx(found[::-1], abs=1e-5)


def test_a_constant_layer_about_zero_is_one_axis_and_the_middle_cell():
    rows = np.tile(np.random.default_rng(0).normal(size=(1, 9)), (1500, 1))
    layer, found = Linear(about_zero=True).fit(fit_standard(rows, None, AS_THEY_ARE), 2, seed=0)
    assert found[:, 0] == pytest.approx(np.linalg.norm(rows[0]))
    assert layer.explained_variance.tolist() == [0, 0]
    fit = fit_atlas(Activations((rows, rows)), AtlasSpec("grid", reducer="svd", standardize=False, resolution=10))
    assert set(fit.codes[:, 0]) == {44}


def test_axes_beyond_the_rows_rank_are_zero():
    rows = fit_standard(np.outer(np.arange(5) - 2.0, [1.0, 2.0, 3.0]), None, AS_THEY_ARE)
    axes = leading_axes(rows, 3)
    assert (axes.components[1:] == 0).all()
    assert axes.explained_variance == pytest.approx([1, 0, 0])
    assert (leading_axes(fit_standard(np.zeros((4, 3)), None), 2).components == 0).all()


# --- the sign rule -------------------------------------------------------------------------------------------------


def test_the_document_score_of_greatest_magnitude_becomes_positive_on_every_axis():
    for seed in range(10):
        rows = uneven(20, 5, seed) - 3
        kept = rows * signs(rows)
        assert (kept[np.abs(rows).argmax(axis=0), range(5)] > 0).all()
        assert (np.abs(kept) == np.abs(rows)).all()


def test_an_axis_on_which_all_scores_are_zero_keeps_them():
    assert signs(np.zeros((3, 2))).tolist() == [1, 1]


@pytest.mark.parametrize(
    "reducer", [pytest.param(name, marks=[pytest.mark.compiles] * (name == "umap")) for name in REDUCERS]
)
@pytest.mark.parametrize("kind", ["grid", "components"])
def test_every_reducer_and_kind_keeps_the_sign_rule_and_places_its_documents_again(reducer, kind):
    activations = Activations((grouped(seed=1), grouped(seed=2)), np.random.default_rng(0).integers(5, 80, 90))
    fit = fit_atlas(activations, AtlasSpec(kind, reducer=reducer, components=3 if kind == "components" else None))
    for found in (again := scores(fit.atlas, activations)):
        assert (found[np.abs(found).argmax(axis=0), range(found.shape[1])] > 0).all()
    if kind == "grid":
        assert (place(fit.atlas, activations) == fit.codes).all()
    else:
        assert np.stack(again, axis=1) == pytest.approx(fit.scores, abs=1e-5)


# --- UMAP ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fitted_umap():
    """Our fit, and umap-learn's own of the same coordinates."""
    umap = pytest.importorskip("umap")
    rows = grouped(120, 8)
    layer, found = Umap().fit(fit_standard(rows, None), 2, seed=3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = umap.UMAP(n_components=2, random_state=3, n_jobs=1).fit(layer.fitted)
    return rows, layer, found, theirs


@pytest.mark.compiles
def test_umap_is_that_of_umap_learn_but_for_the_sign(fitted_umap):
    _, _, found, theirs = fitted_umap
    assert found == pytest.approx(turned(theirs.embedding_), abs=1e-5)


@pytest.mark.compiles
def test_a_later_text_is_put_where_umap_starts_it_from_and_near_where_umap_leaves_it(fitted_umap):
    from umap.umap_ import init_graph_transform

    _, layer, _, theirs = fitted_umap
    new = grouped(60, 8, seed=0)[30:] + np.random.default_rng(9).normal(size=(30, 8)) / 2
    coordinates = Linear().transform(layer, new, None)
    sign = signs(theirs.embedding_)
    ours = positions_of(coordinates, layer.fitted, layer.positions)
    left = theirs.transform(coordinates) * sign
    theirs.transform_mode = "graph"
    start = init_graph_transform(theirs.transform(coordinates).tocsr(), theirs.embedding_) * sign
    theirs.transform_mode = "embedding"
    assert ours == pytest.approx(start, abs=2e-3)
    spread = np.linalg.norm(theirs.embedding_.std(axis=0))
    assert np.median(np.linalg.norm(ours - left, axis=1)) < 0.1 * spread


@pytest.mark.compiles
def test_a_fitted_document_keeps_its_position_whatever_is_placed_beside_it(fitted_umap):
    rows, layer, found, _ = fitted_umap
    assert (Umap().transform(layer, rows, None) == found).all()
    alone = np.concatenate([Umap().transform(layer, rows[i : i + 1], None) for i in range(0, 120, 7)])
    assert alone == pytest.approx(found[::7], abs=1e-6)
    far = Umap().transform(layer, rows[:1] * 1e6, None)
    assert (far >= layer.positions.min(axis=0)).all()
    assert (far <= layer.positions.max(axis=0)).all()


def test_memberships_add_up_to_the_logarithm_of_the_neighbours():
    distances = np.sort(np.random.default_rng(0).random((20, 15)), axis=1)
    strengths = memberships(distances)
    assert (strengths[:, 0] == 1).all()
    scale = (distances[:, 1] - distances[:, 0]) / -np.log(strengths[:, 1])
    assert np.exp(-distances[:, 1:] / scale[:, None]).sum(axis=1) == pytest.approx(np.log2(15))


@pytest.mark.compiles
def test_equal_rows_share_a_position_and_equal_layers_are_one_cell():
    pytest.importorskip("umap")
    rows = np.concatenate([grouped(), grouped()[:40]])
    fit = fit_atlas(Activations((np.ones((130, 4)), rows)), AtlasSpec("grid", reducer="umap"))
    assert (fit.codes[:40] == fit.codes[90:]).all()
    assert set(fit.codes[:, 0]) == {44}
    assert explained(fit.atlas, 1) is None


@pytest.mark.compiles
def test_umap_follows_its_seed_whatever_the_threads():
    pytest.importorskip("umap")
    activations = Activations((grouped(200, 40), grouped(200, 40, seed=5)))
    fits = []
    for threads, seed in ((1, 0), (2, 0), (1, 1)):
        with threadpool_limits(threads):
            spec = AtlasSpec("components", reducer="umap", components=2, seed=seed)
            fits.append(fit_atlas(activations, spec).scores)
    assert (fits[0] == fits[1]).all()
    assert (fits[0] != fits[2]).any()


@pytest.mark.compiles
@pytest.mark.parametrize("documents", [2, 3])
def test_too_few_documents_for_umap_are_an_error_that_names_the_layer(documents):
    pytest.importorskip("umap")
    rows = uneven(documents, 5)
    spec = AtlasSpec("grid", reducer="umap")
    with pytest.raises(MriError, match=f"Layer 1: UMAP .* {documents} different rows"):
        fit_atlas(Activations((np.ones((documents, 5)), rows)), spec)


@pytest.mark.compiles
def test_positions_that_are_no_numbers_are_an_error_that_names_the_layer(monkeypatch):
    umap = pytest.importorskip("umap")
    lost = np.array([[0.0, 1.0]] * 89 + [[np.nan, 0.0]], dtype=np.float32)
    monkeypatch.setattr(umap.UMAP, "fit_transform", lambda self, rows: lost)  # what it gives where points are cut off
    with pytest.raises(MriError, match="Layer 0: UMAP finds no place for 1 of 90 different rows"):
        fit_atlas(Activations((grouped(),) * 2), AtlasSpec("grid", reducer="umap"))


@pytest.mark.compiles
def test_a_resample_of_all_documents_leaves_umap_none_to_place():
    pytest.importorskip("umap")
    activations = clear(40)
    fit = fit_atlas(activations, AtlasSpec("grid", reducer="umap", resolution=2))
    groups = np.arange(40) % 2  # each second resample has both
    refits = list(refitted(activations, fit.atlas, fit.codes, 1, groups, refits=6))
    assert any(refit.drawn.all() for refit in refits)


def test_without_umap_learn_one_line_tells_how_to_install_it(monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        "mri_core.atlas.reducers.umap_reducer.find_spec", lambda name: None if name == "umap" else find(name)
    )
    with pytest.raises(UsageError, match=r"pip install 'llm-mri-graph\[umap\]'"):
        fit_atlas(Activations((grouped(),) * 2), AtlasSpec("grid", reducer="umap"))
