"""Quality of an atlas of clusters by layer: compactness, separation, and agreement with other fits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mri_core.atlas.fitting import scores
from mri_core.atlas.k_means import cluster_means, first_centres, nearest_centre, own_distances
from mri_core.numbers import finite
from mri_core.records.arrays import SEEDS, Activations, Atlas
from mri_core.records.measures import INERTIA, QUALITY, REFITTED, SILHOUETTE, STRAIGHTNESS, UNCHAINED, Measure

SAMPLE = 2_000  # documents for the mean silhouette, which compares each with all others


@dataclass(frozen=True)
class Quality:
    """One value per layer, or per step from a layer to the next.

    Attributes:
        silhouette: (layers,) mean silhouette width, −1 to 1, of up to 2,000 documents; NaN if there is one region.
        inertia: (layers,) sum of squared distances from the centres, over that of the independent fit if this is less.
        unchained: (layers,) adjusted Rand index with an independent k-means in the layer.
        straight: (steps,) adjusted Rand index of neighbouring layers' regions.
        straight_unchained: (steps,) the same for the independent fits.
    """

    silhouette: np.ndarray
    inertia: np.ndarray
    unchained: np.ndarray
    straight: np.ndarray
    straight_unchained: np.ndarray


def atlas_quality(
    activations: Activations,
    atlas: Atlas,
    codes: np.ndarray,
    independent: np.ndarray | None = None,
    advance: Callable[[], None] = lambda: None,
) -> Quality:
    """The quality of an atlas of clusters, given the documents that it was fitted to.

    Silhouette widths are Rousseeuw's (1987), the agreement of two partitions is Hubert and Arabie's (1985) adjusted
    Rand index: 1 if they are equal, 0 if they agree as by chance. The independent fits are the best of ten k-means
    (`k_means.first_centres`) with another seed than the atlas', the same in all layers: equal layers then have equal
    fits.

    Args:
        activations: that the atlas was fitted to.
        atlas: of clusters.
        codes: (documents, layers) of all documents in it.
        independent: (documents, layers) result of `started_anew`, if known.
        advance: called after each layer.
    """
    others = started_anew(activations, atlas) if independent is None else independent
    seed = _other_seed(atlas)
    silhouettes, inertia = [], []
    for index, reduced in enumerate(_reduced(activations, atlas)):
        count = len(np.asarray(atlas.layers[index].centres))
        own, other = (_inertia(reduced, fit[:, index], count) for fit in (codes, others))
        inertia.append(own / min(own, other) if min(own, other) > 0 else 1.0)
        silhouettes.append(_silhouette(reduced, codes[:, index], seed))
        advance()
    return Quality(np.array(silhouettes), np.array(inertia), agreements(codes, others), _steps(codes), _steps(others))


def started_anew(activations: Activations, atlas: Atlas) -> np.ndarray:
    """(documents, layers) regions of an independent k-means in each layer, with as many clusters as the atlas."""
    seed, found = _other_seed(atlas), []
    for layer, reduced in zip(atlas.layers, _reduced(activations, atlas), strict=True):
        found.append(nearest_centre(reduced, first_centres(reduced, len(np.asarray(layer.centres)), seed)))
    return np.stack(found, axis=1)


def _reduced(activations: Activations, atlas: Atlas) -> Iterator[np.ndarray]:
    """The documents in the space of each layer, a layer at a time."""
    for layer, rows in zip(atlas.layers, activations.layers, strict=True):
        yield scores(replace(atlas, layers=(layer,)), replace(activations, layers=(rows,)))[0]


def _inertia(reduced: np.ndarray, codes: np.ndarray, count: int) -> float:
    return float(np.square(own_distances(reduced, codes, cluster_means(reduced, codes, count))).sum())


def _other_seed(atlas: Atlas) -> int:
    return (atlas.spec.seed + 1) % SEEDS


def agreements(codes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """(layers,) adjusted Rand index of two maps (documents, layers) in each layer."""
    from sklearn.metrics import adjusted_rand_score

    return np.array([adjusted_rand_score(*pair) for pair in zip(codes.T, others.T, strict=True)])


def quality_measures(
    found: Quality | None, refits: Sequence[np.ndarray], moved: Sequence[np.ndarray] = ()
) -> list[Measure]:
    """The `atlas_quality` of each layer; of a step by its first layer.

    Args:
        found: None for an atlas without clusters.
        refits: for each refit its agreement with the atlas (layers,); one at least.
        moved: for each the share of documents (layers,) that it places in another region than that matched to theirs.
    """
    several = np.stack(refits)
    shares = [{"moved": share} for share in np.mean(moved, axis=0).tolist()] if moved else [{}] * several.shape[1]
    measures = [
        Measure(
            QUALITY,
            float(own.mean()),
            layer,
            other=REFITTED,
            ci_low=float(own.min()),
            ci_high=float(own.max()),
            details={"refits": len(several), **shares[layer]},
        )
        for layer, own in enumerate(several.T)
    ]
    if found is None:
        return measures
    for name, values in ((SILHOUETTE, found.silhouette), (INERTIA, found.inertia), (UNCHAINED, found.unchained)):
        measures += [_measure(name, layer, value) for layer, value in enumerate(values.tolist())]
    steps = zip(found.straight.tolist(), found.straight_unchained.tolist(), strict=True)
    return measures + [
        Measure(QUALITY, straight, layer, other=STRAIGHTNESS, details={UNCHAINED: free})
        for layer, (straight, free) in enumerate(steps)
    ]


def _measure(name: str, layer: int, value: float) -> Measure:
    details = {} if np.isfinite(value) else {"undefined": "there is one region only"}
    return Measure(QUALITY, finite(value), layer, other=name, details=details)


def _steps(codes: np.ndarray) -> np.ndarray:
    return agreements(codes[:, :-1], codes[:, 1:])


def _silhouette(reduced: np.ndarray, codes: np.ndarray, seed: int) -> float:
    from sklearn.metrics import silhouette_score

    chosen = np.arange(len(codes))
    if len(codes) > SAMPLE:
        chosen = np.random.default_rng(seed).choice(len(codes), SAMPLE, replace=False)
    regions = len(np.unique(codes[chosen]))
    if not 2 <= regions < len(chosen):
        return float("nan")
    return float(silhouette_score(reduced[chosen], codes[chosen]))
