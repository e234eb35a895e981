"""The echo: one of four categories planted with 15 % more on one connection. How often are the other three named there?

    python -m benchmarks.validation.echo [--studies 1000]

Beside it: how often testing each category against all the rest, without stepping down, would call it different.
"""

from __future__ import annotations

import argparse

import numpy as np

from benchmarks.validation.reporting import keeps, line, share
from benchmarks.validation.studies import item_of, planted
from mri_core.statistics.exact import fisher
from mri_core.statistics.families import find_differences
from mri_core.statistics.tables import as_counts, connection_tables

CATEGORIES, DOCUMENTS, MORE = 4, 200, 0.15


def named(studies: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """(categories,) in how many studies each is named on the planted connection, and would be against the rest."""
    generator = np.random.default_rng(seed)
    stepping, echoing = np.zeros(CATEGORIES, dtype=int), np.zeros(CATEGORIES, dtype=int)
    for _ in range(studies):
        study, connection = planted(generator, DOCUMENTS, CATEGORIES, MORE)
        tables = connection_tables(study.codes)
        item = item_of(tables, connection)
        seen = tables.counts(study.labels, CATEGORIES)
        counts = as_counts(tables, seen)
        findings = find_differences(counts)
        rows = np.flatnonzero((counts.item == item) & (findings.evidence.finding != 0))
        stepping[counts.category[rows]] += 1
        stepping[findings.avoided.category[findings.avoided.item == item]] += 1
        total = seen[item].sum()
        p = fisher(seen[item], total, np.array(DOCUMENTS), np.array(DOCUMENTS * CATEGORIES))
        echoing += p * CATEGORIES <= findings.p[findings.q <= 0.05].max(initial=0)
    return stepping, echoing


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=1_000)
    studies = parser.parse_args().studies
    stepping, echoing = named(studies)
    for category in range(CATEGORIES):
        facts = {} if category == 0 else {"keeps": keeps(int(stepping[category]), studies, 0.05)}
        against = round(int(echoing[category]) / studies, 4)
        role = "planted" if category == 0 else "other"
        line(
            validation="echo",
            category=role,
            **share(int(stepping[category]), studies),
            against_the_rest=against,
            **facts,
        )


if __name__ == "__main__":
    main()
