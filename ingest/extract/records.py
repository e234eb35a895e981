"""What a scan makes of a corpus: a row for each document and layer, and what became of each text's tokens.

Where the tokens themselves have rows, each has the facts of its text, but for `sinks` and `unknown`, which are its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

import numpy as np

from mri_core.chunks import others
from mri_core.records.arrays import Activations

Library = Literal["blas", "onednn"]
Notify = Callable[[str], object]


@dataclass(frozen=True)
class TokenFacts:
    """What became of each text's own tokens.

    Attributes:
        read: (documents,) tokens that the model read.
        cut: (documents,) tokens beyond the length that the model takes.
        unread: (documents,) texts without a token that `mean` could read; their whole span is pooled instead.
        sinks: (documents, layers) tokens that `mean` left out as attention sinks.
        unknown: (documents,) of `read`, those for text unknown to the tokenizer.
    """

    read: np.ndarray
    cut: np.ndarray
    unread: np.ndarray
    sinks: np.ndarray
    unknown: np.ndarray

    @property
    def lengths(self) -> np.ndarray:
        """(documents,) tokens read, at least 1: they are divided by."""
        return np.maximum(self.read, 1)

    def joined(self, ordinals: np.ndarray, rest: TokenFacts) -> TokenFacts:
        """With those of other documents, which fill the places that these ordinals leave."""
        count = len(self.read) + len(rest.read)
        table = np.empty((count, self.table().shape[1]), dtype=np.int32)
        table[ordinals], table[others(count, ordinals)] = self.table(), rest.table()
        return TokenFacts.of_table(table)

    def of(self, ordinals: np.ndarray) -> TokenFacts:
        """Those of some documents."""
        return TokenFacts.of_table(self.table()[ordinals])

    def table(self) -> np.ndarray:
        """(documents, 3 + layers) int32, a row a document, as it is stored on the disk.

        Unknown tokens share a column with `unread`, its last bit: files of versions that did not count them stay good.
        """
        flags = 2 * np.asarray(self.unknown) + np.asarray(self.unread, dtype=bool)
        return np.column_stack([self.read, self.cut, flags, self.sinks]).astype(np.int32)

    @staticmethod
    def of_table(table: np.ndarray) -> TokenFacts:
        """What `table` gave."""
        return TokenFacts(table[:, 0], table[:, 1], table[:, 2] % 2 == 1, table[:, 3:], table[:, 2] // 2)


class Traits(NamedTuple):
    """What a scan must know of a model.

    Attributes:
        widths: of a text's row in each layer.
        max_length: tokens that a text is truncated to, special tokens included.
        batch_tokens: padded tokens in a batch.
        mixed: texts of different lengths may share a batch.
    """

    widths: tuple[int, ...]
    max_length: int
    batch_tokens: int
    mixed: bool


class Found(NamedTuple):
    """The rows of a batch, for each layer (texts, width), float32 unless they were placed; the facts of its texts."""

    rows: Sequence[np.ndarray]
    facts: TokenFacts


@dataclass(frozen=True)
class Conditions:
    """How the rows came about.

    Attributes:
        max_length: tokens that a text is truncated to, special tokens included.
        warnings: what the user should know of the model, a sentence each.
        device: `cpu`, `cuda` or `mps`.
        dtype: what matrix products were computed in.
        batch_tokens: padded tokens in a batch, at the end: memory that runs out lessens it.
        compiled: whether the model was compiled for the scan.
        threads: of torch on the processor.
        products: `blas`, `onednn`, or both: libraries of an uncompiled model's matrix products on a processor, in the
            run that ended the scan.
        workers: of a cluster, in the run that ended the scan; None if this process ran the model.
        lies_on: `cuda:0, cuda:1, memory` and the like, what a split model was spread over; None for one in one place.
    """

    max_length: int
    warnings: tuple[str, ...] = ()
    device: str = "cpu"
    dtype: str = "float32"
    batch_tokens: int | None = None
    compiled: bool = False
    threads: int | None = None
    products: str | None = None
    workers: int | None = None
    lies_on: str | None = None


@dataclass(frozen=True)
class Extraction:
    """Activations, token facts, and conditions of a run.

    The rows are (documents, width) by ordinal, memory-mapped: float32, or what `placed_rows` left of them. `texts`
    identifies the texts, in their order, in the cache.
    """

    activations: Activations
    facts: TokenFacts
    conditions: Conditions
    texts: str = ""


class RowStore(Protocol):
    """Where a scan under way puts its rows, batch by batch and in any order."""

    @property
    def library(self) -> Library | None:
        """Of matrix products, by which an interrupted run of this scan computed; None if it is not known."""

    def computed_by(self, library: Library | None) -> None:
        """Note the library by which this run computes; None for a compiled model."""

    def is_wanted(self, ordinal: int) -> bool:
        """Whether a document is to be run; the same in every run of an interrupted scan."""

    def holds(self, ordinals: Sequence[int]) -> bool:
        """Whether an interrupted run has written this very batch."""

    def write(self, ordinals: Sequence[int], rows: Sequence[np.ndarray], facts: TokenFacts) -> None:
        """Store a batch: for each layer float32 rows (texts, width), and the facts of its texts, all or nothing."""


class FreshRows:
    """What a `RowStore` says of itself where nothing was run before, and nothing will be run again."""

    @property
    def library(self) -> Library | None:
        """None is known."""
        return None

    def computed_by(self, library: Library | None) -> None:
        """Not noted."""

    def is_wanted(self, ordinal: int) -> bool:
        """Every document is run."""
        return True

    def holds(self, ordinals: Sequence[int]) -> bool:
        """Nothing is held before it is written."""
        return False


class MemoryRows(FreshRows):
    """A row store for a few units, in memory.

    Args:
        count: of the units.
        widths: of their rows in each layer.
    """

    def __init__(self, count: int, widths: Sequence[int]) -> None:
        self.layers = [np.empty((count, width), dtype=np.float32) for width in widths]
        self.facts = np.zeros((count, 3 + len(widths)), dtype=np.int32)

    @contextmanager
    def opened(self, widths: tuple[int, ...]) -> Iterator[MemoryRows]:
        """Itself."""
        yield self

    def write(self, ordinals: Sequence[int], rows: Sequence[np.ndarray], facts: TokenFacts) -> None:
        """Stores a batch."""
        for layer, batch in zip(self.layers, rows, strict=True):
            layer[list(ordinals)] = batch
        self.facts[list(ordinals)] = facts.table()


class Meter(Protocol):
    """Receives a scan's progress in tokens: batches come longest first, so counts of documents mislead."""

    def begin(self, wanted: np.ndarray, max_length: int) -> None:
        """The model is about to run the documents of a (documents,) mask, each truncated to `max_length` tokens."""

    def window(self, ordinals: Sequence[int], tokens: Sequence[int]) -> None:
        """These wanted documents, the next ones in order, turn out to have so many tokens each, all added ones too."""

    def batch(self, tokens: Sequence[int], *, ran: bool) -> None:
        """Documents of the window with so many tokens are done: run now, or found to be there already."""


class OpenRows(Protocol):
    """Allocates the rows of a scan, once the widths of the layers are known."""

    def __call__(self, widths: tuple[int, ...]) -> AbstractContextManager[RowStore]:
        """Raises `MriError` if the disk is full."""
