"""A text in pieces to be coloured: whole, in order, whatever its tokens cover."""

from __future__ import annotations

import numpy as np

from mri_core.records.explained import Explained, LayerParts, Token
from tests.planted import HOSTILE
from ui.reports.token_pieces import TextPiece, text_pieces


def pieces(text: str, tokens: list[Token], parts: list[float], cut: int = 0) -> list[TextPiece]:
    layer = LayerParts(0, "margin", "L0/R0", "L0/R1", 1.0, np.array(parts), 0.0, 0.0)
    return text_pieces(Explained("study", None, text, tuple(tokens), (layer,), cut), layer)


def test_what_lies_between_tokens_stays_and_added_tokens_stand_in_their_places() -> None:
    tokens = [
        Token("[CLS]", None, None, "special"),
        Token("The", 0, 3, ""),
        Token("court", 5, 10, ""),
        Token("[SEP]", None, None, "special"),
    ]
    found = pieces("The  court rose", tokens, [np.nan, -1.5, np.nan, np.nan], cut=1)
    assert found == [
        TextPiece("[CLS]", None, "special", "[CLS]: left out, special"),
        TextPiece("The", -1.5, "", "The: -1.500"),
        TextPiece("  "),
        TextPiece("court", None, "sink", "court: left out, sink"),
        TextPiece("[SEP]", None, "special", "[SEP]: left out, special"),
        TextPiece(" rose", None, "cut off", "cut off"),
    ]


def test_tokens_that_are_bytes_of_one_character_are_one_piece_with_the_sum_of_their_parts() -> None:
    tokens = [Token("🐈", 0, 1, ""), Token("🐈", 0, 1, ""), Token("🐈s", 0, 2, ""), Token(" sat", 2, 6, "")]
    found = pieces("🐈s sat", tokens, [0.5, 0.25, np.nan, 1.0])
    assert found == [TextPiece("🐈s", 0.75, "", "🐈s (3 tokens): +0.750"), TextPiece(" sat", 1.0, "", "sat: +1.000")]


def test_without_characters_tokens_stand_for_themselves() -> None:
    tokens = [Token("The", None, None, ""), Token("court", None, None, "")]
    assert [piece.text for piece in pieces("The court", tokens, [1.0, 2.0])] == ["The", "court"]


def test_every_text_is_there_whole_as_it_is() -> None:
    for text in HOSTILE:
        tokens = [Token(text[at : at + 2], at, min(at + 2, len(text)), "") for at in range(0, len(text), 3)]
        assert "".join(piece.text for piece in pieces(text, tokens, [1.0] * len(tokens))) == text
