"""How components move together, against SciPy and planted truths."""

import numpy as np
import pytest
from scipy.stats import spearmanr
from threadpoolctl import threadpool_limits

from mri_core.atlas.fitting import fit_atlas
from mri_core.connectome.correlations import build_correlations, spearman
from mri_core.connectome.regions import describe_layers, describe_regions
from mri_core.errors import UsageError
from mri_core.records.arrays import Activations, AtlasSpec
from mri_core.texts.keywords import count_words


def drawn(documents=60, layers=3, components=4, seed=0):
    generator = np.random.default_rng(seed)
    shared = generator.normal(size=(documents, 1, components))
    return (shared + generator.normal(size=(documents, layers, components))).astype(np.float32)


def weights(connectome):
    flows = connectome.flows
    ends = zip(flows.source.tolist(), flows.target.tolist(), flows.category.tolist(), strict=True)
    return dict(zip(ends, flows.weight.tolist(), strict=True))


@pytest.mark.parametrize("ties", [False, True])
def test_rho_is_that_of_scipy(ties):
    left, right = drawn(40)[:, 0], drawn(40, seed=1)[:, 1]
    if ties:
        left, right = np.round(left), np.round(right)
    expected = [[spearmanr(a, b).statistic for b in right.T] for a in left.T]
    assert spearman(left, right) == pytest.approx(np.array(expected), abs=1e-12)


def test_connections_are_what_scipy_finds_above_the_threshold_in_each_category_with_its_sign():
    scores, categories = drawn(90), np.arange(90) % 3
    scores[categories == 1, 2] *= -1
    found = build_correlations(scores, categories, 3, threshold=0.25)
    expected = {}
    for category in range(3):
        inside = scores[categories == category]
        for layer, a, b in np.ndindex(2, 4, 4):
            rho = spearmanr(inside[:, layer, a], inside[:, layer + 1, b]).statistic
            if abs(rho) > 0.25:
                expected[layer * 4 + a, (layer + 1) * 4 + b, category] = rho
    assert weights(found.connectome) == pytest.approx(expected)
    assert min(expected.values()) < -0.25
    assert list(weights(found.connectome)) == sorted(expected)
    assert found.small == found.undefined == ()


def test_a_study_of_components_has_all_components_and_no_documents_in_them():
    connectome = build_correlations(drawn(), np.arange(60) % 2, 2, 0.3).connectome
    assert connectome.region_layer.tolist() == [0] * 4 + [1] * 4 + [2] * 4
    assert connectome.region_code.tolist() == [0, 1, 2, 3] * 3
    assert connectome.region_documents is connectome.flows.share is connectome.flows.lift is None
    assert connectome.placement.shape == (60, 0)
    assert len(connectome.activity.region) == 0
    assert connectome.category_documents.tolist() == [30, 30]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_category_of_fewer_than_four_documents_has_no_connections_and_is_named(size):
    found = build_correlations(drawn(), (np.arange(60) < size).astype(int), 2, threshold=0.0)
    assert found.small == (1,)
    assert set(found.connectome.flows.category) == {0}
    assert found.undefined == ()


def test_where_components_are_constant_over_a_category_there_is_no_rho_and_it_is_told():
    scores, categories = drawn(), np.arange(60) % 2
    scores[categories == 1, 1] = 7 + 1e-7  # of float32's size 4.8e-7 at 7
    scores[0, 1] = 9
    found = build_correlations(scores, categories, 2, threshold=0.0)
    assert found.undefined == ((1, 1, 4),)
    assert set(found.connectome.flows.category) == {0}
    assert np.isfinite(found.connectome.flows.weight).all()


def test_the_rounding_noise_of_a_constant_layer_is_no_rank():
    scores = drawn()
    scores[:, 0] = 50 + np.random.default_rng(0).choice([0, 4e-6], size=(60, 4))
    found = build_correlations(scores, np.arange(60) % 2, 2, threshold=0.0)
    assert found.undefined == ((0, 0, 4), (0, 1, 4))
    assert found.connectome.flows.source.min() == 4


def test_with_nothing_above_the_threshold_there_are_no_connections():
    found = build_correlations(drawn(), np.arange(60) % 2, 2, threshold=0.999)
    assert len(found.connectome.flows.weight) == 0


def planted_axes(documents=80, width=9, seed=0):
    """Two layers that turn the same three directions, of which the second layer takes the second one's negative."""
    generator = np.random.default_rng(seed)
    hidden = generator.normal(size=(documents, 3)) * [9, 3, 1]
    turns = [np.linalg.qr(generator.normal(size=(width, width)))[0][:3] for _ in range(2)]
    return hidden, Activations((hidden @ turns[0], (hidden * [1, -1, 1]) @ turns[1]))


