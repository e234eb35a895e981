"""One text through a model as a scan of tokens reads it: each of its positions, and the rows of those that have one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ingest.extract.extraction import extract, here
from ingest.extract.poolings import POOLINGS
from ingest.extract.reader import Reading, encoder_for
from ingest.extract.records import MemoryRows, Meter, TokenFacts
from ingest.extract.token_planner import Choice, Subtokens, characters, pieces_of_words, plan_tokens
from ingest.extract.token_rows import by_text
from ingest.model.loading import LoadedModel
from ingest.model.pieces import Piece, pieces_of
from ingest.model.tokens import Encoded, TextEncoder
from mri_core.records.corpus import UNTAGGED, Document
from mri_core.records.explained import SINK, SPECIAL, TEMPLATE

if TYPE_CHECKING:
    from ingest.extract.token_plan import TokenPlan


class TextRows(NamedTuple):
    """What a model gives of a text's tokens.

    Attributes:
        pieces: what each position stands for.
        reasons: why each is of no row; "" where it is of one.
        plan: which tokens give a row.
        positions: of each row: of a word all of its pieces, else the token's own.
        layers: for each (tokens, width), float32.
        sunk: (tokens,) which are attention sinks in some layer.
        cut: tokens at the text's end that the model does not read.
    """

    pieces: tuple[Piece, ...]
    reasons: tuple[str, ...]
    plan: TokenPlan
    positions: tuple[tuple[int, ...], ...]
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
    words = list(_words(encoder, document, encoded, choice))
    positions = tuple(word for word in words if len(choice.of_word(np.array(word, dtype=int))))
    reasons = [_why_not_own(encoder, encoded, place) for place in range(len(encoded.ids))]
    sunk = np.asarray(TokenFacts.of_table(rows.facts).sinks.any(axis=1))
    return TextRows(
        pieces, tuple(_with_left_out(reasons, words, positions)), plan, positions, rows.layers, sunk, encoded.cut
    )


def _words(encoder: TextEncoder, document: Document, encoded: Encoded, choice: Choice) -> Iterator[tuple[int, ...]]:
    """The positions of each word that may have a row, or where there are no words of each token."""
    own = np.flatnonzero(encoded.own)
    if document.spans is None:
        yield from ((place,) for place in own.tolist())
        return
    offsets = characters(encoder, document.text, choice.max_length)
    for _, pieces in pieces_of_words(document.text, document.spans, own, offsets, choice.untagged):
        yield tuple(pieces.tolist())


def _why_not_own(encoder: TextEncoder, encoded: Encoded, place: int) -> str:
    """Why a position is none of the text's own tokens; "" if it is one."""
    if encoded.own[place]:
        return ""
    special = encoder.prompt is None or int(encoded.ids[place]) in encoder.special_ids
    return SPECIAL if special else TEMPLATE


def _with_left_out(
    reasons: Sequence[str], words: Sequence[tuple[int, ...]], rows: Sequence[tuple[int, ...]]
) -> Iterator[str]:
    """The reasons, with those of own tokens that no row is of: their word has no label, or its token is a sink."""
    of_words, of_rows = (set(chain.from_iterable(several)) for several in (words, rows))
    for place, reason in enumerate(reasons):
        if reason or place in of_rows:
            yield reason
        else:
            yield SINK if place in of_words else UNTAGGED
