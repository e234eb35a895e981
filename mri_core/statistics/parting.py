"""Where the model separates the categories: do transitions out of a region depend on the category?"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, compress, repeat

import numpy as np

from mri_core.records.measures import ALPHA
from mri_core.statistics.blocks import many_together
from mri_core.statistics.crossing import Crossing
from mri_core.statistics.fdr import Method, bh
from mri_core.statistics.grouped_items import Drawn, GroupedItems
from mri_core.statistics.tables import counted, region_tables

ENOUGH = 10  # permutations as extreme as the observed labels, at which sampling stops
MOST = 10_000  # permutations of one region: one of 500 regions can still be found alone at q < .05
SPARE = 1.2  # times the fewest permutations with which one region alone can be found
FIRST_DRAWS, DRAWS = 100, 1_000  # tables drawn at once: most regions of a null study need no second batch
CELLS = 1 << 22  # of the tables held at once, 32 MB: with 1,000 categories they are large
CLOSE = 1e-9  # statistics of equal tables differ by rounding
NEVER = -27.6  # log of 10⁻¹²: what is less probable occurs in none of a study's permutations
TILTS = np.array([0.5, 0.6, 0.7, 0.8])  # of Chernoff's bound
SLACK = 1.11  # E exp(v/2 G) of a binomial is at most 1.103 (1 − v)^-½ for every v up to .8, by enumeration


@dataclass(frozen=True)
class Parting:
    """One row per testable source region, with at least two categories and two targets.

    Attributes:
        layer, region: its layer, and its number.
        statistic: G of its table target × category; for documents in groups, the sum of its `Margins.distance`.
        p: sequential p.
        permutations: their number.
    """

    layer: np.ndarray
    region: np.ndarray
    statistic: np.ndarray
    p: np.ndarray
    permutations: np.ndarray


def parting(
    codes: np.ndarray,
    labels: np.ndarray,
    seed: int,
    groups: np.ndarray | None = None,
    most: int = MOST,
    advance: Callable[[], None] = lambda: None,
) -> Parting:
    """Tests every region of all layers but the last, by permutations within the region.

    Args:
        codes: (documents, layers) number of each document's region.
        labels: (documents,) integer category of each.
        seed: each region has its own random stream, so that none depends on the others.
        groups: (documents,) blocks that permutations keep together, as far as they lie in one region.
        most: permutations of one region.
        advance: called after each layer.
    """
    rows: list[tuple[int, int, float, float, int]] = []
    for tests in _by_layer(codes, labels, seed, groups, most):
        for test in tests:
            while test.goes_on:
                test.draw()
            rows.append((test.layer, test.region, test.statistic, test.least_p, test.taken))
        advance()
    columns = zip(*rows, strict=True) if rows else repeat((), 5)
    return Parting(*(np.array(column) for column in columns))


def parting_regions(
    codes: np.ndarray,
    labels: np.ndarray,
    seed: int,
    fdr: Method,
    groups: np.ndarray | None = None,
    most: int = MOST,
) -> int:
    """How many regions `parting` and `parting_q` find, in as few permutations as settle that.

    A region's later permutations can only move its p between two bounds. Adjusted p grow with every p, so a region that
    is found at the upper bounds of all is found, and one that is not at the lower ones is not.

    Args:
        codes, labels, seed, groups, most: as `parting` takes them.
        fdr: how p are adjusted.
    """
    tests = [test for tests in _by_layer(codes, labels, seed, groups, most) for test in tests]
    while tests:
        least, greatest = (
            parting_q(np.array(bounds), fdr) <= ALPHA
            for bounds in ([test.least_p for test in tests], [test.greatest_p for test in tests])
        )
        if (least == greatest).all():
            return int(greatest.sum())
        for test in compress(tests, least & ~greatest):
            if test.goes_on:
                test.draw()
    return 0


class RegionTest:
    """A region's sequential p by Besag and Clifford (1991), as far as it is drawn.

    If the tenth permutation with a statistic as large as the observed one is the l-th, p = 10/l. If `most` permutations
    contain only g such, p = (g + 1)/(most + 1).

    Args:
        layer, region: its layer, and its number.
        statistic: of the observed labels.
        shuffled: batches of the permutations' statistics, without end.
        most: permutations at most.
        unreached: whether none can be expected to have a statistic as large, so that none is drawn.
    """

    def __init__(
        self,
        layer: int,
        region: int,
        statistic: float,
        shuffled: Iterator[np.ndarray],
        most: int = MOST,
        *,
        unreached: bool = False,
    ) -> None:
        self.layer, self.region, self.statistic = layer, region, statistic
        self.taken = most if unreached else 0
        self._shuffled, self._most, self._as_large = shuffled, most, 0

    @property
    def goes_on(self) -> bool:
        """Whether p needs further permutations."""
        return self._as_large < ENOUGH and self.taken < self._most

    @property
    def least_p(self) -> float:
        """p if no further permutation had a statistic as large; p itself at the end."""
        return ENOUGH / self.taken if self._as_large == ENOUGH else (self._as_large + 1) / (self._most + 1)

    @property
    def greatest_p(self) -> float:
        """p if all further permutations had one as large; p itself at the end."""
        if not self.goes_on:
            return self.least_p
        last = self.taken + ENOUGH - self._as_large
        return ENOUGH / last if last <= self._most else ENOUGH / (self._most + 1)

    def draw(self) -> None:
        """Draws a batch."""
        batch = next(self._shuffled)[: self._most - self.taken]
        as_large = np.cumsum(batch >= self.statistic - CLOSE * (1 + abs(self.statistic))) + self._as_large
        if as_large[-1] >= ENOUGH:
            self.taken, self._as_large = self.taken + int(np.searchsorted(as_large, ENOUGH)) + 1, ENOUGH
        else:
            self.taken, self._as_large = self.taken + len(as_large), int(as_large[-1])


def _by_layer(
    codes: np.ndarray, labels: np.ndarray, seed: int, groups: np.ndarray | None, most: int
) -> Iterator[list[RegionTest]]:
    """The tests of each layer's testable regions, nothing drawn."""
    together = groups is not None and many_together(groups)
    if together:
        most = min(most, _enough_of(codes))
    for layer in range(codes.shape[1] - 1):
        order = np.argsort(codes[:, layer], kind="stable")
        regions, starts = np.unique(codes[order, layer], return_index=True)
        tests = []
        for region, own in zip(regions.tolist(), np.split(order, starts[1:]), strict=True):
            targets = np.unique(codes[own, layer + 1], return_inverse=True)[1]
            present = np.unique(labels[own], return_inverse=True)[1]
            if targets.max() and present.max():
                chosen = None if groups is None else groups[own]
                statistic, shuffled = _statistics(targets, present, [seed, layer, region], chosen, together)
                unreached = chosen is None and never_reached(statistic, np.bincount(targets), np.bincount(present))
                tests.append(RegionTest(layer, region, statistic, shuffled, most, unreached=unreached))
        yield tests


