"""A corpus through a model: one pooled row a document for each layer, written as the batches come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from ingest.extraction import Conditions, Meter, OpenRows, RowStore, TokenFacts
from ingest.model import LoadedModel
from ingest.pooling import left_without_token, masked_mean, pooled_positions, sinks
from ingest.silence import silent_libraries
from ingest.tokens import Batch, Encoded, TextEncoder, by_length
from mri_core.errors import CorpusError, ModelError
from mri_core.records import Document, Pooling

WINDOW_DOCUMENTS = 2_048  # sorted by length together
WINDOW_CHARACTERS = 4_000_000  # a tokenizer keeps some hundred bytes a token until its window is cut
BATCH_TOKENS = 4_096


def extract(
    model: LoadedModel,
    documents: Iterable[Document],
    count: int,
    open_rows: OpenRows,
    *,
    pooling: Pooling,
    meter: Meter,
    batch_tokens: int = BATCH_TOKENS,
) -> Conditions:
    """Run every document through the model once; memory is flat in the number of documents.

    `mean` and `last` read a text's own tokens; in a causal model whose tokenizer knows a beginning-of-sequence token
    but does not add it, they put it first. `first` and `mean-all` read what the tokenizer gives.

    Args:
        model: loaded.
        documents: a stream with the ordinals 0 to `count` − 1, each once.
        count: how many documents there are.
        open_rows: makes room for the rows, and is given them batch by batch.
        pooling: how a text's tokens become one row.
        meter: told of the work there is, window by window, and of what is done, batch by batch.
        batch_tokens: padded tokens in a batch.

    Raises:
        ModelError: the model fails, or gives values that are not finite.
        CorpusError: the stream has another number of documents.
        MriError: the rows cannot be written, or have no room.
    """
    with open_rows(model.widths) as rows, silent_libraries():
        scan = _Scan(model, pooling, rows, batch_tokens, meter)
        wanted = np.fromiter(map(rows.is_wanted, range(count)), dtype=bool, count=count)
        meter.begin(wanted, model.max_length)
        for window in _windows(document for document in _exactly(count, documents) if wanted[document.ordinal]):
            scan.read(window)
    return Conditions(model.max_length, model.warnings)


@dataclass(frozen=True)
class _Scan:
    """A scan under way."""

    model: LoadedModel
    pooling: Pooling
    rows: RowStore
    batch_tokens: int
    meter: Meter

    @property
    def encoder(self) -> TextEncoder:
        takes_bos = self.model.starts_bare and self.pooling in ("mean", "last")
        return self.model.encoder.with_bos() if takes_bos else self.model.encoder

    @property
    def sink_first(self) -> bool:
        """A causal model parks its sink on the first position, be it the text's own or of what stands before it."""
        return self.model.starts_bare

    def read(self, window: list[Document]) -> None:
        """Run one window's documents, the longest first, but for batches that are there already."""
        encoded = self.encoder.encode([document.text for document in window], self.model.max_length)
        lengths = [len(text.ids) for text in encoded]
        self.meter.window([document.ordinal for document in window], lengths)
        for indices in by_length(lengths, self.batch_tokens, mixed=self.model.heeds_mask):
            ordinals = [window[index].ordinal for index in indices]
            held = self.rows.holds(ordinals)
            if not held:
                self._run([encoded[index] for index in indices], ordinals)
            self.meter.batch([lengths[index] for index in indices], ran=not held)

    def _run(self, texts: list[Encoded], ordinals: list[int]) -> None:
        """Run a batch. States are pooled as they pass, and only the rows are kept."""
        batch = self.encoder.batch(texts)
        positions = pooled_positions(self.pooling, batch.span, batch.own, sink_first=self.sink_first)
        rows = [np.empty(0)] * self.model.layers
        left_out = np.zeros((len(texts), self.model.layers), dtype=np.int32)

        def pool(layer: int, states: Tensor) -> None:
            kept = positions
            if self.pooling == "mean":
                sunk = sinks(states, positions)
                left_out[:, layer] = sunk.sum(dim=1).numpy()
                kept = positions & ~sunk
            rows[layer] = self._finite(layer, masked_mean(states, kept))

        self.model.run(batch.ids, batch.attended, pool)
        self.rows.write(ordinals, rows, self._facts(texts, batch, left_out))

    def _facts(self, texts: list[Encoded], batch: Batch, left_out: np.ndarray) -> TokenFacts:
        unread = np.zeros(len(texts), dtype=bool)
        if self.pooling == "mean":
            unread = left_without_token(batch.own, sink_first=self.sink_first).numpy()
        return TokenFacts(batch.own.sum(dim=1).numpy(), np.array([text.cut for text in texts]), unread, left_out)

    def _finite(self, layer: int, rows: Tensor) -> np.ndarray:
        if not rows.isfinite().all():
            fact = f"{self.model.source.name} gives NaN or infinity in layer {layer}"
            raise ModelError("Activations are finite numbers", fact, "Its weights may be broken")
        array: np.ndarray = rows.numpy()
        return array


def _exactly(count: int, documents: Iterable[Document]) -> Iterator[Document]:
    """The stream, as long as it has neither more nor fewer documents."""
    seen = 0
    for document in documents:
        seen += 1
        if seen > count:
            break
        yield document
    if seen != count:
        fact = f"It had {count} documents and now has {'more' if seen > count else seen}"
        raise CorpusError("A corpus stays as it is while it is scanned", fact, "Run it again")


def _windows(documents: Iterable[Document]) -> Iterator[list[Document]]:
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
