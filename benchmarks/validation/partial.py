"""Partial nulls: in the first half of the layers categories differ, in the second nothing does. What is falsely found?

    python -m benchmarks.validation.partial [--studies 500] [--categories 2 4]

The false discovery rate is the mean over studies of the share of findings that lie between layers of the second half.
"""

from __future__ import annotations

import argparse

import numpy as np

from benchmarks.validation.reporting import line
from benchmarks.validation.studies import LAYERS, Study, families, walk
from mri_core.statistics.families import find_differences
from mri_core.statistics.tables import as_counts

METHODS = ("discrete", "dbh", "bh")
DOCUMENTS = 200
MORE = 0.4  # share of category 0 that stands in the first regions where categories differ


def half_planted(generator: np.random.Generator, categories: int) -> Study:
    """Documents of category 0 crowd in three regions of each layer of the first half, and then all mix again."""
    labels = np.repeat(np.arange(categories), DOCUMENTS)
    half = LAYERS // 2 + 1
    codes = np.column_stack([walk(generator, len(labels), half), walk(generator, len(labels), LAYERS + 1 - half)])
    crowding = (labels == 0)[:, None] & (generator.random((len(labels), half)) < MORE)
    codes[:, :half][crowding] = generator.integers(3, size=int(crowding.sum()))
    return Study(codes, labels)


def false_share(categories: int, studies: int, seed: int = 0) -> dict[tuple[str, str], tuple[float, float, float]]:
    """For each family and method: mean share of false findings, its standard error, and true findings a study."""
    generator = np.random.default_rng([seed, categories])
    half = LAYERS // 2 + 1
    false: dict[tuple[str, str], list[float]] = {}
    true: dict[tuple[str, str], list[int]] = {}
    for _ in range(studies):
        study = half_planted(generator, categories)
        for name, (tables, inside) in families(study.codes).items():
            counts = as_counts(tables, tables.counts(study.labels, categories), inside)
            for method in METHODS:
                passed = find_differences(counts, method).q <= 0.05
                wrong = int((passed & (tables.table >= half - inside)).sum())  # the way into the mix is no routing
                false.setdefault((name, method), []).append(wrong / max(1, int(passed.sum())))
                true.setdefault((name, method), []).append(int(passed.sum()) - wrong)
    error = studies**0.5
    return {key: (np.mean(own), np.std(own, ddof=1) / error, np.mean(true[key])) for key, own in false.items()}


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=500)
    parser.add_argument("--categories", type=int, nargs="+", default=[2, 4])
    choice = parser.parse_args()
    for categories in choice.categories:
        for (family, method), (rate, error, true) in false_share(categories, choice.studies).items():
            facts = {"categories": categories, "family": family, "fdr": method, "studies": choice.studies}
            keeps = bool(rate <= 0.05 + 2.33 * error)
            line(
                validation="partial",
                **facts,
                false=round(float(rate), 4),
                error=round(float(error), 4),
                true=round(float(true), 1),
                keeps=keeps,
            )


if __name__ == "__main__":
    main()