def test_planted_directions_are_found_again_in_the_next_layer():
    hidden, activations = planted_axes()
    fit = fit_atlas(activations, AtlasSpec("components", components=3, standardize=False))
    found = build_correlations(fit.scores, np.arange(80) % 2, 2, threshold=0.9)
    assert set(weights(found.connectome)) == {(i, 3 + i, c) for i in range(3) for c in range(2)}
    assert np.abs(found.connectome.flows.weight) == pytest.approx(np.ones(6), abs=0.02)
    for component in range(3):
        assert abs(spearmanr(fit.scores[:, 0, component], hidden[:, component]).statistic) > 0.97


def test_components_are_told_by_the_documents_that_score_highest_on_them():
    _, activations = planted_axes()
    fit = fit_atlas(activations, AtlasSpec("components", components=3, standardize=False))
    highest = np.argsort(-fit.scores[:, 0, 0])[:8]
    texts = ["alpha beta" if i in highest else f"gamma delta{i % 3}" for i in range(80)]
    connectome = build_correlations(fit.scores, np.arange(80) % 2, 2, 0.3).connectome
    regions = describe_regions(fit, connectome, ["a", "b"], count_words(texts))
    assert [(r.layer, r.name, r.x) for r in regions] == [(i // 3, str(i % 3), float(i % 3)) for i in range(6)]
    assert regions[0].exemplars == tuple(highest[:5].tolist())
    assert set(regions[0].keywords) == {"alpha", "beta"}
    assert {(r.documents, r.entropy, r.dominant_category) for r in regions} == {(None, None, None)}
    layers = describe_layers(fit, connectome, ["embedding", "block 1"])
    assert [(layer.regions, layer.documents) for layer in layers] == [(3, 80), (3, 80)]
    assert sum(r.y for r in regions[:3]) == pytest.approx(layers[0].explained_variance) == pytest.approx(1)


def test_a_constant_layer_has_components_without_words_and_exemplars():
    _, activations = planted_axes()
    fit = fit_atlas(Activations((np.ones((80, 9)), activations.layers[1])), AtlasSpec("components", components=2))
    found = build_correlations(fit.scores, np.arange(80) % 2, 2, 0.0)
    assert found.undefined == ((0, 0, 2), (0, 1, 2))
    assert len(found.connectome.flows.weight) == 0
    regions = describe_regions(fit, found.connectome, ["a", "b"], count_words(["one two", "one two"] * 40))
    assert [r.exemplars for r in regions[:2]] == [r.keywords for r in regions[:2]] == [(), ()]
    assert regions[0].y == 0


def test_components_do_not_depend_on_the_number_of_threads():
    rows = tuple(np.random.default_rng(layer).normal(size=(2500, 20)) for layer in range(2))
    found = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            fit = fit_atlas(Activations(rows), AtlasSpec("components", components=5))
            found.append(build_correlations(fit.scores, np.arange(2500) % 2, 2, 0.02).connectome)
    assert weights(found[0]) == pytest.approx(weights(found[1]), abs=1e-6)
    assert len(weights(found[0])) > 0


@pytest.mark.parametrize(
    ("spec", "fact"),
    [
        (AtlasSpec("components", components=0), "--components is 0"),
        (AtlasSpec("components", components=21), "21, and it is fitted to 20 documents in every layer"),
        (AtlasSpec("components", components=9), "9 and layer 1 is 8 wide"),
        (AtlasSpec("components"), "10 and layer 1 is 8 wide"),
        (AtlasSpec("components", threshold=1.0), "--threshold is 1.0"),
        (AtlasSpec("components", threshold=-0.1), "--threshold is -0.1"),
        (AtlasSpec("components", threshold=float("nan")), "--threshold is nan"),
        (AtlasSpec("clusters", reducer="svd"), "--reducer is svd"),
        (AtlasSpec("components", reducer="tsne"), "There are: pca, svd, umap"),
    ],
)
def test_components_that_cannot_be_are_refused_with_the_fact(spec, fact):
    with pytest.raises(UsageError, match=fact):
        fit_atlas(Activations((np.ones((20, 12)), np.ones((20, 8)))), spec)


def test_a_document_has_scores_on_components_and_no_place():
    from mri_core.atlas.fitting import place, scores

    _, activations = planted_axes()
    fit = fit_atlas(activations, AtlasSpec("components", components=3))
    later = Activations(tuple(rows[5:9] for rows in activations.layers))
    assert np.stack(scores(fit.atlas, later), axis=1) == pytest.approx(fit.scores[5:9], abs=1e-5)
    with pytest.raises(UsageError, match="This atlas is of components"):
        place(fit.atlas, later)
