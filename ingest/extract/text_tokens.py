"""One text through a model as a scan of tokens reads it: each of its positions, and the rows of those that have one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ingest.extract.extraction import extract, here
from ingest.extract.poolings import POOLINGS
from ingest.extract.reader import Reading, encoder_for
from ingest.extract.records import MemoryRows, Meter, TokenFacts
from ingest.extract.token_planner import Choice, Subtokens, plan_tokens
from ingest.extract.token_rows import by_text
from ingest.model.loading import LoadedModel
from ingest.model.pieces import Piece, pieces_of
from ingest.model.tokens import Encoded, TextEncoder
from mri_core.records.corpus import Document
from mri_core.records.explained import SINK, SPECIAL, TEMPLATE

if TYPE_CHECKING:
    from ingest.extract.token_plan import TokenPlan


class TextRows(NamedTuple):
    """What a model gives of a text's tokens.

    Attributes:
        pieces: what each position stands for.
        reasons: why each is none of the text's own tokens; "" where it is one.
        plan: which tokens give a row.
        layers: for each (tokens, width), float32.
        sunk: (tokens,) which are attention sinks in some layer.
        cut: tokens at the text's end that the model does not read.
    """

    pieces: tuple[Piece, ...]
    reasons: tuple[str, ...]
    plan: TokenPlan
    layers: Sequence[np.ndarray]
    sunk: np.ndarray
    cut: int


def read_text(
    model: LoadedModel, pooling: str, document: Document, meter: Meter, *, subtokens: Subtokens, untagged: str | None
) -> TextRows:
    """Reads a text.

    Args:
        model: loaded; nothing else may run it meanwhile.
        pooling: of the study.
        document: the text, not blank.
        meter: receives what is done.
        subtokens, untagged: as of `Choice`.

    Raises:
        ModelError: the model fails on it, or its tokenizer does not give characters.
    """
    document = replace(document, ordinal=0)
    encoder = encoder_for(model, POOLINGS.named(pooling))
    (encoded,) = encoder.encode([document.text], model.max_length)
    choice = Choice(model.max_length, model.starts_bare, subtokens, untagged)
    plan = plan_tokens(encoder, [document], choice)
    rows = MemoryRows(plan.tokens, model.widths)
    if plan.tokens:
        with here(model, Reading(pooling, tokens=plan)) as executor:
            extract(executor, [document], 1, by_text(rows.opened, plan), meter=meter)
    pieces = pieces_of(encoder, document.text, encoded, model.max_length)
    reasons = tuple(_why(encoder, encoded, place, choice) for place in range(len(encoded.ids)))
    sunk = np.asarray(TokenFacts.of_table(rows.facts).sinks.any(axis=1))
    return TextRows(pieces, reasons, plan, rows.layers, sunk, encoded.cut)


def _why(encoder: TextEncoder, encoded: Encoded, place: int, choice: Choice) -> str:
    """Why a position is none of the tokens that a scan takes; "" if it is one."""
    if encoded.own[place]:
        return SINK if choice.sink_first and place == 0 else ""
    special = encoder.prompt is None or int(encoded.ids[place]) in encoder.special_ids
    return SPECIAL if special else TEMPLATE
