"""A text's tokens with their regions: in words and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from mri_core.errors import UsageError
from mri_core.numbers import finite, how_many
from mri_core.records.explained import Token
from mri_core.records.graph import Study
from mri_core.records.token_places import PlacedToken, TokenPlaces
from queries.text import words_told
from ui.reports.explained import left_out_told, shown
from ui.wording.terminal import table

Words = Mapping[str, Sequence[str]]  # of a region within the study

LAYERS = 12  # of a table on a terminal
WORDS = 4
CONTEXT = (
    "A token's region is that of its state, which holds its context: the same word may lie elsewhere in another text."
)
NOTHING = "No token of it has a region: all are left out."
MARGIN = "margin: how far a token is inside its region, from 0 on the border to 1."


def as_json(found: TokenPlaces) -> dict[str, Any]:
    """The facts as JSON values: of each position its regions, distances and margins in every layer."""
    tokens = [
        {"position": place, **token._asdict()}
        | {"distances": [finite(each) for each in token.distances], "margins": [finite(each) for each in token.margins]}
        for place, token in enumerate(found.tokens)
    ]
    whose = {"study": found.study, "document": found.document, "text": found.text}
    return whose | {"layers": found.layers, "cut": found.cut, "notes": list(found.notes), "tokens": tokens}


def in_words(study: Study, found: TokenPlaces, words: Words, layer: int | None = None, most: int | None = None) -> str:
    """The same for a reader.

    Args:
        study: that the text is placed in.
        found: of the text.
        words: of each region within the study.
        layer: this one, with the words of its regions; None for a column for each.
        most: tokens that are listed; None for all.

    Raises:
        UsageError: the study has no such layer.
    """
    check_layer(study, layer)
    return "\n\n".join(_told(study, found, words, layer, most))


def check_layer(study: Study, layer: int | None) -> None:
    """Raises `UsageError` for a layer that a study does not have."""
    if layer is not None and not 0 <= layer < study.layers:
        raise UsageError(f"{study.name} has layers 0 to {study.layers - 1}", f"Layer {layer} is named")


def _told(study: Study, found: TokenPlaces, words: Words, layer: int | None, most: int | None) -> Iterator[str]:
    yield headline(study, found)
    yield from found.notes
    if not found.placed:
        yield NOTHING
        yield from left_out_told((shown_of(token), token.left_out) for token in found.tokens)
        return
    if layer is None:
        yield from _every_layer(found, most)
    else:
        yield table(*_columns(found, ["region", "margin", "words"], lambda token: _in_layer(token, layer, words), most))
        yield table(("region", "tokens", "words"), region_rows(found, layer, words))
    yield from left_out_told((shown_of(token), token.left_out) for token in found.tokens)
    margins = layer is not None and any(token.margins for token in found.placed)
    yield " ".join([MARGIN, CONTEXT] if margins else [CONTEXT])


def headline(study: Study, found: TokenPlaces) -> str:
    """What is placed, and how much of it."""
    what = "The text" if found.document is None else found.document
    return f"{what} in {study.name}: {how_many(len(found.placed), 'token')} placed of {len(found.tokens)}."


def _every_layer(found: TokenPlaces, most: int | None) -> Iterator[str]:
    layers = np.unique(np.linspace(0, found.layers - 1, min(LAYERS, found.layers)).round().astype(int)).tolist()

    def cells(token: PlacedToken) -> list[Any]:
        return [_within(token.regions[layer]) if token.regions else "" for layer in layers]

    yield table(*_columns(found, [f"L{layer}" for layer in layers], cells, most))
    if len(layers) < found.layers:
        yield f"{len(layers)} of {found.layers} layers; --json has all."
    yield "One layer, with the words of its regions: add --layer."


def _columns(
    found: TokenPlaces, names: Sequence[str], cells: Callable[[PlacedToken], list[Any]], most: int | None
) -> tuple[list[str], list[list[Any]]]:
    """The columns of a table of placed tokens, and its rows; tags where there are any."""
    tagged = any(token.tag is not None for token in found.tokens)
    placed = [(place, token) for place, token in enumerate(found.tokens) if token.regions]
    rows = [
        [place, shown_of(token), *([token.tag or ""] if tagged else []), *cells(token)]
        for place, token in placed[:most]
    ]
    return ["position", "token", *(["tag"] if tagged else []), *names], rows


def _in_layer(token: PlacedToken, layer: int, words: Words) -> list[Any]:
    region = token.regions[layer]
    margin = token.margins[layer] if token.margins else None
    return [region, margin, words_told(words.get(region, ()), WORDS)]


def region_rows(found: TokenPlaces, layer: int, words: Words) -> list[tuple[str, int, str]]:
    """The regions of a layer that hold the text's tokens, those with the most first: tokens, and the region's words."""
    return [(region, count, words_told(words.get(region, ()), WORDS)) for region, count in found.counts(layer).items()]


def shown_of(token: PlacedToken) -> str:
    """A token as it is printed: white space by its escapes."""
    return shown(Token(token.text, None, None, ""))


def _within(region: str) -> str:
    """A region's name within its layer."""
    return region.partition("/")[2]
