"""Power: one connection planted with 6, 8, 10, 12 % more of one of two categories; how often is it found (q < .05)?

    python -m benchmarks.validation.power [--studies 500] [--documents 50 200 1000]

Beside each share what plain Benjamini–Hochberg finds, and what `mri_core.evidence.power` reckons. At 200 documents
analysis.md has .61, .88, .98, 1.00; `agrees` says whether that is within two standard errors of the difference.
"""

from __future__ import annotations

import argparse

import numpy as np

from benchmarks.validation.reporting import line, share
from benchmarks.validation.studies import REGIONS, STAYING, item_of, planted
from mri_core.evidence.power import power, threshold_alone, typical_tests
from mri_core.statistics.families import find_differences
from mri_core.statistics.tables import as_counts, connection_tables

MORE = (0.06, 0.08, 0.10, 0.12)
METHODS = ("discrete", "dbh", "bh")
WHEN_CHOSEN = {0.06: 0.61, 0.08: 0.88, 0.10: 0.98, 0.12: 1.00}  # of 100 studies of 200 and 200 documents


def found(documents: int, more: float, studies: int, seed: int = 0) -> dict[str, int]:
    """In how many studies each method finds the planted connection."""
    generator = np.random.default_rng([seed, documents, round(more * 100)])
    times = dict.fromkeys(METHODS, 0)
    for _ in range(studies):
        study, connection = planted(generator, documents, 2, more)
        tables = connection_tables(study.codes)
        item = item_of(tables, connection)
        counts = as_counts(tables, tables.counts(study.labels, 2))
        for method in METHODS:
            times[method] += item is not None and bool(find_differences(counts, method).q[item] < 0.05)
    return times


def reckoned(documents: int, more: float) -> float:
    """What a plan of this size would say."""
    chance = (1 - STAYING) / REGIONS**2
    own = chance + more * (1 - chance)
    threshold = threshold_alone(typical_tests(documents, regions=REGIONS).expected)
    return power(documents, (own + chance) / 2, 2 * own / (own + chance), threshold)


def agrees(count: int, studies: int, chosen: float) -> bool:
    """Whether a share is within two standard errors of what 100 studies had when the method was chosen."""
    pooled = (count + 100 * chosen) / (studies + 100)
    error = (pooled * (1 - pooled) * (1 / studies + 1 / 100)) ** 0.5
    return bool(abs(count / studies - chosen) <= 2 * error)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=500)
    parser.add_argument("--documents", type=int, nargs="+", default=[50, 200, 1_000])
    choice = parser.parse_args()
    for documents in choice.documents:
        for more in MORE:
            times = found(documents, more, choice.studies)
            facts: dict[str, object] = share(times["discrete"], choice.studies)
            if documents == 200:
                facts["agrees"] = agrees(times["discrete"], choice.studies, WHEN_CHOSEN[more])
            others = {method: times[method] / choice.studies for method in METHODS[1:]}
            line(
                validation="power",
                documents=documents,
                more=more,
                **facts,
                **others,
                reckoned=round(reckoned(documents, more), 3),
            )


if __name__ == "__main__":
    main()
