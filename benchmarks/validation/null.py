"""Label shuffles of fixed codes: how often is there any finding where there can be none?

    python -m benchmarks.validation.null [--shuffles 2000] [--seed 0] [--categories 2]
                                     [--corpus CORPUS [--model …] [--documents N]]

One JSON line for each family and --fdr. `keeps` says that the share is compatible with 5 % (binomial, p ≥ .01).
"""

from __future__ import annotations

import argparse
from collections import Counter

import numpy as np

from benchmarks.validation.reporting import keeps, line, share
from benchmarks.validation.studies import Study, corpus_options, families, real, walk
from mri_core.records.measures import ALPHA
from mri_core.statistics.families import q_values
from mri_core.statistics.item_tests import ItemTests, item_tests
from mri_core.statistics.paths import permuted_counts, permuted_routing_counts
from mri_core.statistics.tables import Tables, as_counts

EXACT = ("discrete", "dbh", "bh")
PERMUTATIONS = 19  # of each shuffle anew; as few as have a p of 1/20 are exact, more only have more power


def any_finding(study: Study, shuffles: int, seed: int = 0) -> Counter[tuple[str, str]]:
    """In how many shuffles each family has a finding by each method."""
    generator = np.random.default_rng(seed)
    tables = families(study.codes)
    fixed = {name: _tests(own, study.labels, inside) for name, (own, inside) in tables.items() if not inside}
    found: Counter[tuple[str, str]] = Counter()
    for shuffle in range(shuffles):
        labels = generator.permutation(study.labels)
        for name, (own, inside) in tables.items():
            tests = fixed.get(name) or _tests(own, labels, inside)  # inside a region the margins change
            p = tests.dense_items(own.counts(labels, study.categories))
            for method in EXACT:
                found[name, method] += bool(q_values(p, tests, method, ()).min() <= ALPHA)
            permuted = permuted_routing_counts if inside else permuted_counts
            drawn = permuted(own, labels, study.categories, PERMUTATIONS, shuffles * seed + shuffle + 1)
            draws = (tests.dense_items(counts) for counts in drawn)
            found[name, "fwer"] += bool(q_values(p, tests, "fwer", draws).min() <= ALPHA)
    return found


def _tests(tables: Tables, labels: np.ndarray, inside: bool) -> ItemTests:
    return item_tests(as_counts(tables, tables.counts(labels, int(labels.max()) + 1), inside))


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shuffles", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--categories", type=int, default=2)
    corpus_options(parser)
    choice = parser.parse_args()
    study = real(choice) if choice.corpus else simulated(choice.categories)
    for (family, method), count in sorted(any_finding(study, choice.shuffles, choice.seed).items()):
        facts = {"documents": len(study.labels), "categories": study.categories, "family": family, "fdr": method}
        line(validation="null", **facts, **share(count, choice.shuffles), keeps=keeps(count, choice.shuffles, ALPHA))


def simulated(categories: int, documents: int = 400) -> Study:
    """Codes of a study of average size."""
    labels = np.arange(documents) % categories
    return Study(walk(np.random.default_rng(0), documents), labels)


if __name__ == "__main__":
    main()
