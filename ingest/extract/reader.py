"""A loaded model that reads batches: encodes texts, runs them, pools their states."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import TypeVar

import numpy as np
import torch

from ingest.extract.batches import Text
from ingest.extract.compiled import Runner, pays
from ingest.extract.poolings import POOLINGS, Pooling
from ingest.extract.positions import left_without_token
from ingest.extract.products import Products, quickest
from ingest.extract.readout import Pooler, read
from ingest.extract.records import Conditions, Found, Library, Notify, TokenFacts, Traits
from ingest.extract.shards import Shards
from ingest.extract.token_plan import TokenPlan
from ingest.extract.token_rows import TokenRows
from ingest.model.device import empty_cache, is_out_of_memory
from ingest.model.loading import LoadedModel
from ingest.model.silence import silent_libraries
from ingest.model.split import DISK, MEMORY
from ingest.model.tokens import Batch, Encoded, TextEncoder
from mri_core.atlas.compact import compact_widths, placed_rows
from mri_core.records.arrays import Atlas

T = TypeVar("T")

SLOWED = "Weights are read from {} for each batch: larger --batch-tokens take less time."


@dataclass(frozen=True)
class Reading:
    """How texts are read.

    Attributes:
        pooling: name of how a text's tokens become one row, one of `POOLINGS`.
        batch_tokens: padded tokens in a batch; None for what suits the device.
        compiling: `on`, `off`, or `auto` for where it clearly pays.
        atlas: that texts are placed in as they are read, so that only `placed_rows` are left of them; None for rows.
        shards: where rows are written besides; None for nowhere.
        tokens: that give a row each, of each text by its ordinal; None where a text gives one.
    """

    pooling: str
    batch_tokens: int | None = None
    compiling: str = "off"
    atlas: Atlas | None = None
    shards: Shards | None = None
    tokens: TokenPlan | None = None


class BatchReader:
    """Reads batches one at a time, between `begin` and the end of the context.

    Args:
        model: loaded; nothing else may run it meanwhile.
        reading: how.
        notify: receives a line when a quicker product fails.
    """

    def __init__(self, model: LoadedModel, reading: Reading, notify: Notify) -> None:
        self._model, self._reading, self._notify = model, reading, notify
        self._pooling = POOLINGS.named(reading.pooling)
        self._encoder = encoder_for(model, self._pooling)
        self._open = ExitStack()

    def __enter__(self) -> BatchReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    @property
    def traits(self) -> Traits:
        """What a scan must know of the model."""
        model = self._model
        budget = self._reading.batch_tokens or model.place.batch_tokens
        widths = model.widths if self._reading.atlas is None else compact_widths(self._reading.atlas)
        return Traits(widths, model.max_length, budget, model.respects_padding_mask)

    def begin(self, work: int, library: Library | None = None) -> Library | None:
        """Prepares for a scan; returns the library of matrix products, None for a compiled model.

        Args:
            work: characters of its texts, by which it is decided whether compiling and measuring products pay.
            library: of matrix products; None to take the quicker one here.
        """
        model = self._model
        if line := _slowed(model.lies_on):
            self._notify(line)
        for context in (silent_libraries(), model.place.computing()):
            self._open.enter_context(context)
        self._products = Products(lambda: library or quickest(model, work), self._notify)
        if self._reading.tokens is not None:
            self._tokens = TokenRows(model, self._reading.tokens, self._reading.atlas, self._products)
            return self._products.library
        pooler = Pooler(model, without_sinks=self._pooling.without_sinks)
        self._runner = self._open.enter_context(
            Runner(model, pooler, self._reading.compiling, self._products, worth_it=pays(model, work))
        )
        return None if self._runner.compiled else self._products.library

    def encode(self, texts: Sequence[str]) -> list[Encoded]:
        """Encodes texts for the model."""
        return self._encoder.encode(texts, self._model.max_length)

    def read(self, documents: Sequence[Text]) -> Found | None:
        """The rows and facts of a batch; None if it ran out of memory.

        Raises:
            ModelError: the model fails, cannot be compiled, or gives values that are not finite.
            MriError: its rows cannot be written where they are written besides.
        """
        texts = [document.encoded for document in documents]
        batch = self._encoder.batch(texts)
        if self._reading.tokens is not None:
            return self._unless_full(lambda: self._tokens.read([document.ordinal for document in documents], batch))
        positions = self._pooling.positions(batch.span, batch.own, sink_first=self._sink_first)
        found = self._unless_full(lambda: read(self._model, self._runner, batch.ids, batch.attended, positions))
        if found is None:
            return None
        if self._reading.shards is not None:
            self._reading.shards.write([document.ordinal for document in documents], found.rows)
        facts = self._facts(texts, batch, found.left_out)
        if self._reading.atlas is None:
            return Found(found.rows, facts)
        return Found(placed_rows(self._reading.atlas, found.rows, facts.lengths), facts)

    def _unless_full(self, run: Callable[[], T]) -> T | None:
        """What a batch gives; None if it ran out of memory."""
        try:
            return run()
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            empty_cache(self._model.place.device)
            return None

    def conditions(self) -> Conditions:
        """How rows came about so far."""
        model = self._model
        return Conditions(
            model.max_length,
            model.warnings,
            device=model.place.device,
            dtype=model.dtype,
            compiled=self._reading.tokens is None and self._runner.compiled,
            products=self._products.used if model.place.device == "cpu" else None,
            threads=torch.get_num_threads(),
            lies_on=", ".join(model.lies_on) or None,
        )

    @property
    def _sink_first(self) -> bool:
        """Whether the first position is an attention sink, as in causal models, whether or not it is the text's own."""
        return self._model.starts_bare

    def _facts(self, texts: Sequence[Encoded], batch: Batch, left_out: np.ndarray) -> TokenFacts:
        unread = np.zeros(len(texts), dtype=bool)
        if self._pooling.without_sinks:
            unread = left_without_token(batch.own, sink_first=self._sink_first).numpy()
        cut = np.array([text.cut for text in texts])
        unknown_id = -1 if self._encoder.unknown_id is None else self._encoder.unknown_id
        unknown = (batch.own & (batch.ids == unknown_id)).sum(dim=1).numpy()
        return TokenFacts(batch.own.sum(dim=1).numpy(), cut, unread, left_out, unknown)


def _slowed(lies_on: tuple[str, ...]) -> str:
    """What a user should know of a model whose weights are brought to where they are needed for each batch."""
    home = MEMORY if lies_on and lies_on[0] in (MEMORY, DISK) else ""  # without cards a processor computes
    brought = [where for where in (MEMORY, DISK) if where in lies_on and where != home]
    return SLOWED.format(" and ".join(brought)) if brought else ""


def encoder_for(model: LoadedModel, pooling: Pooling) -> TextEncoder:
    """The model's encoder, as texts are encoded for a pooling."""
    return model.encoder.with_bos() if model.starts_bare and pooling.takes_bos else model.encoder
