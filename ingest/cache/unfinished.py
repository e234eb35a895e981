"""An entry of the cache that this process works on: new, resumed, or repaired."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ingest.cache import journal, text_hashes
from ingest.cache.entries import JOURNAL, disk_errors
from ingest.cache.journal import Batch, Journal, Shape
from ingest.cache.row_files import ITEM, Part, RowFolder, RowSource, as_parts, checksum, row_folder
from ingest.extract.records import Library, RowStore, TokenFacts


class Unfinished:
    """The rows that an entry has and those that it lacks, by its journal, which is checked against the rows.

    The documents to run are fixed before the first batch: those whose text occurs for the first time and was not copied
    from another entry. So windows and batches are the same after an interruption.

    Args:
        folder: of the entry.
        hashes: of its texts.
        item: the type of the numbers in a row.

    Attributes:
        shape: widths and conditions, as far as known.
        copied: (documents,) rows copied from other entries.
        ran: (documents,) rows from the model.
        lost: (documents,) rows that were stored and are damaged.
    """

    def __init__(self, folder: Path, hashes: np.ndarray, item: np.dtype[Any] = ITEM) -> None:
        self.shape = Shape(())
        self.copied, self.ran, self.lost, self._lost_copies = np.zeros((4, len(hashes)), dtype=bool)
        self._folder, self._count, self._item = folder, len(hashes), item
        self._first = text_hashes.first_places(hashes)
        self._held: set[bytes] = set()
        with disk_errors(folder):
            self._take_up(list(journal.read(folder / JOURNAL)))
        self._begun = bool(self._held)

    @property
    def wanted(self) -> np.ndarray:
        """(documents,) those that the model is to run, done or not."""
        return (self._first == np.arange(self._count)) & ~self.copied

    @property
    def missing(self) -> np.ndarray:
        """(documents,) those that the model has yet to run."""
        return self.wanted & ~self.ran

    @property
    def known(self) -> int:
        """Number of texts with rows, including repeated texts, whose rows will be copied from the first occurrence."""
        return int((self.copied | self.ran)[self._first].sum())

    @property
    def open_to_copies(self) -> np.ndarray:
        """(documents,) rows that may be copied: once the model ran, only those that were copies before."""
        return self._lost_copies.copy() if self._begun else self.missing

    def copy(self, source: RowSource, places: np.ndarray, ordinals: np.ndarray, shape: Shape) -> None:
        """Copy the rows at some places of another entry.

        Raises:
            MriError: they cannot be written.
        """
        with self._open(shape) as rows:
            for chunk in source.chunks(ordinals):
                rows.keep(ordinals[chunk].tolist(), list(source.get(places[chunk])), copied=True)
        self.copied[ordinals] = True

    @contextmanager
    def open_rows(self, widths: tuple[int, ...]) -> Iterator[RowStore]:
        """The row store that a scan writes to.

        Raises:
            MriError: the disk is full.
        """
        with self._open(replace(self.shape, widths=widths)) as rows:
            yield rows

    def finish(self, conditions: dict[str, Any]) -> None:
        """Write the rows that the model does not give: those of repeated texts.

        Raises:
            MriError: they cannot be written.
        """
        again = np.flatnonzero(self._first != np.arange(self._count))
        with self._open(replace(self.shape, conditions=conditions)) as rows:
            for chunk in rows.files.chunks(again):
                rows.files.put(again[chunk], list(rows.files.get(self._first[again[chunk]])))

    @contextmanager
    def _open(self, shape: Shape) -> Iterator[_Rows]:
        with row_folder(self._folder, shape.widths, self._count, self._item) as files, ExitStack() as opened:
            with disk_errors(self._folder):
                log = opened.enter_context(closing(Journal(self._folder / JOURNAL)))
            self.note(log, shape)
            yield _Rows(files, log, self.wanted, self._held, self)

    def note(self, log: Journal, shape: Shape) -> None:
        """Appends what is newly known to the journal."""
        if shape != self.shape:
            with disk_errors(self._folder):
                log.append(shape)
            self.shape = shape

    def _take_up(self, records: list[journal.Entry]) -> None:
        """Accept the records that match the rows on disk; a journal of these alone replaces the former one."""
        self.shape = next((entry for entry in reversed(records) if isinstance(entry, Shape)), self.shape)
        if not self.shape.widths:
            (self._folder / JOURNAL).unlink(missing_ok=True)
            return
        batches = [entry for entry in records if isinstance(entry, Batch)]
        with row_folder(self._folder, self.shape.widths, self._count, self._item) as rows:
            sound = [batch for batch in batches if self._is_sound(batch, rows)]
        there = self.copied | self.ran  # a document that was written again in another batch is not lost
        self._lost_copies &= ~there
        self.lost = (self.lost & ~there) | self._lost_copies
        journal.write(self._folder / JOURNAL, [self.shape, *sound])

    def _is_sound(self, batch: Batch, rows: RowFolder) -> bool:
        ordinals = np.frombuffer(batch.packed, dtype=np.uint32)
        if checksum(rows.get(ordinals)) != batch.checksum:
            (self._lost_copies if batch.copied else self.lost)[ordinals] = True
            return False
        (self.copied if batch.copied else self.ran)[ordinals] = True
        if not batch.copied:
            self._held.add(batch.packed)
        return True


@dataclass(frozen=True)
class _Rows:
    """Rows that are written to their files and then to the journal; those held at the start are not run again."""

    files: RowFolder
    log: Journal
    wanted: np.ndarray
    held: set[bytes]
    work: Unfinished

    @property
    def library(self) -> Library | None:
        """By which a run before this one computed."""
        return self.work.shape.library

    def computed_by(self, library: Library | None) -> None:
        """Goes into the journal: an interrupted scan ends by the same products, and so with the same bits."""
        self.work.note(self.log, replace(self.work.shape, library=library))

    def is_wanted(self, ordinal: int) -> bool:
        """Whether a document is to be run."""
        return bool(self.wanted[ordinal])

    def holds(self, ordinals: Sequence[int]) -> bool:
        """Whether exactly this batch was written before."""
        return journal.pack(ordinals) in self.held

    def write(self, ordinals: Sequence[int], rows: Sequence[np.ndarray], facts: TokenFacts) -> None:
        """Store a batch that was run."""
        self.keep(ordinals, as_parts(rows, facts, self.files.item))

    def keep(self, ordinals: Sequence[int], parts: Sequence[Part], *, copied: bool = False) -> None:
        """Store a batch: it counts once the journal has it."""
        self.files.put(ordinals, parts)
        with disk_errors(self.files.folder):
            self.log.append(Batch(journal.pack(ordinals), checksum(parts), copied))
