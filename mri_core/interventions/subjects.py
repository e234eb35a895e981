"""Which documents a direction is made of, which it is tried on, and where their way is expected to change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mri_core.errors import UsageError
from mri_core.interventions.directions import FEWEST, Contrast

PILOT = 24  # documents that are like those that are tried, at most
BYSTANDERS = 4  # of so many documents that are tried at most one more is changed to see side effects


@dataclass(frozen=True)
class Asked:
    """What is to be tried.

    Attributes:
        operation: `add`, `erase` or `swap`.
        layer: where states are changed.
        region: code of the region that is asked about.
        towards: code of a region of the next layer, if a connection is asked about.
        other: code of the swap's other region: texts of the region are moved to it, or, if a connection is asked
            about, its texts are moved to the region.
        category: whose probability is read.
        strength: of the push; 1 is the whole of it.
    """

    operation: str
    layer: int
    region: int
    towards: int | None = None
    other: int | None = None
    category: int | None = None
    strength: float = 1.0

    @property
    def source(self) -> int | None:
        """The region whose texts a swap moves."""
        return self.region if self.towards is None else self.other

    @property
    def target(self) -> int | None:
        """The region that a swap moves texts to."""
        return self.other if self.towards is None else self.region


@dataclass(frozen=True)
class Subject:
    """The documents of an intervention, as ordinals in rising order.

    Attributes:
        contrast: of the first half, the groups that the direction lies between.
        regions: the same contrast of other regions of the layer.
        known: all documents of the first half.
        pilot: of the first half, a few like those that are changed.
        texts: of the second half, those that are changed and measured.
        bystanders: of the second half, others that are changed to see side effects.
        path: for each later layer the code of the region where the effect is expected.
    """

    contrast: Contrast
    regions: tuple[Contrast, ...]
    known: np.ndarray
    pilot: np.ndarray
    texts: np.ndarray
    bystanders: np.ndarray
    path: tuple[int, ...]


def subject_of(asked: Asked, codes: np.ndarray, first: np.ndarray, most: int, seed: int, name: str) -> Subject:
    """The documents of what is asked.

    The path is, layer by layer, the region that holds most of the documents of the first half that are in the region
    (a swap's target), and of those that take the connection if one is asked about.

    Args:
        asked: what is to be tried.
        codes: (documents, layers) region of each document.
        first: (documents,) whether each is in the first half.
        most: documents that are tried at most, and a quarter as many bystanders; a seeded sample of more.
        seed: of the sample.
        name: of the region, for messages.

    Raises:
        UsageError: a region has too few documents in one of the halves.
    """
    here = codes[:, asked.layer]
    source = asked.source if asked.operation == "swap" else None
    goal = asked.target if asked.operation == "swap" else asked.region
    contrast = _contrast(here, first, goal, source)
    moved = {"add": here != asked.region, "erase": here == asked.region, "swap": here == source}[asked.operation]
    _check(contrast, int(np.sum(moved & ~first)), name)
    others = [code for code in np.unique(here[first]).tolist() if code not in (goal, source)]
    regions = [_contrast(here, first, code, source) for code in others]
    followed = first & (here == goal)
    if asked.towards is not None:
        followed &= codes[:, asked.layer + 1] == asked.towards
    if not followed.any():
        raise UsageError(
            "A connection is tried with documents that take it",
            f"None of the half that directions are made of takes it from {name}",
            "Try another connection, or another --seed",
        )
    generator = np.random.default_rng([seed, asked.layer, most])
    return Subject(
        contrast,
        tuple(one for one in regions if min(map(len, one)) >= FEWEST),
        np.flatnonzero(first),
        _sample(np.flatnonzero(moved & first), PILOT, generator),
        _sample(np.flatnonzero(moved & ~first), most, generator),
        _sample(np.flatnonzero(~moved & ~first), -(-most // BYSTANDERS), generator),
        tuple(int(np.bincount(later[followed]).argmax()) for later in codes[:, asked.layer + 1 :].T),
    )


def _contrast(here: np.ndarray, first: np.ndarray, towards: int | None, away: int | None) -> Contrast:
    """A region's documents of the first half, and those of another region or all others."""
    rest = here != towards if away is None else here == away
    return Contrast(np.flatnonzero(first & (here == towards)), np.flatnonzero(first & rest))


def _check(contrast: Contrast, tried: int, name: str) -> None:
    smallest = min(len(contrast.towards), len(contrast.away), tried)
    if smallest < FEWEST:
        raise UsageError(
            f"An intervention needs {FEWEST} documents on each side, in the half that its direction is made of and in "
            "the half that it is tried on",
            f"For {name} the first half has {len(contrast.towards)} on the one side and {len(contrast.away)} on the "
            f"other, and the second {tried} that would be changed",
            "Try a larger region, or scan more documents",
        )


def _sample(ordinals: np.ndarray, most: int, generator: np.random.Generator) -> np.ndarray:
    return np.sort(generator.permutation(ordinals)[:most])
