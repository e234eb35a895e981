"""A text in pieces to be coloured by the regions of its tokens, in one layer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from mri_core.records.token_places import PlacedToken, TokenPlaces
from ui.reports.token_pieces import UNREAD
from ui.reports.token_places import shown_of

GOLDEN = 137.508  # degrees: hues of neighbouring numbers lie far apart, however many there are


@dataclass(frozen=True)
class RegionPiece:
    """Characters that are drawn alike.

    Attributes:
        text: the characters of the text; the name of a token that covers none.
        ground: CSS colour of the token's region; "" where it has none.
        mark: the region's name within its layer, after the last token of a row of tokens in one region; else "".
        left_out: why it has no region; "" too between tokens.
        told: token and region, or why it has none, in words; "" between tokens.
    """

    text: str
    ground: str = ""
    mark: str = ""
    left_out: str = ""
    told: str = ""


def hues(*found: TokenPlaces) -> dict[str, str]:
    """A CSS colour for each region name that texts pass, those of most tokens in all layers first.

    A region that is carried from layer to layer keeps its colour.
    """
    names = Counter(name_of(region) for text in found for token in text.placed for region in token.regions)
    ordered = sorted(names, key=lambda name: (-names[name], name))
    return {name: f"hsl({(210 + place * GOLDEN) % 360:.0f} 75% 50%)" for place, name in enumerate(ordered)}


def region_pieces(
    found: TokenPlaces, layer: int, ground: Callable[[str], str], titles: Mapping[str, str]
) -> list[RegionPiece]:
    """The whole text in order, with tokens that were added in their places.

    Args:
        found: of the text.
        layer: whose regions are shown.
        ground: gives the CSS colour of a region, by its id within the study.
        titles: of regions, by their ids within the study.
    """
    return _marked([*_pieces(found, layer, ground, titles)])


def _pieces(
    found: TokenPlaces, layer: int, ground: Callable[[str], str], titles: Mapping[str, str]
) -> Iterator[RegionPiece]:
    behind = 0
    for token in found.tokens:
        if token.start is None or token.end is None:
            yield _piece(token, token.text, layer, ground, titles)
            continue
        if token.end <= behind:  # one more byte of the character before
            continue
        if between := found.text[behind : max(behind, token.start)]:
            yield RegionPiece(between)
        yield _piece(token, found.text[max(behind, token.start) : token.end], layer, ground, titles)
        behind = token.end
    if rest := found.text[behind:]:
        cut = UNREAD if found.cut else ""
        yield RegionPiece(rest, left_out=cut, told=cut)


def _piece(
    token: PlacedToken, text: str, layer: int, ground: Callable[[str], str], titles: Mapping[str, str]
) -> RegionPiece:
    name = shown_of(token)
    if not token.regions:
        return RegionPiece(text, left_out=token.left_out, told=f"{name}: left out, {token.left_out}")
    region = token.regions[layer]
    tag = "" if token.tag is None else f" ({token.tag})"
    return RegionPiece(text, ground(region), name_of(region), "", f"{name}{tag}: {titles.get(region, region)}")


def _marked(pieces: list[RegionPiece]) -> list[RegionPiece]:
    """The pieces, of which only the last of a row of tokens in one region is marked."""
    following = ""
    found = []
    for piece in reversed(pieces):
        found.append(replace(piece, mark="") if piece.mark and piece.mark == following else piece)
        if piece.mark or piece.left_out:
            following = piece.mark
    return found[::-1]


def name_of(region: str) -> str:
    """A region's name within its layer, from its id within the study."""
    return region.partition("/R")[2]
