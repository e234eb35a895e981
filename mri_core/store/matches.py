"""`MATCHES` relationships between regions of two ready studies: which hold the same documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mri_core.errors import StoreError
from mri_core.store.bolt.driver import Run, Transactions
from mri_core.store.measuring import RAISE

BATCH = 5000  # relationships
REMOVE = """
MATCH (:Region {llm_mri: true, study: $study})-[m:MATCHES {other: $other}]->(:Region {llm_mri: true, study: $other})
DELETE m
"""
ADD = """
UNWIND $rows AS row
MATCH (a:Region {llm_mri: true, id: row[0]})
MATCH (b:Region {llm_mri: true, id: row[1]})
CREATE (a)-[:MATCHES {study: $study, other: $other, shared: row[2], jaccard: row[3], over_chance: row[4]}]->(b)
"""


class Match(NamedTuple):
    """Two regions of two studies that hold the same documents, as far as any do.

    Attributes:
        region, other: their ids.
        shared: documents that pass both.
        jaccard: shared over the documents that pass either.
        over_chance: the same from 0, what regions of these sizes share by chance, to 1, the most that they can share.
    """

    region: str
    other: str
    shared: int
    jaccard: float
    over_chance: float


def add(writer: Transactions, study: str, other: str, matches: Sequence[Match]) -> None:
    """Replaces the matches from a study to another, and raises the revision of the first, in one transaction.

    Raises:
        StoreError: one of the studies is not there any more.
    """

    def work(run: Run) -> None:
        if not run(RAISE, study=study) or not run(
            "MATCH (s:Study {llm_mri: true, id: $id, status: 'ready'}) RETURN s.id AS id", id=other
        ):
            raise StoreError(
                "Regions of ready studies are matched", f"{study} or {other} is not there", "Scan it first"
            )
        run(REMOVE, study=study, other=other)
        for first in range(0, len(matches), BATCH):
            rows = [list(match) for match in matches[first : first + BATCH]]
            run(ADD, study=study, other=other, rows=rows)

    writer.transact(work)
