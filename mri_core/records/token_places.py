"""A text's tokens, each with the region that it lies in, layer by layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

UNSCANNED = "tag not scanned"  # why a word of a corpus with tags has no region; or it is `UNTAGGED`


class PlacedToken(NamedTuple):
    """A token of a text, or where the study's tokens have tags a word, and where it lies.

    Attributes:
        text: the characters that it covers; its own name if it covers none.
        start, end: of these characters in the text; None for a token that was added. Tokens that are bytes of one
            character have the same.
        type: it as it is counted, in lower case; pieces within a word begin with `##`. "" if it is left out.
        tag: of the word; None where it has none.
        left_out: why it has no region in any layer; "" if it has one in each.
        regions: within the study (`L3/R5`), one for each layer; () if it is left out.
        distances: from where its region expects it, as `AtlasKind.distances`, one for each layer.
        margins: how far it is inside its region, from 0 on the border to 1; () where the kind of atlas does not say.
    """

    text: str
    start: int | None
    end: int | None
    type: str = ""
    tag: str | None = None
    left_out: str = ""
    regions: tuple[str, ...] = ()
    distances: tuple[float, ...] = ()
    margins: tuple[float, ...] = ()


@dataclass(frozen=True)
class TokenPlaces:
    """A text in a study of tokens.

    Attributes:
        study: id of the study.
        document: id of the text within it, `D12`; None for another text.
        text: itself.
        tokens: all positions in order, special ones included; of words with tags the words, and what is in none.
        layers: of the study.
        cut: tokens at its end that the model does not read.
        notes: what a reader should know, a sentence each.
    """

    study: str
    document: str | None
    text: str
    tokens: tuple[PlacedToken, ...]
    layers: int
    cut: int
    notes: tuple[str, ...] = ()

    @property
    def placed(self) -> tuple[PlacedToken, ...]:
        """The tokens that have regions."""
        return tuple(token for token in self.tokens if token.regions)

    def counts(self, layer: int) -> dict[str, int]:
        """How many tokens each region of a layer holds, the most first."""
        found: dict[str, int] = {}
        for token in self.placed:
            found[token.regions[layer]] = found.get(token.regions[layer], 0) + 1
        return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))
