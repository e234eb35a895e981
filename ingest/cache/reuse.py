"""Rows that other entries of the cache hold: a text that was read in one corpus is not read again in another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import numpy as np

from ingest.cache import complete, text_hashes
from ingest.cache.entries import TEXTS, CacheEntry
from ingest.cache.row_files import reading
from ingest.cache.unfinished import Unfinished


def copy_known(entry: CacheEntry, work: Unfinished, hashes: np.ndarray) -> bool:
    """Copies the rows of texts from valid entries of the same settings; returns whether there were any.

    Raises:
        MriError: they cannot be written.
    """
    left, copied = work.open_to_copies, False
    for other in _helpful(entry, hashes, left):
        places = np.where(left, _places(other, hashes), -1)
        ordinals = np.flatnonzero(places >= 0)
        found = complete.find(other.folder) if len(ordinals) else None
        if found is None:
            continue
        with suppress(OSError, ValueError), reading(other.folder, len(found.shape.widths)) as source:
            work.copy(source, places[ordinals], ordinals, found.shape)
            left[ordinals], copied = False, True
    return copied


def _helpful(entry: CacheEntry, hashes: np.ndarray, left: np.ndarray) -> Iterator[CacheEntry]:
    """Entries that hold missing texts, those with the most first."""
    if not left.any():
        return iter(())
    known = {other: int((_places(other, hashes)[left] >= 0).sum()) for other in entry.siblings}
    return (other for other in sorted(known, key=lambda other: -known[other]) if known[other])


def _places(other: CacheEntry, hashes: np.ndarray) -> np.ndarray:
    """(documents,) index of each text in another entry; −1 if absent."""
    theirs = text_hashes.load(other.folder / TEXTS, other.folder.name.partition("-")[2])
    return text_hashes.places_among(hashes, hashes[:0] if theirs is None else theirs)
