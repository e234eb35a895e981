"""Positions of texts: which are a text's own, which are sinks, and the mean of the states over some of them.

Positions are boolean tensors (batch, length), states are float32 tensors (batch, length, width).
"""

from __future__ import annotations

import torch
from torch import Tensor

SINK_RATIO = 50.0  # a token this many times the median norm of its text is an attention sink


def left_without_token(own: Tensor, *, sink_first: bool) -> Tensor:
    """(batch,) which texts have no token of their own that `mean` may read; their whole span is pooled instead."""
    return ~textual(own, sink_first).any(dim=1)


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


def readable(span: Tensor, own: Tensor) -> Tensor:
    """The text's own tokens; of a text without any, all of its span."""
    return or_else(own, span)


def or_else(mask: Tensor, fallback: Tensor) -> Tensor:
    """Each row of the mask, or of the fallback where the mask has no position in that row."""
    return torch.where(mask.any(dim=1, keepdim=True), mask, fallback)


def textual(own: Tensor, sink_first: bool) -> Tensor:
    """The text's own tokens, without a first position that is a sink."""
    return own & (places(own) > 0) if sink_first else own


def places(mask: Tensor) -> Tensor:
    """(length,) each position's number."""
    return torch.arange(mask.shape[1], device=mask.device)
