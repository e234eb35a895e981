"""Whether padding and random draws change a model's states."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

import torch
from torch import Tensor, nn

from ingest.model.anatomy.blocks import Blocks
from ingest.model.anatomy.passes import SEED, Conduct, forward
from ingest.model.device import is_out_of_memory
from mri_core.errors import ModelError

LONGEST_PROBE = 4_096  # tokens
SAME_STATE = 1e-4  # relative change up to which two states are equal up to rounding
STEP = 4  # factor from one probed length to the next


@dataclass(frozen=True)
class Treatment:
    """The result of the trials.

    Attributes:
        respects_padding_mask: padding changes nothing.
        draws_matter: random draws change a text's states.
        is_fixed: in no trial, the full length included, did the model change its own attributes or draw, so that its
            passes need no watching, which takes some ten microseconds per module.
    """

    respects_padding_mask: bool
    draws_matter: bool
    is_fixed: bool


@dataclass(frozen=True)
class Trial:
    """Passes of one text, truncated and padded to several lengths.

    Attributes:
        stack: what is run.
        blocks: whose last states are compared.
        text: (1, length) token ids.
        longest: the maximum length of texts in tokens, or that of a probe.
    """

    stack: nn.Module
    blocks: Blocks
    text: Tensor
    longest: int

    def treatment(self) -> Treatment:
        """Compares a text read alone with the same text padded to the full length.

        A model that changed its own attributes meanwhile, or drew, may depend on the input's length: BigBird switches
        its attention at some length, Reformer sorts by random hashes. Then texts of several lengths are tried.
        """
        length = self.text.shape[1]
        alone, short = self._last(length, length)
        padded, long = self._last(length, self.longest)
        respects_padding_mask, drew = same(alone, padded), short.drew or long.drew
        if not (short.changed or long.changed or drew):
            return Treatment(respects_padding_mask, draws_matter=False, is_fixed=True)
        respects_padding_mask = respects_padding_mask and all(
            map(self._respects_padding_mask_at, self._lengths_between())
        )
        return Treatment(respects_padding_mask, drew and self._draws_matter(), is_fixed=False)

    def _lengths_between(self) -> list[int]:
        steps = (self.text.shape[1] * STEP**power for power in range(1, 8))
        return [length for length in steps if length < self.longest]

    def _respects_padding_mask_at(self, length: int) -> bool:
        return same(self._last(length, length)[0], self._last(length, self.longest)[0])

    def _draws_matter(self) -> bool:
        """Whether another random seed changes the text's states at full length."""
        once, again = (self._last(self.longest, self.longest, seed)[0] for seed in (SEED, SEED + 1))
        return not same(once, again)

    def _last(self, length: int, padded: int, seed: int = SEED) -> tuple[Tensor, Conduct]:
        """The states after the last block of the text at one length, padded to another."""
        ids = self.text[:, torch.arange(padded) % self.text.shape[1]]
        kept: list[Tensor] = []

        def keep(layer: int, states: Tensor) -> None:
            if layer == self.blocks.calls:
                kept.append(states[:, :length].clone())

        with self.blocks.read_by(keep):
            conduct = forward(self.stack, ids, torch.arange(padded)[None] < length, seed)
        return kept[0], conduct


def examine_conduct(stack: nn.Module, blocks: Blocks, text: Tensor, longest: int) -> Treatment:
    """The treatment of texts up to the full length.

    A model that fails on so long a text is tried up to twice the text's own length. A model not tried up to the full
    length is not assumed to be fixed.

    Raises:
        ModelError: it fails on that as well.
    """
    tried = max(min(longest, LONGEST_PROBE), text.shape[1])
    try:
        found = Trial(stack, blocks, text, tried).treatment()
    except (ModelError, RuntimeError, MemoryError) as error:
        if not isinstance(error, ModelError) and not is_out_of_memory(error):
            raise
        tried = 2 * text.shape[1]
        found = Trial(stack, blocks, text, tried).treatment()
    return replace(found, is_fixed=found.is_fixed and tried >= longest)


def same(one: Tensor, other: Tensor) -> bool:
    """Whether states (…, width) are equal up to rounding."""
    change, size = torch.linalg.vector_norm(one - other, dim=-1), torch.linalg.vector_norm(one, dim=-1)
    rounding = SAME_STATE if one.dtype == torch.float32 else torch.finfo(one.dtype).eps ** 0.5
    return cast(bool, (change <= rounding * size).all().item())
