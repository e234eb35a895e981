"""Directions along which a layer's states are pushed: a region's own, and controls of equal length.

A region's direction is the difference of two means, of rows in the region and of others (as in Marks and Tegmark
2024). Gaussian directions are easy to beat, for most of the space is unused: controls are other regions' directions,
draws from the covariance of the rows, differences of random groups, and the same groups' differences in other layers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeVar

import numpy as np

from mri_core.chunks import Rows, chunks

T = TypeVar("T")

FEWEST = 5  # documents of a group whose mean is a direction's end
PARALLEL = 0.7  # cosine with the direction itself above which another layer's is the same one, and no control
REGIONS_SHARE, LAYERS_SHARE = 1 / 3, 1 / 10  # of the controls, at most
OTHER_REGIONS, OTHER_LAYERS, COVARIANCE, SHUFFLED = "other regions", "other layers", "covariance", "random groups"


@dataclass(frozen=True)
class Push:
    """A change of the states at a text's own tokens.

    Attributes:
        direction: (width,) float32, what is added to each state, `strength` times.
        strength: 0 changes nothing.
        along: (width,) float32 of length 1; each state is pushed backwards by as much as it lies along this from the
            centre: with `direction` equal to it the projection on it is erased. None adds alike to all states.
        centre: of the rows along `along`.
    """

    direction: np.ndarray
    strength: float = 1.0
    along: np.ndarray | None = None
    centre: float = 0.0

    def times(self, factor: float) -> Push:
        """The same push, so many times as strong."""
        return replace(self, strength=self.strength * factor)

    def towards(self, direction: np.ndarray) -> Push:
        """As far, state by state, in another direction of the same length."""
        return replace(self, direction=direction.astype(np.float32))


class Contrast(NamedTuple):
    """Two groups of documents: a direction leads from the mean of the second to that of the first.

    Attributes:
        towards, away: ordinals in rising order, at least `FEWEST` each.
    """

    towards: np.ndarray
    away: np.ndarray


class Controls(NamedTuple):
    """Directions (controls, width) of the length of the one that they control, and the kind of each.

    `parallel` counts those of other layers that were left out as nearly the same direction.
    """

    directions: np.ndarray
    kinds: tuple[str, ...]
    parallel: int


def adding(direction: np.ndarray, strength: float) -> Push:
    """Adds a direction (width,), `strength` times, to every state."""
    return Push(direction.astype(np.float32), strength)


def erasing(direction: np.ndarray, mean: np.ndarray) -> Push:
    """Projects a direction (width,) out of every state, around the mean row (width,)."""
    unit = direction / np.linalg.norm(direction)
    return Push(unit.astype(np.float32), 1.0, unit.astype(np.float32), float(mean @ unit))


def difference(rows: Rows, contrast: Contrast) -> np.ndarray:
    """(width,) float64 the mean row of the first group minus that of the second."""
    return differences(rows, [contrast])[0]


def differences(rows: Rows, contrasts: Sequence[Contrast]) -> np.ndarray:
    """(contrasts, width) the same of several, in one pass over the rows."""
    weights = np.zeros((len(rows), len(contrasts)))
    for column, contrast in enumerate(contrasts):
        weights[contrast.towards, column] += 1 / len(contrast.towards)
        weights[contrast.away, column] -= 1 / len(contrast.away)
    return weighted_sums(rows, weights)


def weighted_sums(rows: Rows, weights: np.ndarray) -> np.ndarray:
    """(sums, width) float64 of the rows (documents, width), each times its weights (documents, sums)."""
    sums = np.zeros((weights.shape[1], rows.shape[1]))
    for place, block in chunks(rows):
        if weights[place].any():
            sums += weights[place].T @ block.astype(np.float64)
    return sums


def draw_controls(
    layers: Sequence[Rows],
    layer: int,
    contrast: Contrast,
    known: np.ndarray,
    regions: Sequence[Contrast],
    count: int,
    seed: int,
    groups: np.ndarray | None = None,
) -> Controls:
    """Directions that a region's direction is ranked among, in a seeded order.

    Args:
        layers: (documents, width) rows of every layer.
        layer: where states are pushed.
        contrast: of the direction itself.
        known: ordinals of all documents that directions may be made of.
        regions: the same contrast of other regions of the layer.
        count: of the controls.
        seed: of the draws.
        groups: (documents,) number of each one's group, which random groups of documents hold whole but for one; None
            if documents are independent.
    """
    generator = np.random.default_rng([seed, layer, count])
    own = difference(layers[layer], contrast)
    of_regions = differences(layers[layer], _some(regions, int(count * REGIONS_SHARE), generator))
    elsewhere = _of_other_layers(layers, layer, contrast)
    apart = [one for one in elsewhere if abs(_cosine(one, own)) <= PARALLEL]
    of_layers = _some(apart, int(count * LAYERS_SHARE), generator)
    rest = count - len(of_regions) - len(of_layers)
    random = _random(layers[layer], contrast, known, rest, groups, generator)
    found = np.concatenate([np.reshape(part, (-1, len(own))) for part in (of_regions, of_layers, random)])
    half = rest // 2
    kinds = (
        *[OTHER_REGIONS] * len(of_regions),
        *[OTHER_LAYERS] * len(of_layers),
        *[COVARIANCE] * (rest - half),
        *[SHUFFLED] * half,
    )
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    scaled = np.divide(found * np.linalg.norm(own), lengths, out=np.zeros_like(found), where=lengths > 0)
    return Controls(scaled, kinds, len(elsewhere) - len(apart))


def _of_other_layers(layers: Sequence[Rows], layer: int, contrast: Contrast) -> list[np.ndarray]:
    width = layers[layer].shape[1]
    return [
        difference(rows, contrast) for index, rows in enumerate(layers) if index != layer and rows.shape[1] == width
    ]


def _random(
    rows: Rows,
    contrast: Contrast,
    known: np.ndarray,
    count: int,
    groups: np.ndarray | None,
    generator: np.random.Generator,
) -> np.ndarray:
    """(count, width): the first half drawn from the rows' covariance, the others differences of random groups."""
    weights = np.zeros((len(rows), count))
    half = count // 2
    drawn = generator.standard_normal((len(known), count - half))
    weights[known, : count - half] = drawn - drawn.mean(axis=0)  # a sum of the rows about their mean
    sizes = len(contrast.towards), len(contrast.away)
    group = np.arange(len(known)) if groups is None else np.unique(groups[known], return_inverse=True)[1]
    for column in range(count - half, count):
        mixed = known[np.argsort(generator.permutation(group.max() + 1)[group], kind="stable")]
        weights[mixed[: sizes[0]], column] = 1 / sizes[0]
        weights[mixed[sizes[0] : sum(sizes)], column] = -1 / sizes[1]
    return weighted_sums(rows, weights)


def _some(items: Sequence[T], count: int, generator: np.random.Generator) -> list[T]:
    chosen = sorted(generator.permutation(len(items))[:count].tolist())
    return [items[index] for index in chosen]


def _cosine(one: np.ndarray, other: np.ndarray) -> float:
    lengths = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / lengths if lengths else 0.0
