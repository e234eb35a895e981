"""Label shuffles of fixed codes: how often is there any finding where there can be none?

    python -m benchmarks.validation.null [--shuffles 2000] [--categories 2]
                                     [--corpus CORPUS [--model …] [--documents N]]

One JSON line for each family and --fdr. `keeps` says that the share is compatible with 5 % (binomial, p ≥ .01).
"""

from __future__ import annotations

import argparse
from collections import Counter

import numpy as np

from benchmarks.validation.reporting import keeps, line, share
from benchmarks.validation.studies import Study, corpus_options, families, real, walk
from mri_core.statistics.families import ALPHA, find_differences
from mri_core.statistics.tables import Tables, as_counts, permuted_counts, permuted_routing_counts

EXACT = ("discrete", "dbh", "bh")
PERMUTATIONS = 99  # for each shuffle, or once for all where the margins are the same


def any_finding(
    study: Study, shuffles: int, permutations: int = PERMUTATIONS, seed: int = 0
) -> Counter[tuple[str, str]]:
    """In how many shuffles each family has a finding by each method."""
    generator = np.random.default_rng(seed)
    tables = families(study.codes)
    shared = {name: _draws(own, study, 10 * permutations) for name, (own, inside) in tables.items() if not inside}
    found: Counter[tuple[str, str]] = Counter()
    for shuffle in range(shuffles):
        labels = generator.permutation(study.labels)
        for name, (own, inside) in tables.items():
            counts = as_counts(own, own.counts(labels, study.categories), inside)
            for method in EXACT:
                found[name, method] += bool(find_differences(counts, method).passed)
            draws = shared.get(name) or list(
                permuted_routing_counts(own, labels, study.categories, permutations, shuffle)
            )
            found[name, "fwer"] += bool(find_differences(counts, "fwer", draws=lambda draws=draws: draws).passed)
    return found


def _draws(tables: Tables, study: Study, count: int) -> list[np.ndarray]:
    """Permuted counts for every shuffle: the margins, and so the distribution, are the same for all of them."""
    return list(permuted_counts(tables, study.labels, study.categories, count, seed=1))


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shuffles", type=int, default=2_000)
    parser.add_argument("--categories", type=int, default=2)
    corpus_options(parser)
    choice = parser.parse_args()
    study = real(choice) if choice.corpus else simulated(choice.categories)
    for (family, method), count in sorted(any_finding(study, choice.shuffles).items()):
        facts = {"documents": len(study.labels), "categories": study.categories, "family": family, "fdr": method}
        line(validation="null", **facts, **share(count, choice.shuffles), keeps=keeps(count, choice.shuffles, ALPHA))


def simulated(categories: int, documents: int = 400) -> Study:
    """Codes of a study of average size."""
    labels = np.arange(documents) % categories
    return Study(walk(np.random.default_rng(0), documents), labels)


if __name__ == "__main__":
    main()
