"""Label shuffles of fixed codes: how often do the permutation tests find anything where there is nothing?

    python -m benchmarks.validation.permutation_tests [--shuffles 2000] [--categories 2]
                                                  [--corpus CORPUS [--model …] [--documents N]]

One JSON line for each test and level: the global test of any difference and the Network-Based Statistic at both
thresholds, by 199 permutations (share of p ≤ α), and the regions that part the categories (share of studies with any
q ≤ α). `keeps` says that the share is compatible with α (binomial, p ≥ .01).
"""

from __future__ import annotations

import argparse
from collections import defaultdict

import numpy as np

from benchmarks.validation.null import simulated
from benchmarks.validation.reporting import keeps, line, share
from benchmarks.validation.studies import Study, corpus_options, real
from mri_core.statistics.blocks import label_permutations
from mri_core.statistics.divergence import divergence
from mri_core.statistics.nbs import network_statistics
from mri_core.statistics.parting import parting, parting_q

PERMUTATIONS = 199
LEVELS = (0.01, 0.05, 0.1)


def chances(study: Study, shuffles: int) -> dict[str, list[float]]:
    """Each test's p under each shuffle; of the parting the smallest q."""
    found: dict[str, list[float]] = defaultdict(list)
    for seed, labels in enumerate(label_permutations(study.labels, shuffles, [2026, 1])):
        whole = divergence(study.codes, labels, study.categories, seed, permutations=PERMUTATIONS)
        found["global"].append(whole.any_difference)
        for network in network_statistics(study.codes, labels, study.categories, seed, permutations=PERMUTATIONS):
            found[f"nbs, threshold {network.threshold:g}"].append(network.p)
        found["parting"].append(float(parting_q(parting(study.codes, labels, seed).p, "discrete").min(initial=1)))
    return found


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shuffles", type=int, default=2_000)
    parser.add_argument("--categories", type=int, default=2)
    corpus_options(parser)
    choice = parser.parse_args()
    study = real(choice) if choice.corpus else simulated(choice.categories)
    facts = {"documents": len(study.labels), "layers": study.codes.shape[1], "categories": study.categories}
    for test, p in chances(study, choice.shuffles).items():
        for level in LEVELS:
            count = int(np.sum(np.array(p) <= level))
            held = {**share(count, len(p)), "keeps": keeps(count, len(p), level)}
            line(validation="permutation_tests", **facts, test=test, level=level, **held)


if __name__ == "__main__":
    main()
