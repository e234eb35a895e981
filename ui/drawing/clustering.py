"""An order of rows in which similar ones are neighbours."""

from __future__ import annotations

import numpy as np


def similar_order(values: np.ndarray) -> list[int]:
    """The leaves of a tree of rows, by average linkage on the distance of their directions.

    The order of leaves is the optimal one of Bar-Joseph, Gifford and Jaakkola (2001).

    Args:
        values: rows × columns, finite.
    """
    from scipy.cluster.hierarchy import leaves_list, linkage

    if len(values) < 3:
        return list(range(len(values)))
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    directions = np.divide(values, lengths, out=np.zeros(values.shape), where=lengths > 0)
    return [int(leaf) for leaf in leaves_list(linkage(directions, "average", optimal_ordering=True))]
