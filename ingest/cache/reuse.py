"""Rows that other entries of the cache hold: a text that was read in one corpus is not read again in another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
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
        covariates: (rows wanted, …) what it adjusts each for; None for the lengths of the texts, which entries have.
    """

    alike: Sequence[CacheEntry]
    to_place: Sequence[CacheEntry] = ()
    atlas: Atlas | None = None
    covariates: np.ndarray | None = None

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
            with ExitStack() as opened:
                try:
                    source = opened.enter_context(reading(other.folder, len(found.shape.widths)))
                except (OSError, ValueError):
                    continue
                rows: RowSource = source
                shape = found.shape
                if atlas is not None:
                    covariates = None if known.covariates is None else _at(places, known.covariates)
                    rows = _Placed(source, shape.widths, atlas, covariates)
                    shape = replace(shape, widths=compact_widths(atlas))
                work.copy(rows, places[ordinals], ordinals, shape)
                left[ordinals], copied = False, True
    return copied


def _at(places: np.ndarray, values: np.ndarray) -> np.ndarray:
    """(places of another entry, …) values that belong to its rows; 0 for those that are not wanted."""
    wanted = places >= 0
    found = np.zeros((int(places.max()) + 1, *values.shape[1:]), dtype=values.dtype)
    found[places[wanted]] = values[wanted]
    return found


@dataclass(frozen=True)
class _Placed:
    """The rows of an entry, placed in an atlas as they are read.

    Attributes:
        rows: these.
        widths: of the layers.
        atlas: that they are placed in.
        covariates: as of `Known`, by the entry's rows.
    """

    rows: RowFolder
    widths: tuple[int, ...]
    atlas: Atlas
    covariates: np.ndarray | None

    def chunks(self, ordinals: np.ndarray) -> Iterator[slice]:
        return self.rows.chunks(ordinals)

    def get(self, ordinals: np.ndarray) -> Iterator[bytes]:
        *layers, facts = self.rows.get(ordinals)
        known = TokenFacts.of_table(np.frombuffer(facts, FACT).reshape(len(ordinals), -1))
        adjusted = known.lengths if self.covariates is None else self.covariates[ordinals]
        rows = [np.frombuffer(own, ITEM).reshape(-1, width) for own, width in zip(layers, self.widths, strict=True)]
        yield from (placed.tobytes() for placed in placed_rows(self.atlas, rows, adjusted))
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
