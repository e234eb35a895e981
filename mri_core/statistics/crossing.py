"""Categories as levels of one label within strata of others."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Crossing(NamedTuple):
    """How the categories of a study cross two factors.

    Attributes:
        level: (categories,) level of the factor that is tested, counted from 0.
        stratum: (categories,) level of the factor, or of all other factors together, that is held constant.
    """

    level: np.ndarray
    stratum: np.ndarray

    @classmethod
    def none(cls, categories: int) -> Crossing:
        """Categories without crossing: each is a level, all in one stratum."""
        return cls(np.arange(categories), np.zeros(categories, dtype=np.int64))

    def spread(self, counts: np.ndarray) -> np.ndarray:
        """(…, strata, levels) of (…, categories); the levels of one stratum are the categories, in order."""
        strata, levels = int(self.stratum.max()) + 1, int(self.level.max()) + 1
        if not self.stratum.any():
            return counts[..., None, :]
        there = np.zeros((counts.shape[-1], strata * levels), dtype=np.int64)
        there[np.arange(len(there)), self.stratum * levels + self.level] = 1
        return (counts @ there).reshape(*counts.shape[:-1], strata, levels)
