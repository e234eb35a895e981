"""How many findings a study has, and how many it has under shuffled labels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from mri_core.records.measures import ALPHA
from mri_core.statistics.blocks import label_permutations
from mri_core.statistics.families import Findings
from mri_core.statistics.parting import MOST, parting_regions
from mri_core.statistics.procedure import Procedure
from mri_core.statistics.tables import Tables, connection_tables, region_tables

SHUFFLES = 20


class Counted(NamedTuple):
    """Findings of the four families: connections, regions, routes and source regions with q ≤ α."""

    connections: int
    activity: int
    routing: int
    parting: int


def count_findings(
    codes: np.ndarray, procedure: Procedure, most: int = MOST, known: tuple[Tables, Findings] | None = None
) -> Counted:
    """How many findings the labels have.

    Args:
        codes: (documents, layers) number of each document's region; two layers at least.
        procedure: the study's.
        most: permutations of one source region.
        known: tables and findings of the first family, if known.
    """
    tables = known[0] if known else connection_tables(codes)
    return Counted(
        _passing((known[1] if known else procedure.differences(tables)).q),
        _passing(procedure.differences(region_tables(codes)).q),
        _passing(procedure.differences(tables, inside=True).q),
        parting_regions(codes, procedure.labels, procedure.seed, procedure.fdr, procedure.groups, most),
    )


def shuffled_findings(
    codes: np.ndarray,
    procedure: Procedure,
    shuffles: int = SHUFFLES,
    most: int = MOST,
    advance: Callable[[], None] = lambda: None,
) -> list[Counted]:
    """How many findings shuffled labels have, once for each seeded shuffle; groups are kept together.

    Args:
        codes: (documents, layers) number of each document's region.
        procedure: the study's, with the labels as they are.
        shuffles: their number.
        most: permutations of one source region.
        advance: called after each shuffle.
    """
    found, procedure = [], procedure.repeated
    # a separate stream: the tests permute with the seed itself, and would repeat the same shuffles
    for shuffled in label_permutations(procedure.labels, shuffles, [procedure.seed, SHUFFLES], procedure.groups):
        found.append(count_findings(codes, replace(procedure, labels=shuffled), most))
        advance()
    return found


def _passing(q: np.ndarray) -> int:
    return int(np.sum(q <= ALPHA))
