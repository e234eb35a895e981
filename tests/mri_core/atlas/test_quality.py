"""How good an atlas is said to be, where it is known: parted clusters, noise, a chain that holds documents."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_samples

from mri_core.atlas.fitting import fit_atlas
from mri_core.atlas.quality import Quality, agreements, atlas_quality, quality_measures
from mri_core.records.arrays import Activations, AtlasSpec
from mri_core.records.measures import Measure

SPEC = AtlasSpec("clusters", clusters=4, length_adjust=False, standardize=False)


def of(*layers: np.ndarray) -> Quality:
    activations = Activations(tuple(rows.astype(np.float32) for rows in layers))
    fit = fit_atlas(activations, SPEC)
    return atlas_quality(activations, fit.atlas, fit.codes)


def parted(seed: int, documents: int = 120) -> np.ndarray:
    """Four clusters far from one another, in six dimensions."""
    generator = np.random.default_rng(seed)
    return generator.normal(size=(documents, 6)) + 40 * np.eye(6)[np.arange(documents) % 4]


def test_parted_clusters_are_tight_parted_and_found_by_every_fit() -> None:
    found = of(parted(0), parted(1))
    assert found.silhouette == pytest.approx([0.94, 0.94], abs=0.02)
    assert found.inertia == pytest.approx([1, 1])
    assert found.unchained == pytest.approx([1, 1])
    assert found.straight == found.straight_unchained == pytest.approx([1])


def test_noise_is_neither_parted_nor_found_again() -> None:
    rows = np.random.default_rng(0).normal(size=(2, 200, 20))
    found = of(*rows)
    assert (found.silhouette < 0.1).all()
    assert (found.unchained < 0.6).all()
    assert (found.inertia >= 1).all()


def test_the_chain_holds_documents_where_fits_started_anew_part_them() -> None:
    """The second layer is the first and a little noise: k-means comes to rest where it starts."""
    generator = np.random.default_rng(3)
    first = generator.normal(size=(300, 20))
    found = of(first, first + 0.05 * generator.normal(size=first.shape))
    assert found.straight[0] > 0.9
    assert found.straight_unchained[0] < found.straight[0] - 0.1


def test_inertia_and_silhouette_are_those_of_scikit_learn() -> None:
    rows = np.random.default_rng(5).normal(size=(90, 5)).astype(np.float32)
    activations = Activations((rows, rows))
    fit = fit_atlas(activations, SPEC)
    found = atlas_quality(activations, fit.atlas, fit.codes)
    best = KMeans(4, n_init=200, random_state=0).fit(rows).inertia_
    own = sum(np.square(rows[fit.codes[:, 0] == c] - rows[fit.codes[:, 0] == c].mean(axis=0)).sum() for c in range(4))
    assert 1 <= found.inertia[0] <= own / best + 1e-6
    assert found.silhouette[0] == pytest.approx(silhouette_samples(rows, fit.codes[:, 0]).mean(), abs=1e-5)


def test_one_region_alone_has_no_silhouette_and_that_is_said() -> None:
    found = of(np.ones((20, 3)), parted(2, 20)[:, :3])
    measures = {(m.other, m.layer): m for m in quality_measures(found, [np.ones(2)])}
    assert measures["silhouette", 0].value is None
    assert "one region" in measures["silhouette", 0].details["undefined"]


def test_refits_are_told_by_mean_and_range_and_steps_by_their_first_layer() -> None:
    codes = np.array([[0, 0], [0, 1], [1, 1], [1, 1]])
    assert agreements(codes, 1 - codes) == pytest.approx([1, 1])
    measures = quality_measures(None, [np.array([0.5, 1.0]), np.array([0.25, 0.0])])
    assert measures == [
        Measure("atlas_quality", 0.375, 0, other="refits", ci_low=0.25, ci_high=0.5, details={"refits": 2}),
        Measure("atlas_quality", 0.5, 1, other="refits", ci_low=0.0, ci_high=1.0, details={"refits": 2}),
    ]
    both = quality_measures(of(parted(0), parted(1)), [np.ones(2)])
    assert [(m.layer, m.details) for m in both if m.other == "straightness"] == [(0, {"unchained": 1.0})]
