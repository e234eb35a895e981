"""Two maps of the same documents, by models of any shape: which layers and regions correspond, and by how much."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

SHUFFLES = 20
SAMPLE = 2_000  # documents for the alignment of activations, whose products are documents × documents


@dataclass(frozen=True)
class Matched:
    """Matched regions, (pairs,) each; within a pair of layers every region has one partner at most.

    Attributes:
        layer, other_layer: of the two regions.
        code, other_code: their codes.
        shared: documents that pass both.
        jaccard: shared over the documents that pass either.
        over_chance: Jaccard in excess of that of independent regions of these sizes, over its largest excess: 0 is
            chance, 1 the same documents.
    """

    layer: np.ndarray
    other_layer: np.ndarray
    code: np.ndarray
    other_code: np.ndarray
    shared: np.ndarray
    jaccard: np.ndarray
    over_chance: np.ndarray


@dataclass(frozen=True)
class Alignment:
    """How the layers of two maps correspond.

    Attributes:
        information: (layers, other layers) adjusted mutual information of their regions (Vinh, Epps and Bailey 2010).
        aligned: (layers,) the other map's layer: of the same number if both have equally many, else those in order that
            have most of it in all.
        agreement: (layers,) adjusted Rand index with that layer.
        floor: (layers,) the largest of it over shuffles of the documents.
    """

    information: np.ndarray
    aligned: np.ndarray
    agreement: np.ndarray
    floor: np.ndarray


def align(
    codes: np.ndarray, others: np.ndarray, seed: int = 0, advance: Callable[[], None] = lambda: None
) -> Alignment:
    """Aligns the layers of two maps.

    Args:
        codes, others: (documents, layers) regions in either; the numbers of layers may differ.
        seed: of the shuffles.
        advance: called after each layer of the first map.
    """
    from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

    random = np.random.default_rng(seed)
    information = np.empty((codes.shape[1], others.shape[1]))
    for layer, own in enumerate(codes.T):
        information[layer] = [adjusted_mutual_info_score(own, other) for other in others.T]
        advance()
    aligned = np.arange(len(information)) if codes.shape == others.shape else _in_order(information)
    pairs = [(own, others[:, partner]) for own, partner in zip(codes.T, aligned, strict=True)]
    agreement = np.array([adjusted_rand_score(own, other) for own, other in pairs])
    floor = [max(adjusted_rand_score(own, random.permutation(other)) for _ in range(SHUFFLES)) for own, other in pairs]
    return Alignment(information, aligned, agreement, np.array(floor))


def _in_order(information: np.ndarray) -> np.ndarray:
    """(layers,) partners that never go back, one after the other if there are enough, with most information in all.

    Dynamic time warping of one side (Sakoe and Chiba 1978): where the other map has as many layers or more, no two
    layers share a partner.
    """
    layers, others = information.shape
    step = 1 if others >= layers else 0
    best = np.full((layers, others), -np.inf)
    before = np.zeros((layers, others), dtype=np.int64)
    best[0] = information[0]
    for layer in range(1, layers):
        for partner in range(step, others):
            reach = best[layer - 1, : partner + 1 - step]
            before[layer, partner] = int(reach.argmax())
            best[layer, partner] = information[layer, partner] + reach.max()
    found = np.empty(layers, dtype=np.int64)
    found[-1] = int(best[-1].argmax())
    for layer in range(layers - 1, 0, -1):
        found[layer - 1] = before[layer, found[layer]]
    return found


def match_regions(codes: np.ndarray, others: np.ndarray, aligned: np.ndarray) -> Matched:
    """Matches regions one to one, so that matched ones share as many documents as possible (Kuhn 1955).

    Args:
        codes, others: (documents, layers) regions in either map.
        aligned: (layers,) the other map's layer of each.
    """
    from scipy.optimize import linear_sum_assignment

    parts: list[np.ndarray] = []
    for layer, other_layer in enumerate(aligned.tolist()):
        (old, first), (new, second) = (
            np.unique(own, return_inverse=True) for own in (codes[:, layer], others[:, other_layer])
        )
        shared = np.bincount(first * len(new) + second, minlength=len(old) * len(new)).reshape(len(old), len(new))
        ours, theirs = linear_sum_assignment(shared, maximize=True)
        there = shared[ours, theirs] > 0
        ours, theirs = ours[there], theirs[there]
        sizes, other_sizes = shared.sum(axis=1)[ours], shared.sum(axis=0)[theirs]
        both = shared[ours, theirs]
        jaccard = both / (sizes + other_sizes - both)
        expected = sizes * other_sizes / len(codes)
        chance = expected / (sizes + other_sizes - expected)
        most = np.minimum(sizes, other_sizes) / np.maximum(sizes, other_sizes)
        over = np.divide(jaccard - chance, most - chance, out=np.zeros(len(both)), where=most > chance)
        ends = (np.full(len(both), layer), np.full(len(both), other_layer), old[ours], new[theirs])
        parts.append(np.stack([*map(np.asarray, ends), both, jaccard, over]).astype(float))
    layer, other_layer, code, other_code, both, jaccard, over = np.concatenate(parts, axis=1)
    whole = np.stack([layer, other_layer, code, other_code, both]).astype(np.int64)
    return Matched(whole[0], whole[1], whole[2], whole[3], whole[4], jaccard, over)


def linear_cka(rows: np.ndarray, others: np.ndarray, seed: int = 0) -> float:
    """Linear centred kernel alignment of two layers, 0 to 1 (Kornblith et al. 2019), on a sample of the documents.

    Args:
        rows, others: (documents, width) activations of the same documents; the widths may differ.
        seed: of the sample of 2,000 documents, if there are more.
    """
    chosen = np.arange(len(rows))
    if len(rows) > SAMPLE:
        chosen = np.sort(np.random.default_rng(seed).choice(len(rows), SAMPLE, replace=False))
    first, second = (_kernel(np.asarray(own[chosen], dtype=np.float64)) for own in (rows, others))
    norm = np.sqrt(np.sum(first**2) * np.sum(second**2))
    return float(np.sum(first * second) / norm) if norm > 0 else 0.0


def _kernel(rows: np.ndarray) -> np.ndarray:
    centred = rows - rows.mean(axis=0)
    products: np.ndarray = centred @ centred.T
    return products
