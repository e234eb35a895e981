"""Does a category take a connection, or a region, more often than the types of its tokens explain?

Types are strata. Of a cell M (0 or 1 a token) and a category L (likewise) the score is

    S = Σ (M − M̄)(L − L̄),

the means those of a token's type: Mantel and Haenszel's (1959) observed less expected count, all types added up. Tokens
of one text are dependent, in whatever way, so that S is a sum of texts' scores; under the null hypothesis these have
the mean 0, and S is compared with sums of the same scores with random signs (Hemerik, Goeman and Finos 2020). As M̄ and
L̄ are estimated from few tokens of most types, texts' scores are smaller than they vary; those that get signs have the
correction of Bell and McCaffrey (2002, CR2): within a type the mean of a text's tokens is (1 − n_text/n)^-½ times as
far from that of all n. A type that one text alone has says something only where labels vary within that text.

S is divided by the root of its variance. That of the squared texts' scores alone is too small where few tokens of a
category were expected and none came: it is at least that of independent tokens (Mantel and Haenszel's) times the cell's
design effect, which is the ratio of the two, each summed over the categories.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mri_core.distinct import distinct
from mri_core.statistics.fdr import discrete
from mri_core.statistics.mantel_haenszel import common_log_odds_in_rows
from mri_core.statistics.tables import Tables

FLIPS = 2_000
BLOCKS = 1_000  # that have a sign of their own: of more texts several share one, by lot
FINEST, FARTHEST = 256, 32  # steps of |z| are 1/256 wide; no more than 1,000 signs have a |z| of 32
SURE = 1e-9  # smaller sums of squared scores come from rounding
CLOSE = 1 - 1e-5  # sums of equal scores differ by rounding
SCORES = 1 << 23  # held at once, 32 MB


class WithinTypes(NamedTuple):
    """The cells of a family within types, (cells, categories); NaN where nothing varies within any type.

    Attributes:
        effect: Mantel and Haenszel's common log odds ratio over types, of the category against all others.
        q: of each cell and category, all of them one family.
        p: two-sided, by random signs of texts' scores.
    """

    effect: np.ndarray
    q: np.ndarray
    p: np.ndarray


def within_types(
    tables: Tables,
    labels: np.ndarray,
    categories: int,
    types: np.ndarray,
    groups: np.ndarray,
    *,
    flips: int = FLIPS,
    seed: int = 0,
) -> WithinTypes:
    """Tests each cell and category within the types of tokens.

    Args:
        tables: of regions or of connections.
        labels: (tokens,) integer category of each.
        categories: their number.
        types: (tokens,) integer type of each.
        groups: (tokens,) integer text of each; labels may be constant or vary within one.
        flips: random signs that are drawn.
        seed: of the signs.
    """
    generator = np.random.default_rng(seed)
    strata = _Strata.of(labels, categories, types, _blocks(groups, generator))
    signs = generator.integers(2, size=(flips, strata.blocks)).astype(np.float32) * 2 - 1
    tally = _Tally((int(tables.starts[-1]), categories))
    for table in range(len(tables.cell)):
        for cells in _Cells.of(tables, table, strata, labels, categories).parts(strata):
            tally.add(cells, strata, signs)
    return tally.found(flips)


@dataclass(frozen=True)
class _Strata:
    """Tokens by type, and by type and block, which is a pair.

    Attributes:
        pair: (tokens,) of each token.
        block, stratum: (pairs,) of each pair.
        size: (pairs,) its tokens.
        by_category: (pairs, categories) its tokens of each.
        sizes, sizes_by_category: (types,) and (types, categories) likewise of the types.
        blocks: their number.
    """

    pair: np.ndarray
    block: np.ndarray
    stratum: np.ndarray
    size: np.ndarray
    by_category: np.ndarray
    sizes: np.ndarray
    sizes_by_category: np.ndarray
    blocks: int

    @classmethod
    def of(cls, labels: np.ndarray, categories: int, types: np.ndarray, blocks: np.ndarray) -> _Strata:
        """Counts them; blocks (tokens,) are counted from 0."""
        type_of = distinct(types)[1]
        several = int(type_of.max()) + 1
        keys, pair = distinct(blocks.astype(np.int64) * several + type_of)
        block, stratum = keys // several, keys % several
        by_category = _counted(pair, labels, len(keys), categories)
        of_types = np.zeros((several, categories))
        np.add.at(of_types, stratum, by_category)
        size = by_category.sum(axis=1)
        sizes = of_types.sum(axis=1)
        return cls(pair, block, stratum, size, by_category, sizes, of_types, int(block.max()) + 1)

    @property
    def means(self) -> np.ndarray:
        """(types, categories) L̄."""
        return self.sizes_by_category / self.sizes[:, None]

    @property
    def residuals(self) -> np.ndarray:
        """(pairs, categories) sums of L − L̄."""
        return self.by_category - self.size[:, None] * self.means[self.stratum]

    @property
    def widened(self) -> np.ndarray:
        """(pairs,) (1 − n_text/n)^-½; 1 where the type is in one block alone, and has its mean there."""
        left = 1 - self.size / self.sizes[self.stratum]
        return np.where(left > 0, 1 / np.sqrt(np.where(left > 0, left, 1)), 1.0)


@dataclass(frozen=True)
class _Cells:
    """A table's tokens by pair and cell.

    Attributes:
        place: of its cells among those of all tables.
        pair, cell: (triples,) of each.
        count: (triples,) tokens.
        by_category: (triples, categories) likewise.
    """

    place: slice
    pair: np.ndarray
    cell: np.ndarray
    count: np.ndarray
    by_category: np.ndarray

    @classmethod
    def of(cls, tables: Tables, table: int, strata: _Strata, labels: np.ndarray, categories: int) -> _Cells:
        """Counts them."""
        place = slice(int(tables.starts[table]), int(tables.starts[table + 1]))
        several = place.stop - place.start
        keys, triple = distinct(strata.pair.astype(np.int64) * several + tables.cell[table])
        by_category = _counted(triple, labels, len(keys), categories)
        return cls(place, keys // several, keys % several, by_category.sum(axis=1), by_category)

    @property
    def several(self) -> int:
        """How many cells."""
        return self.place.stop - self.place.start

    def parts(self, strata: _Strata) -> Iterator[_Cells]:
        """Some cells at a time, so that their scores take little memory."""
        at_once = max(1, SCORES // (strata.blocks * self.by_category.shape[1]))
        for first in range(0, self.several, at_once):
            last = min(first + at_once, self.several)
            own = np.flatnonzero((self.cell >= first) & (self.cell < last))
            place = slice(self.place.start + first, self.place.start + last)
            yield _Cells(place, self.pair[own], self.cell[own] - first, self.count[own], self.by_category[own])

    def by_type(self, strata: _Strata) -> _ByType:
        """Its tokens by type and cell."""
        keys, row = distinct(strata.stratum[self.pair] * self.several + self.cell)
        count = np.stack([np.bincount(row, own, len(keys)) for own in self.by_category.T], axis=1)
        stratum = keys // self.several
        return _ByType(keys % self.several, self.several, count, strata.sizes_by_category[stratum])

    def scores(self, strata: _Strata) -> np.ndarray:
        """(categories, blocks, cells) scores of the blocks, with the correction."""
        from scipy.sparse import csr_array

        residuals, means, widened = strata.residuals, strata.means, strata.widened
        stratum, block = strata.stratum[self.pair], strata.block[self.pair]
        share = self.count / strata.sizes[stratum]
        by_type = csr_array((share, (stratum, self.cell)), shape=(len(strata.sizes), self.several))
        further = (widened[self.pair] - 1) * self.count / strata.size[self.pair]
        scores = np.empty((means.shape[1], strata.blocks, self.several), dtype=np.float32)
        for category, into in enumerate(scores):
            own = residuals[:, category]
            apart = self.by_category[:, category] - self.count * means[stratum, category] + further * own[self.pair]
            seen = np.bincount(block * self.several + self.cell, apart, into.size).reshape(into.shape)
            of_pairs = (widened * own, (strata.block, strata.stratum))
            expected = csr_array(of_pairs, shape=(strata.blocks, len(strata.sizes))) @ by_type
            into[:] = seen - expected.toarray()
        return scores


@dataclass(frozen=True)
class _ByType:
    """Tokens by type and cell.

    Attributes:
        cell: (rows,) of each row.
        cells: their number.
        count, size: (rows, categories) tokens of the type in the cell, and anywhere.
    """

    cell: np.ndarray
    cells: int
    count: np.ndarray
    size: np.ndarray

    def effects(self) -> np.ndarray:
        """(cells, categories) common log odds ratios."""
        return common_log_odds_in_rows(self.cell, self.cells, self.count, self.size)

    def observed(self) -> tuple[np.ndarray, np.ndarray]:
        """(cells, categories) S, and its variance if tokens are independent."""
        total, population = (part.sum(axis=1, keepdims=True) for part in (self.count, self.size))
        share = total / population
        each = share * (1 - share) / np.maximum(population - 1, 1)
        return self._summed(self.count - self.size * share), self._summed(self.size * (population - self.size) * each)

    def _summed(self, rows: np.ndarray) -> np.ndarray:
        return np.stack([np.bincount(self.cell, own, self.cells) for own in rows.T], axis=1)


class _Tally:
    """The cells of all tables, and how many reach a |z| with random signs."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self.effect, self.p, self.z = np.full((3, *shape), np.nan)
        self._reached = np.zeros(FINEST * FARTHEST + 1, dtype=np.int64)

    def add(self, cells: _Cells, strata: _Strata, signs: np.ndarray) -> None:
        """Adds some cells, with signs (flips, blocks)."""
        by_type, scores = cells.by_type(strata), cells.scores(strata)
        self.effect[cells.place] = by_type.effects()
        apart, independent = by_type.observed()
        squares = np.square(scores, dtype=np.float64).sum(axis=1).T
        design = np.maximum(1, squares.sum(axis=1) / np.maximum(independent.sum(axis=1), SURE))
        z = np.abs(apart) / np.sqrt(np.maximum(np.maximum(squares, independent * design[:, None]), SURE))
        p = np.full(z.shape, np.nan)
        for category, own in enumerate(scores):
            tested = np.flatnonzero(squares[:, category] > SURE)
            drawn = np.abs(signs @ (own[:, tested] / np.sqrt(squares[tested, category]).astype(np.float32)))
            self._reached += np.bincount(_step(drawn).ravel(), minlength=len(self._reached))
            reached = (drawn >= z[tested, category] * CLOSE).sum(axis=0)
            p[tested, category] = (1 + reached) / (1 + len(drawn))
        self.p[cells.place], self.z[cells.place] = p, np.where(np.isnan(p), np.nan, z)

    def found(self, flips: int) -> WithinTypes:
        """The cells with their q."""
        tested, q = np.isfinite(self.z), np.full(self.z.shape, np.nan)
        own = _step(self.z[tested])
        reached = self._reached + np.bincount(own, minlength=len(self._reached))  # what was observed is one of them
        share = np.cumsum(reached[::-1])[::-1] / (flips + 1)
        steps = len(reached)
        if tested.any():
            q[tested] = discrete(steps - own.astype(float), lambda at: share[(steps - at).astype(np.int64)])
        effect = np.where(tested, self.effect, np.nan)
        return WithinTypes(effect, np.maximum(q, self.p), self.p)


def _step(z: np.ndarray) -> np.ndarray:
    """The step that |z| lies on, the last for all beyond; rounding does not part equal ones."""
    found: np.ndarray = np.minimum(z * FINEST + 1e-3, FINEST * FARTHEST).astype(np.int64)
    return found


def _blocks(groups: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """(tokens,) the block of each, counted from 0: its text, or texts that are drawn together where there are many."""
    text = distinct(groups)[1]
    texts = int(text.max()) + 1
    if texts <= BLOCKS:
        return text
    found: np.ndarray = (generator.permutation(texts) % BLOCKS)[text]
    return found


def _counted(rows: np.ndarray, labels: np.ndarray, several: int, categories: int) -> np.ndarray:
    """(several, categories) tokens of each row and category, as numbers with a fraction."""
    counts = np.bincount(rows * categories + labels, minlength=several * categories)
    return counts.reshape(several, categories).astype(np.float64)
