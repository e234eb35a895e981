"""Groups of unlike sizes: how often is there any finding where there is none to be had, and are planted ones found?

    python -m benchmarks.validation.groups [--studies 200] [--seed 0]

60 groups of 1 to 100 documents, as many of each order of magnitude, in four categories; a step of 60 connections, on
which documents of a group agree by an intraclass correlation (Dirichlet shares). `sizes` says whether categories got
their groups by lot, or the first the largest ones. With `planted` one category takes three connections so many times as
often and three as many times less. Three tests, all by permuting whole groups' labels: `weighted` is the project's,
`documents` the same with every document counting 1, and `shares` Welch's z of the groups' shares, each group alike.
One JSON line a row and test: `any` finding, with what `keeps` says at 5 % where nothing is planted; the share of the
planted that is found; the share of false ones among what is found.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from scipy.special import erfc

from benchmarks.validation.reporting import keeps, line, share
from mri_core.records.measures import ALPHA
from mri_core.statistics.blocks import permuted_labels
from mri_core.statistics.crossing import Crossing
from mri_core.statistics.fdr import discrete, expected_by_permutation
from mri_core.statistics.grouped import FIRST, Tally
from mri_core.statistics.grouped_items import GroupedItems
from mri_core.statistics.tables import Tables, region_tables

GROUPS, CATEGORIES, CELLS, LARGEST = 60, 4, 60, 100
CHANGED = 3  # connections that are taken more often, and as many less
PERMUTATIONS = 200
NULLS = [(rho, by_size) for rho in (0.02, 0.1, 0.4) for by_size in (False, True)]
PLANTED = [(0.02, 4.0), (0.1, 6.0), (0.4, 10.0)]


class Grouped(NamedTuple):
    """Documents: cell, category and group of each; and which cells one category takes differently."""

    cell: np.ndarray
    labels: np.ndarray
    groups: np.ndarray
    planted: np.ndarray


def grouped(generator: np.random.Generator, rho: float, by_size: bool, times: float) -> Grouped:
    """A study as the module describes it."""
    sizes = np.exp(generator.uniform(0, np.log(LARGEST), GROUPS)).astype(int)
    order = np.argsort(-sizes) if by_size else generator.permutation(GROUPS)
    category = np.empty(GROUPS, dtype=np.int64)
    category[order] = np.repeat(np.arange(CATEGORIES), GROUPS // CATEGORIES)
    shares = generator.dirichlet(np.full(CELLS, 0.7))
    changed = generator.choice(CELLS, 2 * CHANGED, replace=False)
    other = shares.copy()
    other[changed[:CHANGED]] *= times
    other[changed[CHANGED:]] /= times
    cells = []
    for size, own in zip(sizes.tolist(), category, strict=True):
        mean = other / other.sum() if own == 0 else shares
        cells.append(generator.choice(CELLS, size, p=generator.dirichlet(np.maximum(mean * (1 - rho) / rho, 1e-3))))
    groups = np.repeat(np.arange(GROUPS), sizes)
    return Grouped(np.concatenate(cells), category[groups], groups, changed if times > 1 else changed[:0])


def q_of_weighted(study: Grouped, tables: Tables, seed: int, weighted: bool = True) -> np.ndarray:
    """(connections,) q by the project's statistic, or by the same of documents that count 1 each."""
    items = GroupedItems.of(tables, study.labels, study.groups, Crossing.none(CATEGORIES))
    tally = Tally(items if weighted else replace(items, weights=np.ones(items.weights.shape)))
    tally.scale(tally.items.permuted(FIRST, [seed, FIRST]))
    return _q(
        tally.p_of_items(tally.own), np.concatenate(list(tally.counting(tally.items.permuted(PERMUTATIONS, seed))))
    )


def q_of_documents(study: Grouped, tables: Tables, seed: int) -> np.ndarray:
    """As `q_of_weighted`, without weights."""
    return q_of_weighted(study, tables, seed, weighted=False)


def q_of_shares(study: Grouped, tables: Tables, seed: int) -> np.ndarray:
    """(connections,) q by Welch's z of the groups' shares."""
    counts = np.zeros((GROUPS, int(tables.starts[-1])))
    np.add.at(counts, (study.groups, tables.cell[0]), 1)
    shares = counts / counts.sum(axis=1, keepdims=True)
    first = np.unique(study.groups, return_index=True)[1]
    drawn = np.concatenate(list(permuted_labels(study.labels, PERMUTATIONS, seed, study.groups)))[:, first]
    return _q(_p_of_shares(shares, study.labels[first]), np.array([_p_of_shares(shares, own) for own in drawn]))


def _p_of_shares(shares: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(connections,) the smallest p of a category's groups against all others', times the categories."""
    p = []
    for category in range(CATEGORIES):
        parts = [shares[(labels == category) == own] for own in (True, False)]
        error = np.sqrt(sum(part.var(axis=0, ddof=1) / len(part) for part in parts))
        apart = parts[0].mean(axis=0) - parts[1].mean(axis=0)
        p.append(erfc(np.abs(np.divide(apart, error, out=np.zeros(len(error)), where=error > 1e-9)) / np.sqrt(2)))
    return np.minimum(1, np.min(p, axis=0) * CATEGORIES)


def _q(p: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    return discrete(p, expected_by_permutation(p, [drawn]))


TESTS: dict[str, Callable[[Grouped, Tables, int], np.ndarray]] = {
    "weighted": q_of_weighted,
    "documents": q_of_documents,
    "shares": q_of_shares,
}


def row(studies: int, seed: int, rho: float, by_size: bool, times: float = 1.0) -> None:
    """The lines of one kind of study."""
    hits: dict[str, list[tuple[int, int, int]]] = {name: [] for name in TESTS}
    there = 0
    for number in range(studies):
        study = grouped(np.random.default_rng([seed, number]), rho, by_size, times)
        tables = region_tables(study.cell[:, None])
        true = np.isin(tables.first, study.planted)
        there += int(true.sum())
        for name, test in TESTS.items():
            found = test(study, tables, number) <= ALPHA
            hits[name].append((int(found.any()), int((found & true).sum()), int((found & ~true).sum())))
    for name, counted in hits.items():
        any_of_them, right, wrong = np.array(counted).T
        facts: dict[str, object] = {"rho": rho, "sizes": "the first's are the largest" if by_size else "by lot"}
        if times > 1:
            rate = float(np.mean(wrong / np.maximum(1, right + wrong)))
            facts |= {"planted": times, "found": round(right.sum() / there, 3), "false": round(rate, 3)}
        else:
            facts |= {**share(int(any_of_them.sum()), studies), "keeps": keeps(int(any_of_them.sum()), studies, ALPHA)}
        line(validation="groups", test=name, **facts)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    choice = parser.parse_args()
    for rho, by_size in NULLS:
        row(choice.studies, choice.seed, rho, by_size)
    for rho, times in PLANTED:
        for by_size in (False, True):
            row(choice.studies, choice.seed, rho, by_size, times)


if __name__ == "__main__":
    main()
