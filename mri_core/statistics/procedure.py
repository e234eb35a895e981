"""How a study tests, as its refits and shuffled labels are tested too."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mri_core.statistics.families import ALPHA, Findings, find_differences
from mri_core.statistics.fdr import Method
from mri_core.statistics.tables import Tables, as_counts, permuted_counts, permuted_routing_counts

PERMUTATIONS = 2_000


@dataclass(frozen=True)
class Procedure:
    """How a study tests its documents.

    Attributes:
        labels: (documents,) integer category of each.
        categories: their number.
        fdr: method of q.
        groups: (documents,) blocks, where documents stand in groups.
        permutations: their number, where there are groups or `fwer` is asked for.
        seed: of the permutations.
    """

    labels: np.ndarray
    categories: int
    fdr: Method = "discrete"
    groups: np.ndarray | None = None
    permutations: int = PERMUTATIONS
    seed: int = 0

    def differences(self, tables: Tables, inside: bool = False) -> Findings:
        """The connections, or regions, that differ; those `inside`, among the documents of their source region."""
        permuted = permuted_routing_counts if inside else permuted_counts
        counts = as_counts(tables, tables.counts(self.labels, self.categories), inside)
        drawn = (tables, self.labels, self.categories, self.permutations, self.seed, self.groups)
        needed = self.fdr == "fwer" or self.groups is not None
        draws = (lambda: permuted(*drawn)) if needed else None
        return find_differences(counts, self.fdr, ALPHA, draws, grouped=self.groups is not None)
