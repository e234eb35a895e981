"""Runs a corpus through a model: one pooled row per document and layer, written batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
import torch

from ingest.extract.compiled import Runner, pays
from ingest.extract.poolings import POOLINGS, Pooling
from ingest.extract.positions import left_without_token
from ingest.extract.prefetch import tokenised
from ingest.extract.products import Products, quickest
from ingest.extract.readout import Pooler, Run, read
from ingest.extract.records import Conditions, Meter, OpenRows, RowStore, TokenFacts
from ingest.model.device import empty_cache, is_out_of_memory
from ingest.model.loading import LoadedModel
from ingest.model.silence import silent_libraries
from ingest.model.tokens import Batch, Encoded, TextEncoder, batches_of
from mri_core.errors import CorpusError, ModelError
from mri_core.records.corpus import Document

WINDOW_DOCUMENTS = 2_048  # sorted by length together
WINDOW_CHARACTERS = 4_000_000  # a tokenizer holds some hundred bytes a token until the window is truncated

Notify = Callable[[str], object]


def no_one(line: str) -> None:
    """No-op progress."""


def extract(
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
    """Run every document through the model once; memory is flat in the number of documents.

    Args:
        model: loaded.
        documents: a stream with the ordinals 0 to `count` − 1, each once.
        count: how many documents there are.
        open_rows: allocates the rows, and receives them batch by batch.
        pooling: name of how a text's tokens become one row, one of `POOLINGS`.
        meter: receives the work of each window, and each batch that is done.
        batch_tokens: padded tokens in a batch; None for what suits the device.
        compiling: `on`, `off`, or `auto` for where it clearly pays.
        characters: (documents,) of each text, by which `auto` decides; without them it compiles nothing, and the
            products are PyTorch's own.
        notify: receives a line when memory runs out and the batches get smaller, or a quicker product fails.

    Raises:
        ModelError: the model fails, cannot be compiled, gives values that are not finite, or runs out of memory on
            a single text.
        CorpusError: the stream has another number of documents.
        MriError: the rows cannot be written, or the disk is full.
    """
    rule = POOLINGS.named(pooling)
    pooler = Pooler(model, without_sinks=rule.without_sinks)
    with open_rows(model.widths) as rows, silent_libraries(), model.place.computing():
        wanted = np.fromiter(map(rows.is_wanted, range(count)), dtype=bool, count=count)
        work = 0 if characters is None else int(characters[wanted].sum())
        meter.begin(wanted, model.max_length)
        stream = _windows(document for document in _exactly(count, documents) if wanted[document.ordinal])
        products = Products(lambda: quickest(model, work), notify)
        with Runner(model, pooler, compiling, products, worth_it=pays(model, work)) as run:
            scan = _Scan(model, rule, run, rows, batch_tokens or model.place.batch_tokens, meter, notify)
            with tokenised(stream, scan.encode) as windows:
                for window, encoded in windows:
                    scan.read(window, encoded)
    return Conditions(
        model.max_length,
        model.warnings,
        device=model.place.device,
        dtype=model.dtype,
        batch_tokens=scan.batch_tokens,
        compiled=run.compiled,
        products=products.used if model.place.device == "cpu" else None,
        threads=torch.get_num_threads(),
    )


class _Scan:
    """A scan under way."""

    def __init__(
        self,
        model: LoadedModel,
        pooling: Pooling,
        run: Run,
        rows: RowStore,
        batch_tokens: int,
        meter: Meter,
        notify: Notify,
    ) -> None:
        self.model, self.pooling, self.run, self.rows = model, pooling, run, rows
        self.batch_tokens, self.meter, self.notify = batch_tokens, meter, notify

    @property
    def encoder(self) -> TextEncoder:
        return encoder_for(self.model, self.pooling)

    @property
    def sink_first(self) -> bool:
        """Whether the first position is an attention sink, as in causal models, whether or not it is the text's own."""
        return self.model.starts_bare

    def encode(self, texts: Sequence[str]) -> list[Encoded]:
        """Encodes texts for the model."""
        return self.encoder.encode(texts, self.model.max_length)

    def read(self, window: list[Document], encoded: list[Encoded]) -> None:
        """Runs one window's documents, the longest first, except batches that are stored already."""
        lengths = [len(text.ids) for text in encoded]
        self.meter.window([document.ordinal for document in window], lengths)
        coming = self._cut(range(len(window)), lengths)
        while coming:
            indices = coming.pop()
            ordinals = [window[index].ordinal for index in indices]
            held = self.rows.holds(ordinals)
            if held or self._run([encoded[index] for index in indices], ordinals):
                self.meter.batch([lengths[index] for index in indices], ran=not held)
            else:
                self._lessen(len(indices), lengths[indices[0]])
                coming = self._cut([*indices, *(index for batch in reversed(coming) for index in batch)], lengths)

    def _cut(self, indices: Sequence[int], lengths: list[int]) -> list[list[int]]:
        """Texts in batches, in reverse order of running."""
        return batches_of(indices, lengths, self.batch_tokens, mixed=self.model.respects_padding_mask)

    def _run(self, texts: list[Encoded], ordinals: list[int]) -> bool:
        """Runs a batch and stores its rows; False if it ran out of memory."""
        batch = self.encoder.batch(texts)
        positions = self.pooling.positions(batch.span, batch.own, sink_first=self.sink_first)
        try:
            found = read(self.model, self.run, batch.ids, batch.attended, positions)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            return False
        self.rows.write(ordinals, found.rows, self._facts(texts, batch, found.left_out))
        return True

    def _lessen(self, texts: int, length: int) -> None:
        """Halves the batch size after a batch ran out of memory, for later batches too."""
        empty_cache(self.model.place.device)
        if texts == 1:
            raise ModelError(
                "The longest text and its hidden states must fit into memory",
                f"One of {length} tokens does not",
                f"Take a --max-length below {length}, or free memory",
            )
        self.batch_tokens = texts * length // 2
        self.notify(f"Out of memory: going on with {self.batch_tokens} tokens a batch.")

    def _facts(self, texts: list[Encoded], batch: Batch, left_out: np.ndarray) -> TokenFacts:
        unread = np.zeros(len(texts), dtype=bool)
        if self.pooling.without_sinks:
            unread = left_without_token(batch.own, sink_first=self.sink_first).numpy()
        cut = np.array([text.cut for text in texts])
        unknown_id = -1 if self.encoder.unknown_id is None else self.encoder.unknown_id
        unknown = (batch.own & (batch.ids == unknown_id)).sum(dim=1).numpy()
        return TokenFacts(batch.own.sum(dim=1).numpy(), cut, unread, left_out, unknown)


def encoder_for(model: LoadedModel, pooling: Pooling) -> TextEncoder:
    """The model's encoder, as texts are encoded for a pooling."""
    return model.encoder.with_bos() if model.starts_bare and pooling.takes_bos else model.encoder


def _exactly(count: int, documents: Iterable[Document]) -> Iterator[Document]:
    """The stream; raises if it has more or fewer documents."""
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
