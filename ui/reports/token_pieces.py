"""A text in pieces to be coloured: tokens with their parts, what lies between them, and what is left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isnan

from mri_core.records.explained import Explained, LayerParts, Token
from ui.reports.explained import shown, signed

UNREAD = "cut off"  # the end of a text that the model does not read


@dataclass(frozen=True)
class TextPiece:
    """Characters that are drawn alike.

    Attributes:
        text: the characters of the text; the name of a token that covers none.
        part: of the token; None where it has none. Tokens that are bytes of one character are one piece.
        left_out: why it has none; "" too between tokens.
        told: token and part, or why it has none, in words; "" between tokens.
    """

    text: str
    part: float | None = None
    left_out: str = ""
    told: str = ""


def text_pieces(found: Explained, parts: LayerParts) -> list[TextPiece]:
    """The whole text in order, with tokens that were added in their places.

    Args:
        found: of the text.
        parts: of one of its layers.
    """
    pieces: list[TextPiece] = []
    behind = 0
    for group in _grouped(found.tokens):
        token = found.tokens[group[0]]
        if token.start is not None:
            if found.text[behind : token.start]:
                pieces.append(TextPiece(found.text[behind : token.start]))
            behind = max(found.tokens[place].end or 0 for place in group)
        text = token.text if token.start is None else found.text[token.start : behind]
        pieces.append(_piece(text, group, found.tokens, parts))
    rest = found.text[behind:] if behind else ""  # a tokenizer that gives no characters has covered all of it
    if rest:
        cut = UNREAD if found.cut else ""
        pieces.append(TextPiece(rest, None, cut, cut))
    return pieces


def _piece(text: str, group: Sequence[int], tokens: Sequence[Token], parts: LayerParts) -> TextPiece:
    own = [part for place in group if not isnan(part := float(parts.tokens[place]))]
    several = "" if len(group) == 1 else f" ({len(group)} tokens)"
    name = shown(Token(text, None, None, ""))
    if not own:
        why = parts.why(group[0], tokens[group[0]])
        return TextPiece(text, None, why, f"{name}{several}: left out, {why}")
    return TextPiece(text, sum(own), "", f"{name}{several}: {signed(sum(own))}")


def _grouped(tokens: Sequence[Token]) -> Iterator[list[int]]:
    """Positions together that share characters, as bytes of one do."""
    group: list[int] = []
    behind = 0
    for place, token in enumerate(tokens):
        if group and (token.start is None or token.start >= behind):
            yield group
            group = []
        group.append(place)
        behind = 0 if token.end is None else max(behind, token.end)
    if group:
        yield group
