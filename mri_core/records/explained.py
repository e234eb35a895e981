"""A document's place in a study's regions, taken apart into its tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np

SPECIAL, TEMPLATE, SINK, UNPOOLED = "special", "template", "sink", "not pooled"  # why a position has no part


class Token(NamedTuple):
    """A position of a text, as the model is given it.

    Attributes:
        text: the characters that it covers; its own name if it covers none.
        start, end: of these characters in the text; None for a token that was added, and where the tokenizer does not
            give characters. Tokens that are bytes of one character have the same.
        left_out: why no layer pools it; "" if layers do, though a layer in which it is a sink does not.
    """

    text: str
    start: int | None
    end: int | None
    left_out: str


@dataclass(frozen=True)
class LayerParts:
    """A number that says where a document lies in a layer, as the sum of its parts.

    Attributes:
        layer: its index.
        name: `margin` of a cluster over another, `column` or `row` of a grid, `component`.
        region: within the study, `L3/R5`: the cluster, cell or component.
        versus: of a margin the other cluster; else None.
        value: the number as the atlas computes it from the document's pooled row.
        tokens: (positions,) part of each; NaN for those that this layer does not pool.
        length: part of the adjustment for length.
        constant: the number at the origin of the layer's coordinates.
    """

    layer: int
    name: str
    region: str
    versus: str | None
    value: float
    tokens: np.ndarray
    length: float
    constant: float

    @property
    def of_tokens(self) -> float:
        """The sum of the tokens' parts."""
        import numpy as np

        return float(np.nansum(self.tokens))

    @property
    def total(self) -> float:
        """All parts together, which is the value but for rounding."""
        return self.of_tokens + self.length + self.constant

    def why(self, position: int, token: Token) -> str:
        """Why a position has no part in this layer; "" if it has one."""
        import numpy as np

        return token.left_out or (SINK if np.isnan(self.tokens[position]) else "")


@dataclass(frozen=True)
class Explained:
    """A text in a study's regions, token by token.

    Attributes:
        study: id of the study.
        document: id of the document within it, `D12`; None for another text.
        text: itself.
        tokens: its positions, special ones and those of a template included.
        layers: what was asked about, by layer; of a grid two numbers a layer.
        cut: tokens at its end that the model does not read.
        notes: what a reader should know, a sentence each.
    """

    study: str
    document: str | None
    text: str
    tokens: tuple[Token, ...]
    layers: tuple[LayerParts, ...]
    cut: int
    notes: tuple[str, ...] = ()


def layers_told(layers: Sequence[int]) -> str:
    """Layers in words: "layer 3", "layers 3, 4"."""
    return f"{'layer' if len(layers) == 1 else 'layers'} {', '.join(map(str, layers))}"