def _enough_of(codes: np.ndarray) -> int:
    """Permutations with which one region alone can still be found, and no more: those of whole texts take long."""
    regions = sum(len(np.unique(layer)) for layer in codes.T[:-1])
    return math.ceil(SPARE * regions / ALPHA)


def parting_q(p: np.ndarray, fdr: Method) -> np.ndarray:
    """q over regions: for `fwer` Holm's (1979) adjusted p, for all others Benjamini–Hochberg's on the sequential p.

    A sequential p has no null distribution in closed form, which `discrete` and `dbh` would need.
    """
    if fdr != "fwer":
        return bh(p)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    return np.minimum(stepped, 1.0)[np.argsort(order)]


def g_statistic(tables: np.ndarray) -> np.ndarray:
    """G = 2 Σ O ln(O/E) of each table (…, targets, categories) against independence."""
    parts = (tables, (-1, -2)), (tables.sum(axis=-1), -1), (tables.sum(axis=-2), -1)
    cells, rows, columns = (_weighed(counts).sum(axis=axes) for counts, axes in parts)
    return 2 * (cells - rows - columns + _weighed(tables.sum(axis=(-1, -2))))


def never_reached(statistic: float, targets: np.ndarray, labels: np.ndarray) -> bool:
    """Whether a random table with these margins has a G as large with a probability below 10⁻¹², by a bound.

    Given the targets' sizes, the labels of each are multinomial draws with the categories' shares r/N, on condition
    that they add up to the categories' sizes r. So P(G ≥ g) ≤ E exp(v/2 (G − g)) / P(r), by Markov's inequality
    (Chernoff's bound). Without the condition G is a sum over targets, and each target's a sum of C − 1 binomial ones,
    whose E exp(v/2 G) is at most `SLACK` (1 − v)^-½; (1 − v)^-1 is proven (Agrawal 2020, "Finite-sample concentration
    of the multinomial in relative entropy"). P(r) is the multinomial probability of r.

    Args:
        statistic: g.
        targets, labels: sizes of the targets and of the categories, all above 0; they add up to the same.
    """
    return min(log_bound(statistic, targets, labels), log_bound(statistic, labels, targets)) < NEVER


