"""Rows of single tokens: of each text in a batch, the states at the positions that a plan names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import cast

import numpy as np
import torch
from torch import Tensor

from ingest.extract.positions import sinks, textual
from ingest.extract.products import Products
from ingest.extract.readout import not_finite
from ingest.extract.records import Found, Library, OpenRows, RowStore, TokenFacts
from ingest.extract.token_plan import TokenPlan
from ingest.model.loading import LoadedModel
from ingest.model.tokens import Batch
from mri_core.atlas.compact import placed_layer
from mri_core.records.arrays import Atlas, Frequency


class TokenRows:
    """Takes the states of planned tokens, layer by layer; with an atlas, their regions alone.

    Args:
        model: loaded.
        plan: of the corpus.
        atlas: that tokens are placed in; None for rows.
        products: of the model.
    """

    def __init__(self, model: LoadedModel, plan: TokenPlan, atlas: Atlas | None, products: Products) -> None:
        self._model, self._plan, self._atlas = model, plan, atlas
        if atlas is not None:
            self._covariates = plan.covariates(cast(Frequency, atlas.frequency))  # one of documents has none
        self._run = products.computing(self._taken)

    def read(self, ordinals: Sequence[int], batch: Batch) -> Found:
        """The rows of a batch and their facts, text by text.

        Args:
            ordinals: of its texts.
            batch: of these, encoded.

        Raises:
            ModelError: the model fails, or gives values that are not finite.
            RuntimeError: its memory runs out.
        """
        plan, device = self._plan, self._model.place.device
        counts = [int(plan.starts[ordinal + 1] - plan.starts[ordinal]) for ordinal in ordinals]
        self._chosen = np.concatenate([np.arange(*plan.starts[ordinal : ordinal + 2]) for ordinal in ordinals])
        self._where = [
            torch.from_numpy(np.asarray(each, dtype=np.int64))
            for each in (np.repeat(np.arange(len(ordinals)), counts), plan.first[self._chosen], plan.last[self._chosen])
        ]
        own = textual(batch.own, self._model.starts_bare)
        self._run(*(each.to(device) for each in (batch.ids, batch.attended, own)))
        return Found(self._rows, self._facts(np.repeat(np.asarray(ordinals), counts)))

    @torch.inference_mode()
    def _taken(self, ids: Tensor, attended: Tensor, own: Tensor) -> Tensor:
        """Runs the model and takes the rows; the tensor that it returns is empty."""
        self._rows: list[np.ndarray] = []
        self._sunk: list[np.ndarray] = []

        def take(layer: int, states: Tensor) -> None:
            found = self._model.own_states(states, own)
            with torch.autocast(found.device.type, enabled=False):
                sunk = sinks(found, own.to(found.device))
                values, left = _at(found, sunk, *(each.to(found.device) for each in self._where))
            rows = values.cpu().numpy()
            if not np.isfinite(rows).all():
                raise not_finite(self._model, layer)
            self._sunk.append(left.cpu().numpy())
            self._rows.append(self._kept(layer, rows))

        self._model.run(ids, attended, take)
        return torch.empty(0)

    def _kept(self, layer: int, rows: np.ndarray) -> np.ndarray:
        """The rows of a layer, or what an atlas leaves of them."""
        if self._atlas is None:
            return rows
        return placed_layer(self._atlas, layer, rows, self._covariates[self._chosen])

    def _facts(self, texts: np.ndarray) -> TokenFacts:
        return TokenFacts(
            self._plan.read[texts],
            self._plan.cut[texts],
            np.zeros(len(texts), dtype=bool),
            np.stack(self._sunk, axis=1).astype(np.int32),
            self._plan.unknown[self._chosen].astype(np.int32),
        )


def _at(states: Tensor, sunk: Tensor, text: Tensor, first: Tensor, last: Tensor) -> tuple[Tensor, Tensor]:
    """The mean state from each first to its last position, and whether one of these is a sink."""
    values, left = states[text, first], sunk[text, first]
    longest = int((last - first).max()) if len(first) else 0
    for step in range(1, longest + 1):
        inside = first + step <= last
        place = torch.minimum(first + step, last)
        values = values + torch.where(inside[:, None], states[text, place], 0)
        left = left | (inside & sunk[text, place])
    return values / (last - first + 1)[:, None], left


def by_text(open_rows: OpenRows, plan: TokenPlan) -> OpenRows:
    """What a scan of texts writes its batches to, where each text has the rows of its tokens."""

    @contextmanager
    def opened(widths: tuple[int, ...]) -> Iterator[RowStore]:
        with open_rows(widths) as rows:
            yield _TextRows(rows, plan)

    return opened


class _TextRows:
    """A `RowStore` of texts in one of tokens."""

    def __init__(self, rows: RowStore, plan: TokenPlan) -> None:
        self._rows, self._starts = rows, plan.starts

    @property
    def library(self) -> Library | None:
        return self._rows.library

    def computed_by(self, library: Library | None) -> None:
        self._rows.computed_by(library)

    def is_wanted(self, ordinal: int) -> bool:
        """A text is run if one of its tokens is: it may be repeated, or have been read before, as a whole alone."""
        return any(self._rows.is_wanted(token) for token in self._tokens([ordinal]))

    def holds(self, ordinals: Sequence[int]) -> bool:
        return self._rows.holds(self._tokens(ordinals))

    def write(self, ordinals: Sequence[int], rows: Sequence[np.ndarray], facts: TokenFacts) -> None:
        self._rows.write(self._tokens(ordinals), rows, facts)

    def _tokens(self, ordinals: Sequence[int]) -> list[int]:
        ends = ((int(self._starts[ordinal]), int(self._starts[ordinal + 1])) for ordinal in ordinals)
        return [token for start, end in ends for token in range(start, end)]
