"""A study's atlas in the store, in parts that a property can hold, so that it goes wherever the study goes."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from typing import Any

from mri_core.errors import StoreError
from mri_core.records.ids import atlas_part_id
from mri_core.store.bolt.driver import Run, Transactions
from mri_core.store.columns import assigned

PART = 384 * 1024  # bytes of an atlas in one node: half a mebibyte of text
ADD = f"""
UNWIND $rows AS row
CREATE (:AtlasPart {{llm_mri: true, study: $study, {assigned(("id", "number", "data"), "row")}}})
"""
REMOVE = "MATCH (n:AtlasPart {llm_mri: true, study: $study}) DELETE n"
FIND = """
MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})
MATCH (n:AtlasPart {llm_mri: true, study: $study})
RETURN n.number AS number, n.data AS data ORDER BY number
"""
HASHED = """
MATCH (s:Study {llm_mri: true, id: $study}) SET s.atlas_hash = $hash
WITH s WHERE s.status = 'ready'
RETURN s.id AS id
"""


def rows(study: str, atlas: bytes) -> Iterator[list[Any]]:
    """The parts of an atlas, each as `ADD` takes it."""
    for number, first in enumerate(range(0, len(atlas), PART)):
        data = b64encode(atlas[first : first + PART]).decode("ascii")
        yield [atlas_part_id(study, number), number, data]


def joined(parts: Iterable[str]) -> bytes:
    """The atlas that parts, in order, hold; raises `StoreError` if somebody changed one."""
    try:
        return b"".join(b64decode(part, validate=True) for part in parts)
    except ValueError as error:
        remedy = "Run the same ingest again: it stores it anew"
        raise StoreError("A study's atlas is stored in parts", "One of them was changed", remedy) from error


def add(writer: Transactions, study: str, atlas: bytes, digest: str) -> None:
    """Adds the atlas to a ready study, in one transaction; raises `StoreError` if the study is not ready."""

    def work(run: Run) -> None:
        if not run(HASHED, study=study, hash=digest):
            raise StoreError(
                "An atlas belongs to a ready study", f"{study} is not there, or not ready", "Scan it first"
            )
        run(REMOVE, study=study)
        for row in rows(study, atlas):
            run(ADD, study=study, rows=[row])

    writer.transact(work)
