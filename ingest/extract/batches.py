"""Which batches a scan has: the stream in windows, each cut into batches of texts of similar length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ingest.extract.records import Meter, Notify, RowStore
from ingest.model.tokens import Encoded, batches_of
from mri_core.errors import CorpusError, ModelError
from mri_core.records.corpus import Document

WINDOW_DOCUMENTS = 2_048  # sorted by length together
WINDOW_CHARACTERS = 4_000_000  # a tokenizer holds some hundred bytes a token until the window is truncated


class Text(NamedTuple):
    """A document's place in the corpus and its tokens."""

    ordinal: int
    encoded: Encoded

    @property
    def length(self) -> int:
        """In tokens, special ones included."""
        return len(self.encoded.ids)


class Batches:
    """The batches of a scan, window by window, the longest texts first; those that are stored already are passed over.

    Args:
        windows: documents with their encoded texts.
        rows: of the scan.
        meter: receives the work of each window, and what is passed over.
        budget: padded tokens in a batch.
        mixed: texts of different lengths may share a batch.
        notify: receives a line when the batches get smaller.
    """

    def __init__(
        self,
        windows: Iterator[tuple[list[Document], list[Encoded]]],
        rows: RowStore,
        meter: Meter,
        budget: int,
        *,
        mixed: bool,
        notify: Notify,
    ) -> None:
        self.budget = budget
        self._windows, self._rows, self._meter = windows, rows, meter
        self._mixed, self._notify = mixed, notify
        self._coming: list[list[Text]] = []  # in reverse order of running

    def take(self) -> list[Text] | None:
        """The next batch to run; None if there is none, until `lessen` puts some back."""
        while True:
            while self._coming:
                batch = self._coming.pop()
                if not self._rows.holds([text.ordinal for text in batch]):
                    return batch
                self._meter.batch([text.length for text in batch], ran=False)
            window = next(self._windows, None)
            if window is None:
                return None
            texts = [Text(document.ordinal, encoded) for document, encoded in zip(*window, strict=True)]
            self._meter.window([text.ordinal for text in texts], [text.length for text in texts])
            self._coming = self._cut(texts)

    def lessen(self, batch: list[Text]) -> None:
        """Halves the batch size after a batch ran out of memory, for it and for those to come.

        Raises:
            ModelError: it has a single text.
        """
        longest = max(text.length for text in batch)
        if len(batch) == 1:
            raise ModelError(
                "The longest text and its hidden states must fit into memory",
                f"One of {longest} tokens does not",
                f"Take a --max-length below {longest}, or free memory",
            )
        budget = len(batch) * longest // 2
        if budget < self.budget:  # of several batches at once an earlier, larger one may be the last to fail
            self.budget = budget
            self._notify(f"Out of memory: going on with {budget} tokens a batch.")
        self._coming = self._cut([*batch, *(text for later in reversed(self._coming) for text in later)])

    def _cut(self, texts: list[Text]) -> list[list[Text]]:
        lengths = [text.length for text in texts]
        cut = batches_of(range(len(texts)), lengths, self.budget, mixed=self._mixed)
        return [[texts[place] for place in places] for places in cut]


def exactly(count: int, documents: Iterable[Document]) -> Iterator[Document]:
    """The stream; raises `CorpusError` if it has more or fewer documents."""
    seen = 0
    for document in documents:
        seen += 1
        if seen > count:
            break
        yield document
    if seen != count:
        fact = f"It had {count} documents and now has {'more' if seen > count else seen}"
        raise CorpusError("A corpus stays as it is while it is scanned", fact, "Run it again")


def windows(documents: Iterable[Document]) -> Iterator[list[Document]]:
    """The stream in pieces that are sorted and tokenised together."""
    window: list[Document] = []
    characters = 0
    for document in documents:
        window.append(document)
        characters += len(document.text)
        if len(window) == WINDOW_DOCUMENTS or characters >= WINDOW_CHARACTERS:
            yield window
            window, characters = [], 0
    if window:
        yield window