def log_bound(statistic: float, given: np.ndarray, drawn: np.ndarray) -> float:
    """Log of the bound of `never_reached`, with the margin `given` fixed first and `drawn` as the condition."""
    from scipy.special import gammaln, xlogy

    population = drawn.sum()
    drawn_so = gammaln(population + 1.0) + (xlogy(drawn, drawn / population) - gammaln(drawn + 1.0)).sum()
    binomials = len(given) * (len(drawn) - 1)
    tilted = binomials * (np.log(SLACK) - np.log(1 - TILTS) / 2) - TILTS * statistic / 2
    return float(tilted.min() - drawn_so)


def _weighed(counts: np.ndarray) -> np.ndarray:
    """n ln n, 0 for 0."""
    return counts * np.log(counts, where=counts > 0, out=np.zeros(counts.shape))


def _statistics(
    targets: np.ndarray, labels: np.ndarray, seed: Sequence[int], groups: np.ndarray | None, together: bool
) -> tuple[float, Iterator[np.ndarray]]:
    """The statistic of a region, and batches of it under permutations of the labels, without end."""
    sizes = enumerate(chain([FIRST_DRAWS], repeat(DRAWS)))
    if groups is None:
        return (
            float(g_statistic(_tables(targets, labels))),
            (random_statistics(targets, labels, size, [*seed, number]) for number, size in sizes),
        )
    crossing = Crossing.none(int(labels.max()) + 1)
    items = GroupedItems.of(region_tables(targets[:, None]), labels, groups, crossing, together=together)
    margins = items.margins()

    def statistic(drawn: Drawn) -> np.ndarray:
        far = margins.distance(margins.moments(drawn.weights, drawn.weights_possible))
        return np.asarray(far.sum(axis=(1, 2)))

    batches = (
        np.concatenate([statistic(several) for several in items.permuted(size, [*seed, number])])
        for number, size in sizes
    )
    return float(statistic(items.observed())[0]), batches


def random_statistics(
    targets: np.ndarray, labels: np.ndarray, size: int, seed: Sequence[int], cells: int = CELLS
) -> np.ndarray:
    """(size,) G under free permutation of the labels, drawn as tables with the same margins (Patefield 1981).

    Args:
        targets, labels: (documents,) of each, counted from 0.
        size: number of tables.
        seed: of the draw.
        cells: of all tables that are held at once; one is held at least.
    """
    from scipy.stats import random_table

    margins = np.bincount(targets), np.bincount(labels)
    at_once = max(1, cells // (len(margins[0]) * len(margins[1])))
    tables, generator = random_table(*margins), np.random.default_rng(seed)
    sizes = [min(at_once, size - first) for first in range(0, size, at_once)]
    return np.concatenate([permuted_g(tables.rvs(part, random_state=generator)) for part in sizes])


def permuted_g(tables: np.ndarray) -> np.ndarray:
    """G of tables (tables, targets, categories) that have all the margins of the first."""
    first = tables[0]
    weighed = _weighed(np.arange(int(first.sum()) + 1))
    margins = weighed[first.sum(axis=0)].sum() + weighed[first.sum(axis=1)].sum()
    return 2 * (weighed[tables].sum(axis=(1, 2)) - margins + weighed[-1])


def _tables(targets: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(…, targets, categories) of labels (…, documents)."""
    targets_there, labels_there = int(targets.max()) + 1, int(labels.max()) + 1
    counts = counted(targets * labels_there + labels, targets_there * labels_there)
    return counts.reshape(*labels.shape[:-1], targets_there, labels_there)
