"""Do the permutation tests invent findings? Labels shuffled over the fixed codes of a corpus, and simulated intervals.

    python benchmarks/validation/permutation_tests.py CORPUS [--model minilm|smollm2] [--documents N] [--shuffles N]
    python benchmarks/validation/permutation_tests.py --intervals [--studies N]

Prints one JSON object. Of each shuffle: p of the global test and of the Network-Based Statistic at both thresholds, by
199 permutations, and the smallest q of the source regions. The share of p (or q) ≤ α is to be at most what 999 of 1,000
exact tests stay below, by the binomial distribution. `--intervals` draws documents from known shares and
counts how often the intervals of the divergence and of its gain hold the true value.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import binom

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1]))

from atlas_quality import read  # the corpus through the model

from mri_core.atlas import fit_atlas
from mri_core.records import AtlasSpec
from mri_core.statistics import jensen_shannon
from mri_core.statistics.blocks import label_permutations
from mri_core.statistics.divergence import REACH, divergence
from mri_core.statistics.nbs import THRESHOLDS, network_statistics
from mri_core.statistics.parting import parting, parting_q

PERMUTATIONS = 199
LEVELS = (0.01, 0.05, 0.1)
REGIONS = 12


def shuffled(codes: np.ndarray, labels: np.ndarray, categories: int, shuffles: int) -> dict[str, Any]:
    """Each test under shuffled labels."""
    chances: dict[str, list[float]] = {"global": [], **{f"nbs {t:g}": [] for t in THRESHOLDS}, "parting": []}
    for seed, own in enumerate(label_permutations(labels, shuffles, 2026)):
        found = divergence(codes, own, categories, seed, permutations=PERMUTATIONS)
        chances["global"].append(found.any_difference)
        for network in network_statistics(codes, own, categories, seed, permutations=PERMUTATIONS):
            chances[f"nbs {network.threshold:g}"].append(network.p)
        chances["parting"].append(float(parting_q(parting(codes, own, seed).p, "discrete").min()))
    return {test: {f"{level:g}": at_most(p, level) for level in LEVELS} for test, p in chances.items()}


def at_most(chances: list[float], level: float) -> dict[str, Any]:
    """Share at or below a level, and the bound."""
    bound = binom.ppf(0.999, len(chances), level) / len(chances)
    share = float(np.mean(np.array(chances) <= level))
    return {"share": share, "bound": float(bound), "holds": bool(share <= bound)}


def intervals(studies: int) -> list[dict[str, Any]]:
    """How often the intervals hold the truth, by categories, documents of each, and how far they lie apart."""
    generator = np.random.default_rng(0)
    rows = []
    for categories, documents in ((2, 50), (2, 200), (4, 50), (4, 200)):
        for tilt in (0.0, 0.2, 0.5, 1.0, 2.0):
            layers = [drawn_shares(generator, categories, tilt) for _ in range(2)]
            rows.append(
                {"categories": categories, "documents": documents, **covered(generator, layers, documents, studies)}
            )
    return rows


def drawn_shares(generator: np.random.Generator, categories: int, tilt: float) -> np.ndarray:
    """(categories, regions) shares of a layer that lie the further apart the greater the tilt."""
    shares = generator.dirichlet(np.full(REGIONS, 3.0)) * np.exp(tilt * generator.normal(size=(categories, REGIONS)))
    return shares / shares.sum(axis=1, keepdims=True)


def covered(generator: np.random.Generator, layers: list[np.ndarray], documents: int, studies: int) -> dict[str, float]:
    """Coverage of the second layer's divergence and of its gain over the first."""
    first, truth = (jensen_shannon(shares) for shares in layers)
    labels = np.repeat(np.arange(len(layers[0])), documents)
    off = []
    for seed in range(studies):
        codes = [[generator.choice(REGIONS, size=documents, p=own) for own in shares] for shares in layers]
        found = divergence(np.array(codes).reshape(2, -1).T, labels, len(layers[0]), seed, permutations=PERMUTATIONS)
        gain = found.gain[1] - (truth - first)
        off.append([found.excess[1] - truth, found.error[1], gain, found.gain_error[1]])
    error, reach, gain_error, gain_reach = np.array(off).T
    return {
        "divergence": round(truth, 4),
        "bias": round(float(error.mean()), 4),
        "coverage": float(np.mean(np.abs(error) <= REACH * reach)),
        "gain_coverage": float(np.mean(np.abs(gain_error) <= REACH * gain_reach)),
    }


def main() -> None:
    """Parses the command line, and prints what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", nargs="?")
    parser.add_argument("--model", default="minilm", choices=("minilm", "smollm2"))
    parser.add_argument("--documents", type=int)
    parser.add_argument("--shuffles", type=int, default=2_000)
    parser.add_argument("--intervals", action="store_true")
    parser.add_argument("--studies", type=int, default=1_000)
    parser.set_defaults(with_title=False, max_length=None)
    choice = parser.parse_args()
    began = time.perf_counter()
    if choice.intervals:
        result: dict[str, Any] = {"studies": choice.studies, "intervals": intervals(choice.studies)}
    else:
        with tempfile.TemporaryDirectory() as folder:
            news = read(choice, Path(folder))
            codes = fit_atlas(news.activations, AtlasSpec()).codes
        categories = int(news.topics.max()) + 1
        result = {
            "corpus": Path(choice.corpus).name,
            "model": choice.model,
            "documents": len(codes),
            "layers": codes.shape[1],
            "shuffles": choice.shuffles,
            "tests": shuffled(codes, news.topics, categories, choice.shuffles),
        }
    print(json.dumps({**result, "seconds": round(time.perf_counter() - began, 1)}))


if __name__ == "__main__":
    main()
