"""How often do the intervals of a layer's divergence, and of its gain over another, hold the true value?

    python -m benchmarks.validation.divergence_intervals [--studies 1000]

One JSON line for each number of categories, of documents in each, and distance between the categories' true shares.
"""

from __future__ import annotations

import argparse

import numpy as np

from benchmarks.validation.reporting import line, share
from mri_core.statistics import jensen_shannon
from mri_core.statistics.divergence import REACH, divergence

PERMUTATIONS = 199
REGIONS = 12
SIZES = ((2, 50), (2, 200), (4, 50), (4, 200))  # categories, documents of each
TILTS = (0.0, 0.2, 0.5, 1.0, 2.0)


def drawn_shares(generator: np.random.Generator, categories: int, tilt: float) -> np.ndarray:
    """(categories, regions) shares of a layer, which lie the further apart the greater the tilt."""
    shares = generator.dirichlet(np.full(REGIONS, 3.0)) * np.exp(tilt * generator.normal(size=(categories, REGIONS)))
    return shares / shares.sum(axis=1, keepdims=True)


def errors(
    generator: np.random.Generator, layers: list[np.ndarray], documents: int, studies: int
) -> tuple[np.ndarray, ...]:
    """(studies,) how far the divergence and its gain are off, and the reach of their intervals, of the second layer."""
    first, second = (jensen_shannon(shares) for shares in layers)
    labels = np.repeat(np.arange(len(layers[0])), documents)
    rows = []
    for seed in range(studies):
        drawn = [[generator.choice(REGIONS, size=documents, p=own) for own in shares] for shares in layers]
        codes = np.array(drawn).reshape(2, -1).T
        found = divergence(codes, labels, len(layers[0]), seed, permutations=PERMUTATIONS)
        off, gain_off = found.excess[1] - second, found.gain[1] - (second - first)
        rows.append([off, REACH * found.error[1], gain_off, REACH * found.gain_error[1]])
    return tuple(np.array(rows).T)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=1_000)
    studies = parser.parse_args().studies
    generator = np.random.default_rng(0)
    for categories, documents in SIZES:
        for tilt in TILTS:
            layers = [drawn_shares(generator, categories, tilt) for _ in range(2)]
            off, reach, gain_off, gain_reach = errors(generator, layers, documents, studies)
            line(
                validation="divergence_intervals",
                categories=categories,
                documents=documents,
                divergence=round(jensen_shannon(layers[1]), 4),
                bias=round(float(off.mean()), 4),
                coverage=share(int(np.sum(np.abs(off) <= reach)), studies),
                gain_coverage=share(int(np.sum(np.abs(gain_off) <= gain_reach)), studies),
            )


if __name__ == "__main__":
    main()
