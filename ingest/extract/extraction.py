"""Runs a corpus through a model: one pooled row per document and layer, written batch by batch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Protocol

import numpy as np

from ingest.extract.batches import Batches, Text, exactly, windows
from ingest.extract.prefetch import Window, tokenised
from ingest.extract.reader import BatchReader, Reading
from ingest.extract.records import Conditions, Found, Library, Meter, Notify, OpenRows, Traits
from ingest.model.loading import LoadedModel
from mri_core.records.corpus import Document


def no_one(line: str) -> None:
    """No-op progress."""


class Executor(Protocol):
    """Where batches are run: this process, or workers elsewhere. A batch has the same rows wherever it is run."""

    @property
    def traits(self) -> Traits:
        """Of the model."""

    def begin(self, work: int, library: Library | None) -> Library | None:
        """A scan begins.

        Args:
            work: characters of its texts.
            library: of matrix products; None to take the quicker one.

        Returns:
            the library; None for a compiled model.
        """

    def encoded(self, windows: Iterator[list[Document]]) -> AbstractContextManager[Iterator[Window]]:
        """The windows with their texts encoded, in order and some ahead."""

    def run(self, batches: Batches) -> Iterator[tuple[list[Text], Found | None]]:
        """Runs what can be taken, in any order; yields each batch with what was found, None if memory ran out."""

    def conditions(self) -> Conditions:
        """How the rows came about, but for the size of the batches."""


def extract(
    executor: Executor,
    documents: Iterable[Document],
    count: int,
    open_rows: OpenRows,
    *,
    meter: Meter,
    characters: np.ndarray | None = None,
    notify: Notify = no_one,
) -> Conditions:
    """Run every document through the model once; memory is flat in the number of documents.

    Args:
        executor: runs the batches.
        documents: a stream with the ordinals 0 to `count` − 1, each once.
        count: how many documents there are.
        open_rows: allocates the rows, and receives them batch by batch.
        meter: receives the work of each window, and each batch that is done.
        characters: (documents,) of each text, by which `auto` compiles and products are chosen; without them nothing is
            compiled, and the products are PyTorch's own.
        notify: receives a line when memory runs out and the batches get smaller.

    Raises:
        ModelError: the model fails, cannot be compiled, gives values that are not finite, or runs out of memory on
            a single text.
        CorpusError: the stream has another number of documents.
        MriError: the rows cannot be written, or the disk is full.
    """
    traits = executor.traits
    with open_rows(traits.widths) as rows:
        wanted = np.fromiter(map(rows.is_wanted, range(count)), dtype=bool, count=count)
        work = 0 if characters is None else int(characters[wanted].sum())
        rows.computed_by(executor.begin(work, rows.library))
        meter.begin(wanted, traits.max_length)
        stream = windows(document for document in exactly(count, documents) if wanted[document.ordinal])
        with executor.encoded(stream) as encoded:
            batches = Batches(encoded, rows, meter, traits.batch_tokens, mixed=traits.mixed, notify=notify)
            for batch, found in executor.run(batches):
                if found is None:
                    batches.lessen(batch)
                    continue
                rows.write([text.ordinal for text in batch], found.rows, found.facts)
                meter.batch([text.length for text in batch], ran=True)
    return replace(executor.conditions(), batch_tokens=batches.budget)


class _Here:
    """Runs batches in this process."""

    def __init__(self, reader: BatchReader) -> None:
        self._reader = reader
        self.traits, self.begin, self.conditions = reader.traits, reader.begin, reader.conditions

    def encoded(self, windows: Iterator[list[Document]]) -> AbstractContextManager[Iterator[Window]]:
        return tokenised(windows, self._reader.encode)

    def run(self, batches: Batches) -> Iterator[tuple[list[Text], Found | None]]:
        while (batch := batches.take()) is not None:
            yield batch, self._reader.read(batch)


@contextmanager
def here(model: LoadedModel, reading: Reading, notify: Notify = no_one) -> Iterator[Executor]:
    """Runs batches in this process.

    Args:
        model: loaded; nothing else may run it meanwhile.
        reading: how texts are read.
        notify: receives a line when a quicker product fails.
    """
    with BatchReader(model, reading, notify) as reader:
        yield _Here(reader)


def extract_here(
    model: LoadedModel,
    documents: Iterable[Document],
    count: int,
    open_rows: OpenRows,
    *,
    pooling: str,
    meter: Meter,
    batch_tokens: int | None = None,
    compiling: str = "off",
    characters: np.ndarray | None = None,
    notify: Notify = no_one,
) -> Conditions:
    """`extract` in this process, with a loaded model; the arguments are those of `extract` and `Reading`."""
    with here(model, Reading(pooling, batch_tokens, compiling), notify) as executor:
        return extract(executor, documents, count, open_rows, meter=meter, characters=characters, notify=notify)
