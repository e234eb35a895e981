"""Stability of findings over bootstrap refits of the atlas, and the routing between a layer and its own refit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from mri_core.records.measures import ALPHA, FLOOR, Measure
from mri_core.statistics.families import Findings
from mri_core.statistics.matching import matched
from mri_core.statistics.procedure import Procedure
from mri_core.statistics.tables import Tables, connection_tables, paired_tables


@dataclass(frozen=True)
class Stability:
    """The results of the refits.

    Attributes:
        found: share of refits in which a named category of a connection is found again with the same sign, for each row
            of the connectome's flows; NaN if none is named.
        avoided: the same for the connections' `avoided`, in their order.
        routing, tested: (steps,) connections with a routing finding, and all connections.
        floor, floor_tested: (steps,) the same between the source layer and its own refit, mean over the refits.
        floors: (refits, steps) the floor of each refit.
        moved, floor_moved: (steps,) share of documents that leave their region, with the regions of the two layers
            matched; the floor is valid if no more documents move between the layers than between a layer and its refit.
        refits: their number.
    """

    found: np.ndarray
    avoided: np.ndarray
    routing: np.ndarray
    tested: np.ndarray
    floor: np.ndarray
    floor_tested: np.ndarray
    floors: np.ndarray
    moved: np.ndarray
    floor_moved: np.ndarray
    refits: int


def stability(
    codes: np.ndarray,
    procedure: Procedure,
    refits: Iterable[np.ndarray],
    seen: Callable[[np.ndarray, Tables, Findings], object] = lambda codes, tables, findings: None,
) -> Stability:
    """Tests every refit as the study was tested; of the others only the codes are in memory.

    Args:
        codes: (documents, layers) number of each document's region.
        procedure: the study's.
        refits: codes of the same documents, with regions numbered as the study's regions that they match; one refit at
            least.
        seen: called with each refit's codes, and the tables and findings of its connections.
    """
    tables = connection_tables(codes)
    findings = procedure.differences(tables)
    width = int(codes.max()) + 1
    rows, avoided = _keys(tables, findings, procedure, width)
    again, avoided_again, floors = np.zeros(len(rows)), np.zeros(len(avoided)), []
    own = _routing(codes[:, :-1], codes[:, 1:], procedure)  # with as many permutations as the study's findings
    procedure = procedure.repeated
    for refit in refits:
        refitted = connection_tables(refit)
        differences = procedure.differences(refitted)
        seen(refit, refitted, differences)
        keys = np.concatenate(_keys(refitted, differences, procedure, width))
        again += np.isin(rows, keys)
        avoided_again += np.isin(avoided, keys)
        floors.append(_routing(codes[:, :-1], refit[:, :-1], procedure))
    count = len(floors)
    found = np.where(findings.evidence.finding == 0, np.nan, again / count)
    (routing, tested, moved), (floor, floor_tested, floor_moved) = own, np.mean(floors, axis=0)
    each, shares = np.stack(floors)[:, 0], avoided_again / count
    return Stability(found, shares, routing, tested, floor, floor_tested, each, moved, floor_moved, count)


def routing_floor_measures(found: Stability) -> list[Measure]:
    """A `routing_floor` for each step, by its first layer: its range over the refits, and the study's own routing."""
    return [
        Measure(
            FLOOR,
            float(found.floor[layer]),
            layer,
            ci_low=float(found.floors[:, layer].min()),
            ci_high=float(found.floors[:, layer].max()),
            details={
                "tested": float(found.floor_tested[layer]),
                "moved": float(found.floor_moved[layer]),
                "routing": int(found.routing[layer]),
                "routing_tested": int(found.tested[layer]),
                "routing_moved": float(found.moved[layer]),
                "refits": found.refits,
            },
        )
        for layer in range(len(found.floor))
    ]


def _routing(sources: np.ndarray, targets: np.ndarray, procedure: Procedure) -> np.ndarray:
    """(3, steps): connections with a routing finding, all of them, and the share of documents that move."""
    tables = paired_tables(sources, targets)
    passing = procedure.differences(tables, inside=True).q <= ALPHA
    moved = [np.mean(matched(*ends) != ends[0]) for ends in zip(sources.T, targets.T, strict=True)]
    return np.stack([tables.sums(passing.astype(np.int64)), np.diff(tables.starts), moved])


def _keys(tables: Tables, findings: Findings, procedure: Procedure, width: int) -> tuple[np.ndarray, np.ndarray]:
    """A key for each row and each avoided one, the same for the same step, ends, category and sign.

    Args:
        width: codes from here on belong to regions that the atlas does not have; connections to them have the key -1.
    """

    def keys(cell: np.ndarray, category: np.ndarray, sign: np.ndarray) -> np.ndarray:
        first, second = tables.first[cell], tables.second[cell]
        connection = (tables.table[cell] * width + first) * width + second
        key = (connection * procedure.categories + category) * 3 + sign + 1
        return np.where(np.maximum(first, second) < width, key, -1)

    cell, category = np.nonzero(tables.counts(procedure.labels, procedure.categories))
    avoided = findings.avoided
    rows = keys(cell, category, findings.evidence.finding)
    return rows, keys(avoided.item, avoided.category, avoided.evidence.finding)
