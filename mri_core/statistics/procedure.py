"""The test procedure of a study, which is applied to its refits and shuffled labels too."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mri_core.records.measures import ALPHA
from mri_core.statistics.crossing import Crossing
from mri_core.statistics.dense import DenseFindings
from mri_core.statistics.families import Findings, find_differences, in_rows
from mri_core.statistics.fdr import Method
from mri_core.statistics.grouped import find_grouped
from mri_core.statistics.grouped_items import GroupedItems
from mri_core.statistics.mantel_haenszel import WithinStrata
from mri_core.statistics.naming import Counted, WithEffects
from mri_core.statistics.paths import permuted_counts, permuted_routing_counts
from mri_core.statistics.tables import Tables, as_counts

PERMUTATIONS = 2_000
REPEATED = 500


@dataclass(frozen=True)
class Procedure:
    """How a study tests its documents.

    Attributes:
        labels: (documents,) integer category of each.
        categories: their number.
        fdr: method of q.
        groups: (documents,) blocks, if documents are in groups.
        permutations: their number, if there are groups or `fwer` is used.
        seed: of the permutations.
        intervals: whether effects of independent documents have their intervals, which take about half of the time.
    """

    labels: np.ndarray
    categories: int
    fdr: Method = "discrete"
    groups: np.ndarray | None = None
    permutations: int = PERMUTATIONS
    seed: int = 0
    intervals: bool = True

    @property
    def repeated(self) -> Procedure:
        """For findings of many atlases or shuffles, which are counted: no intervals, and a coarser q of groups."""
        fewer = self.permutations if self.groups is None else min(self.permutations, REPEATED)
        return replace(self, permutations=fewer, intervals=False)

    def differences(self, tables: Tables, inside: bool = False) -> Findings:
        """The connections, or regions, that differ; those `inside`, among the documents of their source region."""
        counts = as_counts(tables, tables.counts(self.labels, self.categories), inside)
        if self.groups is not None:
            return in_rows(counts, self.grouped(tables, self.groups, Crossing.none(self.categories), inside))
        permuted = permuted_routing_counts if inside else permuted_counts
        drawn = (tables, self.labels, self.categories, self.permutations, self.seed)
        draws = (lambda: permuted(*drawn)) if self.fdr == "fwer" else None
        return find_differences(counts, self.fdr, ALPHA, draws, intervals=self.intervals)

    def grouped(self, tables: Tables, groups: np.ndarray, crossing: Crossing, inside: bool = False) -> DenseFindings:
        """The items that differ, for documents in groups, by levels of the crossing."""
        items = GroupedItems.of(tables, self.labels, groups, crossing, inside)
        counts = tables.counts(self.labels, self.categories)
        sizes = as_counts(tables, counts, inside)
        count, size = crossing.spread(counts), crossing.spread(sizes.sizes)[sizes.population]
        plain: WithEffects = WithinStrata(count, size)
        if count.shape[1] == 1:
            plain = Counted(count[:, 0], size[:, 0])
        return find_grouped(items, plain, self.fdr, ALPHA, self.permutations, self.seed)
