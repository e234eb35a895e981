"""How a model treats what should not matter to it: padding, and the draws of random generators."""

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
SAME_STATE = 1e-4  # relative change up to which two states are equal but for rounding
STEP = 4  # from a length that is tried to the next


@dataclass(frozen=True)
class Treatment:
    """What the trials showed.

    Attributes:
        heeds_mask: padding changes nothing.
        draws_matter: random draws change a text's states.
        is_fixed: in no trial, the full length included, did the model set anything of its own or draw, so that its
            passes need no watching, which takes some ten microseconds a module.
    """

    heeds_mask: bool
    draws_matter: bool
    is_fixed: bool


@dataclass(frozen=True)
class Trial:
    """Passes of one text, cut and padded to several lengths.

    Attributes:
        stack: what is run.
        blocks: whose last states are compared.
        text: (1, length) token ids.
        longest: tokens that texts are cut to, or as many as a probe may have.
    """

    stack: nn.Module
    blocks: Blocks
    text: Tensor
    longest: int

    def treatment(self) -> Treatment:
        """By a text that is read alone and padded to the full length.

        A model that set something of its own meanwhile, or drew, may go by the input's length: BigBird attends in
        another way from some length on, Reformer sorts by random hashes. Then texts of several lengths are tried.
        """
        length = self.text.shape[1]
        alone, short = self._last(length, length)
        padded, long = self._last(length, self.longest)
        heeds_mask, drew = same(alone, padded), short.drew or long.drew
        if not (short.changed or long.changed or drew):
            return Treatment(heeds_mask, draws_matter=False, is_fixed=True)
        heeds_mask = heeds_mask and all(map(self._heeds_mask_at, self._lengths_between()))
        return Treatment(heeds_mask, drew and self._draws_matter(), is_fixed=False)

    def _lengths_between(self) -> list[int]:
        steps = (self.text.shape[1] * STEP**power for power in range(1, 8))
        return [length for length in steps if length < self.longest]

    def _heeds_mask_at(self, length: int) -> bool:
        return same(self._last(length, length)[0], self._last(length, self.longest)[0])

    def _draws_matter(self) -> bool:
        """Whether the text, at full length, has other states when the generators start elsewhere."""
        once, again = (self._last(self.longest, self.longest, seed)[0] for seed in (SEED, SEED + 1))
        return not same(once, again)

    def _last(self, length: int, padded: int, seed: int = SEED) -> tuple[Tensor, Conduct]:
        """The text's states behind the last block, at a length, in an input of another."""
        ids = self.text[:, torch.arange(padded) % self.text.shape[1]]
        kept: list[Tensor] = []

        def keep(layer: int, states: Tensor) -> None:
            if layer == self.blocks.calls:
                kept.append(states[:, :length].clone())

        with self.blocks.read_by(keep):
            conduct = forward(self.stack, ids, torch.arange(padded)[None] < length, seed)
        return kept[0], conduct


def examine_conduct(stack: nn.Module, blocks: Blocks, text: Tensor, longest: int) -> Treatment:
    """How texts up to the full length are treated.

    A model that fails on so long a text is tried up to twice the text's own. What was not tried up to the full length
    is not taken to be fixed.

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
    """Whether states (…, width) are equal but for rounding."""
    change, size = torch.linalg.vector_norm(one - other, dim=-1), torch.linalg.vector_norm(one, dim=-1)
    rounding = SAME_STATE if one.dtype == torch.float32 else torch.finfo(one.dtype).eps ** 0.5
    return cast(bool, (change <= rounding * size).all().item())
