"""From a text's token states to one row: which positions a pooling reads, and their mean.

Positions are boolean tensors (batch, length), states are float32 tensors (batch, length, width).
"""

from __future__ import annotations

from typing import get_args

import torch
from torch import Tensor

from mri_core.errors import UsageError, unknown_name
from mri_core.records.arrays import Pooling

SINK_RATIO = 50.0  # a token this many times the median norm of its text is an attention sink


def check_pooling(pooling: str, *, causal: bool, force: bool = False) -> None:
    """Refuse a pooling that is not there, or that says nothing about this kind of model.

    Raises:
        UsageError: an unknown name, or `first` in a causal decoder without `force`: it sees one token only.
    """
    if pooling not in get_args(Pooling):
        raise unknown_name("pooling", pooling, get_args(Pooling))
    if pooling == "first" and causal and not force:
        raise UsageError(
            "The first position of a causal decoder sees one token only",
            "Pooling `first` would tell nothing of the rest of the text",
            "Take --pooling mean or last, or insist with --force",
        )


def pooled_positions(pooling: Pooling, span: Tensor, own: Tensor, *, sink_first: bool) -> Tensor:
    """The positions whose mean is a text's row; every text has at least one.

    Args:
        pooling: `mean` reads the text's own tokens, `last` the last of them, `first` the first of the
            span, `mean-all` all of it.
        span: positions that may be read: all but padding, or within a prompt those of the text.
        own: positions of the span that are not special tokens.
        sink_first: position 0 is an attention sink: where it is the text's own, `mean` leaves it out.
    """
    if pooling == "mean-all":
        return span
    if pooling == "first":
        return _places(span) == span.int().argmax(dim=1, keepdim=True)
    readable = _or_else(own, span)
    if pooling == "last":
        places = _places(readable)
        return places == (readable * places).amax(dim=1, keepdim=True)
    return _or_else(_textual(own, sink_first), readable)


def left_without_token(own: Tensor, *, sink_first: bool) -> Tensor:
    """(batch,) which texts have no token of their own that `mean` may read, and so keep what they have."""
    return ~_textual(own, sink_first).any(dim=1)


def sinks(states: Tensor, positions: Tensor) -> Tensor:
    """Positions with more than `SINK_RATIO` times the median norm of the same text's positions (Sun et al. 2024)."""
    norms: Tensor = torch.linalg.vector_norm(states, dim=2)
    return positions & (norms > SINK_RATIO * _masked_median(norms, positions).unsqueeze(1))


def masked_mean(states: Tensor, positions: Tensor) -> Tensor:
    """(batch, width) mean of the states over each text's positions."""
    weights = positions.to(states.dtype)
    return torch.bmm(weights.unsqueeze(1), states).squeeze(1) / weights.sum(dim=1, keepdim=True)


def _masked_median(values: Tensor, mask: Tensor) -> Tensor:
    """(batch,) median over each row's masked values: of an even number, the mean of the middle two."""
    ordered = values.masked_fill(~mask, torch.inf).sort(dim=1).values
    count = mask.sum(dim=1, keepdim=True)
    middle = torch.cat([(count - 1) // 2, count // 2], dim=1)
    return ordered.gather(1, middle).mean(dim=1)


def _or_else(mask: Tensor, fallback: Tensor) -> Tensor:
    """Each row of the mask, or of the fallback where the mask has no position in that row."""
    return torch.where(mask.any(dim=1, keepdim=True), mask, fallback)


def _textual(own: Tensor, sink_first: bool) -> Tensor:
    return own & (_places(own) > 0) if sink_first else own


def _places(mask: Tensor) -> Tensor:
    return torch.arange(mask.shape[1], device=mask.device)
