"""What each token of a text stands for, in characters of the text."""

from __future__ import annotations

from typing import NamedTuple

from ingest.model.tokens import Encoded, TextEncoder


class Piece(NamedTuple):
    """What a token stands for.

    Attributes:
        text: the characters of the text that it covers; the token's own name if it covers none.
        start, end: of these characters in the text; None for a token that was added, and where the tokenizer does not
            give characters. Tokens that share a character, as bytes of it, have the same.
    """

    text: str
    start: int | None = None
    end: int | None = None


def pieces_of(encoder: TextEncoder, text: str, encoded: Encoded, max_length: int) -> tuple[Piece, ...]:
    """A piece for each token.

    Args:
        encoder: that gave the tokens.
        text: as it was given.
        encoded: its tokens.
        max_length: that it was truncated to.
    """
    ids = encoded.ids.tolist()
    offsets = encoder.offsets(text, max_length)
    if offsets is None:
        return tuple(Piece(name) for name in _decoded(encoder, ids))
    names = encoder.tokenizer.convert_ids_to_tokens(ids)
    return tuple(
        Piece(text[start:end], start, end) if start < end else Piece(str(name))
        for (start, end), name in zip(offsets.tolist(), names, strict=True)
    )


def _decoded(encoder: TextEncoder, ids: list[int]) -> list[str]:
    return [encoder.tokenizer.decode([each]) for each in ids]
