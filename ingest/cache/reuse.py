"""Rows that other entries of the cache hold: a text that was read in one corpus is not read again in another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ingest.cache import complete, text_hashes
from ingest.cache.entries import TEXTS, CacheEntry
from ingest.cache.row_files import FACT, ITEM, RowFolder, RowSource, reading
from ingest.cache.unfinished import Unfinished
from ingest.extract.records import TokenFacts
from mri_core.atlas.compact import compact_type, compact_widths, placed_rows
from mri_core.records.arrays import Atlas


@dataclass(frozen=True)
class Known:
    """Entries that rows may be copied from.

    Attributes:
        alike: that hold what is wanted.
        to_place: that hold rows, where what is wanted is what an atlas leaves of them.
        atlas: that one; None where rows are wanted.
    """

    alike: Sequence[CacheEntry]
    to_place: Sequence[CacheEntry] = ()
    atlas: Atlas | None = None

    @property
    def item(self) -> np.dtype[Any]:
        """The type of the numbers in a row that is wanted."""
        return ITEM if self.atlas is None else compact_type(self.atlas)


def copy_known(known: Known, work: Unfinished, hashes: np.ndarray) -> bool:
    """Copies the rows of texts from valid entries of the same settings; returns whether there were any.

    Raises:
        MriError: they cannot be written.
    """
    left, copied = work.open_to_copies, False
    for entries, atlas in ((known.alike, None), (known.to_place, known.atlas)):
        for other in _helpful(entries, hashes, left):
            places = np.where(left, _places(other, hashes), -1)
            ordinals = np.flatnonzero(places >= 0)
            found = complete.find(other.folder) if len(ordinals) else None
            if found is None:
                continue
            with suppress(OSError, ValueError), reading(other.folder, len(found.shape.widths)) as source:
                rows: RowSource = source if atlas is None else _Placed(source, found.shape.widths, atlas)
                shape = found.shape if atlas is None else replace(found.shape, widths=compact_widths(atlas))
                work.copy(rows, places[ordinals], ordinals, shape)
                left[ordinals], copied = False, True
    return copied


@dataclass(frozen=True)
class _Placed:
    """The rows of an entry, placed in an atlas as they are read."""

    rows: RowFolder
    widths: tuple[int, ...]
    atlas: Atlas

    def chunks(self, ordinals: np.ndarray) -> Iterator[slice]:
        return self.rows.chunks(ordinals)

    def get(self, ordinals: np.ndarray) -> Iterator[bytes]:
        *layers, facts = self.rows.get(ordinals)
        lengths = TokenFacts.of_table(np.frombuffer(facts, FACT).reshape(len(ordinals), -1)).lengths
        rows = [np.frombuffer(own, ITEM).reshape(-1, width) for own, width in zip(layers, self.widths, strict=True)]
        yield from (placed.tobytes() for placed in placed_rows(self.atlas, rows, lengths))
        yield facts


def _helpful(entries: Sequence[CacheEntry], hashes: np.ndarray, left: np.ndarray) -> Iterator[CacheEntry]:
    """Entries that hold missing texts, those with the most first."""
    if not left.any():
        return iter(())
    known = {other: int((_places(other, hashes)[left] >= 0).sum()) for other in entries}
    return (other for other in sorted(known, key=lambda other: -known[other]) if known[other])


def _places(other: CacheEntry, hashes: np.ndarray) -> np.ndarray:
    """(documents,) index of each text in another entry; −1 if absent."""
    theirs = text_hashes.load(other.folder / TEXTS, other.folder.name.partition("-")[2])
    return text_hashes.places_among(hashes, hashes[:0] if theirs is None else theirs)
