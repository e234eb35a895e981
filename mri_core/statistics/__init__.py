"""Is a difference real? Statistics of distributions over regions, as pure functions on arrays.

What needs SciPy is imported from its own module, so that reading commands do not pay for it.
"""

from mri_core.statistics.distributions import (
    correlation_ratio,
    entropy,
    explained_by_chance,
    explained_by_regions,
    jensen_shannon,
)

__all__ = ["correlation_ratio", "entropy", "explained_by_chance", "explained_by_regions", "jensen_shannon"]
