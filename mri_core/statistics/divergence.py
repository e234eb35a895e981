"""Separation of the categories by layer: Jensen–Shannon divergence minus its mean under shuffled labels.

The divergence that describes a layer weights categories equally. The tests use the size-weighted one, G, in which every
document counts equally: the noise of a small category affects the former most, and can hide a difference between the
large ones. Either falls below chance if small categories share regions that a large one avoids, so that the tests are
two-sided.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from mri_core.records.measures import DIVERGENCE, GLOBAL, Measure
from mri_core.statistics.crossing import Crossing
from mri_core.statistics.grouped_items import Drawn, GroupedItems
from mri_core.statistics.paths import permuted_counts
from mri_core.statistics.tables import Tables, region_tables

PERMUTATIONS = 2_000
REACH = 1.96
ROUNDING = 1e-9  # bits: a smaller error comes from rounding alone
CLOSE = 1e-9  # equal tables' divergences differ by rounding
STATISTIC = "G"  # of p and the standardised values: 2 N ln 2 times the size-weighted divergence
WEIGHTED = "Σ χ² of weighted documents"  # of documents in groups


class Apart(NamedTuple):
    """Divergences (…, tables) in bits: with equal category weights, and weighted by documents."""

    alike: np.ndarray
    by_size: np.ndarray


InGroups = tuple[np.ndarray, Drawn]  # levels and counts of documents in groups
Test = Callable[[InGroups | None, Apart], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Divergence:
    """One value a layer, in bits.

    Attributes:
        observed: generalised Jensen–Shannon divergence of the categories' shares of the regions, with equal weights.
        by_size: the same with categories weighted by their documents: the mutual information of region and category,
            G/(2 N ln 2), which the tests use.
        excess: `observed` less its mean over the permutations.
        error: delete-one jackknife standard error of `observed`; NaN if a category has one document or group.
        standardised: z of `by_size` in standard deviations of the permutations, 0 if they do not vary; documents in
            groups count by their weights (`group_weights`).
        p: familywise over the layers, by the largest |z| of each permutation.
        gain: excess less the excess of layer 0.
        gain_error: jackknife standard error of the gain; the two layers share their documents.
        permutations: their number.
        statistic: name of the statistic of p and the standardised values.
    """

    observed: np.ndarray
    by_size: np.ndarray
    excess: np.ndarray
    error: np.ndarray
    standardised: np.ndarray
    p: np.ndarray
    gain: np.ndarray
    gain_error: np.ndarray
    permutations: int
    statistic: str = STATISTIC

    @property
    def any_difference(self) -> float:
        """p of the global test of any difference at all: the largest |z| over the layers."""
        return float(self.p.min())

    @property
    def half_maximum(self) -> int | None:
        """The first layer whose excess reaches half of the largest; None if no layer has any."""
        return half_maximum(self.excess)


def divergence(
    codes: np.ndarray,
    labels: np.ndarray,
    categories: int,
    seed: int,
    groups: np.ndarray | None = None,
    permutations: int = PERMUTATIONS,
    advance: Callable[[], None] = lambda: None,
) -> Divergence:
    """Each layer's divergence, tested by label permutations that are the same for all layers.

    Args:
        codes: (documents, layers) number of each document's region.
        labels: (documents,) integer category of each.
        categories: their number; every one has a document.
        seed: of the permutations.
        groups: (documents,) blocks that permutations and the jackknife keep together.
        permutations: their number.
        advance: called after each.
    """
    tables = region_tables(codes)
    items = None if groups is None else GroupedItems.of(tables, labels, groups, Crossing.none(categories))
    chance = LayersByChance(tables, labels, categories, groups, items)
    if items is None:
        for counts in permuted_counts(tables, labels, categories, permutations, seed):
            chance.add(counts)
            for _ in counts:
                advance()
    else:
        for permuted, drawn in items.labelled(permutations, seed, tables.at_once(categories)):
            chance.add(drawn.taken.sum(axis=-2).astype(np.int64), (permuted, drawn))
            for _ in permuted:
                advance()
    return chance.compared()


class LayersByChance:
    """The layers' divergences as observed, and under permutations of the labels, which are added some at a time.

    Args:
        tables: of regions.
        labels, categories, groups: as `divergence` takes them.
        items: of documents in groups.
    """

    def __init__(
        self,
        tables: Tables,
        labels: np.ndarray,
        categories: int,
        groups: np.ndarray | None = None,
        items: GroupedItems | None = None,
    ) -> None:
        self._tables, self._logs = tables, n_log_n(len(labels))
        self._observed = divergences(tables, tables.counts(labels, categories), self._logs)
        self._test: Test = _of_documents if items is None else _of_groups(items)
        seen = None if items is None else (labels[None], items.observed())
        self._tested = [self._test(seen, self._observed)[0]]
        self._alike: list[np.ndarray] = []
        self._errors = jackknife(tables, labels, categories, groups)
        self._statistic = STATISTIC if groups is None else WEIGHTED

    def add(self, counts: np.ndarray, in_groups: InGroups | None = None) -> None:
        """Adds permutations.

        Args:
            counts: (permutations, regions, categories).
            in_groups: levels and counts of documents in groups, as `GroupedItems.labelled` has them.
        """
        statistic, alike = self._test(in_groups, divergences(self._tables, counts, self._logs))
        self._tested.append(statistic)
        self._alike.append(alike)

    def compared(self) -> Divergence:
        """The observed divergences against those of all permutations."""
        alike, everything = np.concatenate(self._alike), _standardised(np.vstack(self._tested))
        far = np.abs(everything)
        reached = far.max(axis=1)[:, None] >= far[0] - CLOSE
        excess = self._observed.alike - alike.mean(axis=0)
        excess[np.abs(excess) < CLOSE] = 0.0
        (error, gain_error), p, gain = self._errors, reached.mean(axis=0), excess - excess[0]
        observed = (*self._observed, excess, error, everything[0], p, gain, gain_error)
        return Divergence(*observed, len(alike), self._statistic)


def half_maximum(excess: np.ndarray) -> int | None:
    """The first layer that reaches half of the largest excess (layers,); None if no layer has any."""
    highest = excess.max()
    return int(np.argmax(excess >= highest / 2)) if highest > 0 else None


def divergences(tables: Tables, counts: np.ndarray, logs: np.ndarray) -> Apart:
    """The generalised Jensen–Shannon divergences of each table, with equal weights and by size (Lin 1991).

    Both are the entropy of the categories' weighted mean less the weighted mean of their entropies, and a category's
    entropy is log₂ n − Σ k log₂ k / n over its counts k.

    Args:
        tables: of the counts.
        counts: (…, cells, categories).
        logs: n log₂ n of every n up to the documents' number.
    """
    sizes = counts[..., : tables.starts[1], :].sum(axis=-2)[..., None, :]
    inside = np.log2(sizes) - np.add.reduceat(logs[counts], tables.starts[:-1], axis=-2) / sizes
    between = _bits((counts / sizes).mean(axis=-1))
    cells, all_of_them = logs[counts.sum(axis=-1)], sizes.sum(axis=-1)
    whole = np.log2(all_of_them) - np.add.reduceat(cells, tables.starts[:-1], axis=-1) / all_of_them
    alike = np.add.reduceat(between, tables.starts[:-1], axis=-1) - inside.mean(axis=-1)
    by_size = whole - (inside * sizes).sum(axis=-1) / all_of_them
    return Apart(np.maximum(alike, 0.0), np.maximum(by_size, 0.0))


def _of_documents(_: InGroups | None, drawn: Apart) -> tuple[np.ndarray, np.ndarray]:
    """The test statistic and the divergence by chance, (permutations, tables), for independent documents."""
    return np.atleast_2d(drawn.by_size), drawn.alike


def _of_groups(items: GroupedItems) -> Test:
    """The same for documents in groups, where category sizes differ between permutations.

    The statistic is the sum over cells and categories of `Margins.distance`: a sum of z², or G, of few documents
    depends on the categories' sizes, which permutations change. The divergence by chance is proportional to the mean
    over the categories of one over their effective number of independent documents (Miller 1955): it is scaled to the
    observed sizes.
    """
    margins, tables = items.margins(), items.tables

    def scale(own: np.ndarray, several: Drawn) -> np.ndarray:
        sizes = several.possible[:, 0].sum(axis=1)
        return np.asarray((items.loads(own) / np.square(sizes)[:, None]).mean(axis=-1))

    observed = scale(items.levels[None], items.observed())

    def test(in_groups: InGroups | None, drawn: Apart) -> tuple[np.ndarray, np.ndarray]:
        assert in_groups is not None  # noqa: S101 - documents in groups are added with their levels
        own, several = in_groups
        far = margins.distance(margins.moments(several.weights, several.weights_possible))
        statistic = np.add.reduceat(far.sum(axis=-1), tables.starts[:-1], axis=1)
        return statistic, drawn.alike * observed / scale(own, several)

    return test


def n_log_n(most: int) -> np.ndarray:
    """(most + 1,) n log₂ n of each n, 0 for 0."""
    n = np.arange(most + 1)
    return n * np.log2(n, where=n > 0, out=np.zeros(most + 1))


def jackknife(
    tables: Tables, labels: np.ndarray, categories: int, groups: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """(tables,) delete-one standard errors of the divergences, and of their differences from the first table's.

    Documents of one cell and category are equivalent, so that each such pair is left out once. A category's documents
    vary about its own mean: Σ_c (n_c − 1)/n_c Σ_i (D₋ᵢ − mean_c)². Deviations are summed within groups before they are
    squared, as for clusters in a survey; the error is undefined if a category is in a single group.
    """
    counts = tables.counts(labels, categories)
    sizes = tables.sums(counts)[0]
    unit = None if groups is None else np.unique(groups, return_inverse=True)[1]
    if _fewest(labels, unit) < 2:
        return np.full(len(tables.cell), np.nan), np.full(len(tables.cell), np.nan)
    without = _without_one(tables, counts, sizes)
    deviations = without - np.repeat(tables.sums(counts * without), np.diff(tables.starts), axis=0) / sizes
    deviations = np.where(counts, deviations * np.sqrt((sizes - 1) / sizes), 0)
    first, errors = np.empty(0), []
    for cell, (start, stop) in zip(tables.cell, pairwise(tables.starts), strict=True):
        own = deviations[start:stop][cell, labels]
        first = first if len(first) else own
        errors.append([_root(own, unit), _root(own - first, unit)])
    of_each, of_gains = np.array(errors).T
    return of_each, of_gains


def divergence_measures(found: Divergence) -> list[Measure]:
    """A `divergence` for each layer, and the `global` test of any difference at all.

    If leaving out any document changes nothing, as when no two categories share a region, there is no interval: one of
    width 0 would claim certainty.
    """
    measures = [
        Measure(
            DIVERGENCE,
            float(excess),
            layer,
            ci_low=_end(excess, -found.error[layer]),
            ci_high=_end(excess, found.error[layer]),
            p=float(found.p[layer]),
            details={
                "observed": float(found.observed[layer]),
                "by_size": float(found.by_size[layer]),
                "standardised": float(found.standardised[layer]),
                "statistic": found.statistic,
                "gain": float(found.gain[layer]),
                "gain_low": _end(found.gain[layer], -found.gain_error[layer]),
                "gain_high": _end(found.gain[layer], found.gain_error[layer]),
                "permutations": found.permutations,
            },
        )
        for layer, excess in enumerate(found.excess)
    ]
    most = int(np.abs(found.standardised).argmax())
    where = {"layer": most, "half_maximum": found.half_maximum}
    whole = Measure(
        GLOBAL,
        float(found.standardised[most]),
        p=found.any_difference,
        details={**where, "statistic": found.statistic, "permutations": found.permutations},
    )
    return [*measures, whole]


def _bits(p: np.ndarray) -> np.ndarray:
    """−p log₂ p, 0 for 0."""
    return -p * np.log2(p, where=p > 0, out=np.zeros(p.shape))


def _standardised(values: np.ndarray) -> np.ndarray:
    """Each column in standard deviations from its mean, the observed value included, so that all are exchangeable."""
    spread = values.std(axis=0)
    flat = spread <= 1e-12
    return np.where(flat, 0.0, (values - values.mean(axis=0)) / np.where(flat, 1.0, spread))


def _without_one(tables: Tables, counts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """(cells, categories) divergence of the cell's table without one document of the category there."""
    categories, per_cell = len(sizes), np.diff(tables.starts)
    shares = counts / sizes
    mean, own = shares.mean(axis=1), tables.sums(_bits(shares))
    without = np.zeros(counts.shape)
    for category, size in enumerate(sizes):
        count = counts[:, category]
        rest = count / (size - 1)  # the category's shares, except for the cell that loses a document
        base = mean + (rest - shares[:, category]) / categories
        lost, there = 1 / (size - 1), count > 0
        entropies = np.delete(own, category, axis=1).sum(axis=1)
        of_own = _swapped(tables, rest, lost, there)
        of_mean = _swapped(tables, base, lost / categories, there)
        without[:, category] = of_mean - (np.repeat(entropies, per_cell) + of_own) / categories
    return without


def _swapped(tables: Tables, shares: np.ndarray, lost: float, there: np.ndarray) -> np.ndarray:
    """(cells,) entropy of each cell's table if this cell alone has `lost` less."""
    terms = _bits(shares)
    whole = np.repeat(tables.sums(terms), np.diff(tables.starts))
    return whole - terms + _bits(np.where(there, np.maximum(shares - lost, 0), 0))


def _fewest(labels: np.ndarray, unit: np.ndarray | None) -> int:
    """Documents, or groups, of the smallest category."""
    own = labels if unit is None else np.unique(np.column_stack([labels, unit]), axis=0)[:, 0]
    return int(np.bincount(own).min())


def _root(deviations: np.ndarray, unit: np.ndarray | None) -> float:
    summed = deviations if unit is None else np.bincount(unit, deviations)
    return float(np.sqrt(np.square(summed).sum()))


def _end(value: float, error: float) -> float | None:
    """An end of an interval, so many standard errors away; None if the error is unknown or 0."""
    return None if np.isnan(error) or abs(error) < ROUNDING else float(value + REACH * error)
