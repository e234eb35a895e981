"""A corpus through a model: one pooled row a document for each layer, written as the batches come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from torch import Tensor

from ingest.extraction import Extraction
from ingest.model import LoadedModel
from ingest.pooling import left_without_token, masked_mean, pooled_positions, sinks
from ingest.row_files import RowFile, mapped_rows, row_files
from ingest.silence import silent_libraries
from ingest.tokens import Batch, Encoded, TextEncoder, by_length
from mri_core.errors import CorpusError, ModelError, MriError
from mri_core.records import Activations, Document, Pooling

WINDOW_DOCUMENTS = 2_048  # sorted by length together
WINDOW_CHARACTERS = 4_000_000  # a tokenizer keeps some hundred bytes a token until its window is cut
BATCH_TOKENS = 4_096


def extract(
    model: LoadedModel,
    documents: Iterable[Document],
    count: int,
    folder: Path,
    *,
    pooling: Pooling,
    advance: Callable[[int], None],
    batch_tokens: int = BATCH_TOKENS,
) -> Extraction:
    """Run every document through the model once; memory is flat in the number of documents.

    `mean` and `last` read a text's own tokens; in a causal model whose tokenizer knows a beginning-of-sequence token
    but does not add it, they put it first. `first` and `mean-all` read what the tokenizer gives.

    Args:
        model: loaded.
        documents: a stream with the ordinals 0 to `count` − 1, each once.
        count: how many documents there are.
        folder: where `L0.npy` … and `tokens.npy` are written; made if it is not there.
        pooling: how a text's tokens become one row.
        advance: called with the number of documents done, batch by batch.
        batch_tokens: padded tokens in a batch.

    Raises:
        ModelError: the model fails, or gives values that are not finite.
        CorpusError: the stream has another number of documents.
        MriError: the folder cannot be written, or has no room.
    """
    scan = _Scan(model, pooling, np.zeros(count, dtype=np.int32), np.zeros(model.layers, dtype=np.int64))
    try:
        with row_files(folder, model.widths, count) as files, silent_libraries():
            for window in _windows(_exactly(count, documents)):
                scan.read(window, batch_tokens, files, advance)
        np.maximum(scan.tokens, 1, out=scan.tokens)  # lengths are divided by
        np.save(folder / "tokens.npy", scan.tokens)
    except OSError as error:
        raise MriError("Activations are kept on the disk", f"{folder}: {error.strerror}", "Set MRI_CACHE") from error
    activations = Activations(mapped_rows(folder, model.layers), scan.tokens)
    return Extraction(
        activations=activations,
        cut=dict(scan.cut),
        sinks_left_out=tuple(scan.sinks.tolist()),
        without_tokens=scan.without_tokens,
        tokens_total=int(scan.tokens.sum()),
        max_length=model.max_length,
        warnings=model.warnings,
    )


@dataclass
class _Scan:
    """A scan under way: what it depends on, then what is counted on the way."""

    model: LoadedModel
    pooling: Pooling
    tokens: np.ndarray  # by ordinal
    sinks: np.ndarray  # by layer
    cut: Counter[str] = field(default_factory=Counter)
    without_tokens: int = 0

    @property
    def encoder(self) -> TextEncoder:
        takes_bos = self.model.causal and self.pooling in ("mean", "last")
        return self.model.encoder.with_bos() if takes_bos else self.model.encoder

    @property
    def sink_first(self) -> bool:
        """A causal model without a beginning-of-sequence token parks its sink on the text's first token."""
        return self.model.causal and self.model.encoder.bos_id is None

    def read(
        self, window: list[Document], batch_tokens: int, files: list[RowFile], advance: Callable[[int], None]
    ) -> None:
        """Run one window's documents, the longest first."""
        encoded = self.encoder.encode([document.text for document in window], self.model.max_length)
        self._count(window, encoded)
        lengths = [len(text.ids) for text in encoded]
        for indices in by_length(lengths, batch_tokens, mixed=self.model.heeds_mask):
            batch = self.encoder.batch([encoded[index] for index in indices])
            self._pool(batch, [window[index].ordinal for index in indices], files)
            advance(len(indices))

    def _count(self, window: list[Document], encoded: list[Encoded]) -> None:
        for document, text in zip(window, encoded, strict=True):
            self.tokens[document.ordinal] = text.own.sum()
            if text.cut:
                self.cut[document.category] += 1

    def _pool(self, batch: Batch, ordinals: list[int], files: list[RowFile]) -> None:
        """Run a batch. States are pooled as they pass, and only the rows are kept."""
        positions = pooled_positions(self.pooling, batch.attended, batch.own, sink_first=self.sink_first)

        def pool(layer: int, states: Tensor) -> None:
            kept = positions
            if self.pooling == "mean":
                left_out = sinks(states, positions)
                self.sinks[layer] += int(left_out.sum())
                kept = positions & ~left_out
            files[layer].write(ordinals, self._finite(layer, masked_mean(states, kept)))

        self.model.run(batch.ids, batch.attended, pool)
        if self.pooling == "mean":
            self.without_tokens += int(left_without_token(batch.own, sink_first=self.sink_first).sum())

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
