"""Weights of documents in groups, by the design effect of their group.

Documents of one group are correlated, so that a hundred of one group carry less information than a hundred of a
hundred groups. Each has the weight 1/(1 + (n − 1) ρ), n the documents of its group and ρ the intraclass correlation:
the variance of a group's weighted count is that of so many independent documents (Rao and Scott 1992, with the design
effect of each group by its size). ρ does not depend on the labels, so that permutations preserve it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mri_core.statistics.tables import Tables


def group_weights(
    tables: Tables, mixed: np.ndarray, groups: np.ndarray, places: Sequence[np.ndarray], cut: bool
) -> np.ndarray:
    """(tables, documents) weights.

    Args:
        tables: of the cells that documents take; ρ is that of all cells of a table together.
        mixed: (tables, documents) whether labels vary within a document's group: they are compared inside it, with
            weight 1.
        groups: (documents,) integer group of each.
        places: for each table the places (documents,) within which shares of the cells are computed.
        cut: whether the documents of a group in one place form a separate group.
    """
    weights = np.ones(tables.cell.shape)
    for cell, place, inside, own in zip(tables.cell, places, mixed, weights, strict=True):
        whole = ~inside
        unit = np.unique(place * (int(groups.max()) + 1) + groups, return_inverse=True)[1]
        rho = intraclass_correlation(cell[whole], unit[whole], place[whole])
        group = unit if cut else np.unique(groups, return_inverse=True)[1]
        size = np.bincount(group)[group]
        own[whole] = 1 / (1 + (size[whole] - 1) * rho)
    return weights


def intraclass_correlation(cell: np.ndarray, unit: np.ndarray, place: np.ndarray) -> float:
    """Intraclass correlation of cell membership within units, 0 to 1: the moment estimate over all cells.

    The squared deviations (x − n p)² of the units' counts x, p the cell's share in its place, have an expectation that
    is linear in ρ if a count's variance is n p (1 − p)(1 + (n − 1) ρ).

    Args:
        cell, unit, place: (documents,) integers; a unit lies in one place.
    """
    if not len(cell):
        return 0.0
    unit, place = (np.unique(numbers, return_inverse=True)[1] for numbers in (unit, place))
    n = np.bincount(unit).astype(np.float64)
    where = np.zeros(len(n), dtype=np.int64)
    where[unit] = place
    documents, squares, cubes = (np.bincount(where, n**power) for power in (1, 2, 3))
    span = int(cell.max()) + 1
    kind, x = np.unique(unit * span + cell, return_counts=True)
    item, of = np.unique(where[kind // span] * span + kind % span, return_inverse=True)
    there, total = item // span, np.bincount(of, x)
    share = total / documents[there]
    seen = np.bincount(of, x**2) - 2 * share * np.bincount(of, x * n[kind // span]) + share**2 * squares[there]
    varying = share * (1 - share)
    independent = (varying * (documents - squares / documents)[there]).sum()
    each = squares - documents - 2 * (cubes - squares) / documents + squares * (squares - documents) / documents**2
    more = (varying * each[there]).sum()
    return float(np.clip((seen.sum() - independent) / more, 0, 1)) if more > 1e-12 else 0.0
