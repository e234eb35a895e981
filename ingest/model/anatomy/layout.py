"""The axes of a block's states: texts, tokens, width, and parallel streams if there are several."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from mri_core.errors import ModelError


@dataclass(frozen=True)
class Layout:
    """The axes of the states that a model's blocks pass on.

    Attributes:
        texts, tokens, width: the axes.
        streams: the axis of parallel residual streams (Gemma 3n, hyper-connections); None for a single one.
        active: the stream that is read; None for the mean of all.
    """

    texts: int = 0
    tokens: int = 1
    width: int = 2
    streams: int | None = None
    active: int | None = None

    def plain(self, states: Tensor) -> Tensor:
        """States as (texts, tokens, width)."""
        if self == PLAIN:
            return states
        if self.streams is None:
            return states.permute(self.texts, self.tokens, self.width)
        ordered = states.permute(self.streams, self.texts, self.tokens, self.width)
        return ordered.mean(dim=0) if self.active is None else ordered[self.active]

    def shifted(self, states: Tensor, change: Tensor) -> Tensor:
        """States whose `plain` form is the same with a change (texts, tokens, width) added; a copy."""
        states = states.clone()
        if self.streams is None:
            states.permute(self.texts, self.tokens, self.width).add_(change)
            return states
        ordered = states.permute(self.streams, self.texts, self.tokens, self.width)
        # the mean of all streams moves as far as each of them
        (ordered if self.active is None else ordered[self.active]).add_(change)
        return states


PLAIN = Layout()


def find_layout(
    one: torch.Size, other: torch.Size, sizes: torch.Size, other_sizes: torch.Size, active: int | None
) -> Layout:
    """The layout of states, from the shapes that they have in two passes over token ids of different sizes.

    The axis of texts is the one that is as long as there are texts in both. That of tokens changes as their number
    does; where a model pads to a multiple of its own it does not, and is the first other axis, with room for them all.
    Of those left, the last is the width.

    Args:
        one, other: shapes of what enters the first block.
        sizes, other_sizes: texts and tokens of the two passes, each number different.
        active: the stream that the model's config names.

    Raises:
        ModelError: there are no such axes.
    """
    axes = list(range(len(one))) if len(one) == len(other) else []
    of_texts = [axis for axis in axes if (one[axis], other[axis]) == (sizes[0], other_sizes[0])][:1]
    rest = [axis for axis in axes if axis not in of_texts]
    change = other_sizes[1] - sizes[1]
    of_tokens = [axis for axis in rest if other[axis] - one[axis] == change]
    of_tokens = (of_tokens or [axis for axis in rest[:1] if one[axis] == other[axis] >= sizes[1]])[:1]
    left = [axis for axis in rest if axis not in of_tokens]
    if not of_texts or not of_tokens or len(left) not in (1, 2):
        raise ModelError(
            "A block passes on states with an axis of texts, one of tokens and one of their width",
            f"Here they are {' × '.join(map(str, one))} for {sizes[0]} texts of {sizes[1]} tokens",
            "This architecture cannot be scanned",
        )
    streams = left[0] if len(left) == 2 else None
    return Layout(of_texts[0], of_tokens[0], left[-1], streams, active if streams is not None else None)
