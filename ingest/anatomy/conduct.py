"""How a model treats what should not matter to it: padding, and the draws of random generators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from ingest.anatomy.blocks import Blocks
from ingest.anatomy.passes import SEED, Conduct, forward
from ingest.device import is_out_of_memory
from mri_core.errors import ModelError

LONGEST_PROBE = 4_096  # tokens
SAME_STATE = 1e-4  # relative change up to which two states are equal but for rounding
STEP = 4  # from a length that is tried to the next


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

    def padding_changes_nothing(self) -> bool:
        """Whether a text has the same states alone and padded to the full length.

        A model that set something of its own meanwhile, or drew, may go by the input's length: BigBird attends in
        another way from some length on, Reformer sorts by random hashes. Then texts of several lengths are tried.
        """
        length = self.text.shape[1]
        alone, conduct = self._last(length, length)
        padded, later = self._last(length, self.longest)
        if not same(alone, padded):
            return False
        if not (conduct.changed or later.changed or conduct.drew or later.drew):
            return True
        lengths = [length * STEP**power for power in range(1, 8) if length * STEP**power < self.longest]
        return all(same(self._last(some, some)[0], self._last(some, self.longest)[0]) for some in lengths)

    def draws_matter(self) -> bool:
        """Whether the text, at full length, has other states when the generators start elsewhere.

        It is read twice only if the model draws.
        """
        state, conduct = self._last(self.longest, self.longest)
        return conduct.drew and not same(state, self._last(self.longest, self.longest, SEED + 1)[0])

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


def examine_conduct(stack: nn.Module, blocks: Blocks, text: Tensor, longest: int) -> tuple[bool, bool]:
    """Whether padding changes nothing, and whether random draws change something, in texts up to the full length.

    A model that fails on so long a text is tried up to twice the text's own.

    Raises:
        ModelError: it fails on that as well.
    """
    lengths = max(min(longest, LONGEST_PROBE), text.shape[1]), 2 * text.shape[1]
    try:
        return _examined(Trial(stack, blocks, text, lengths[0]))
    except (ModelError, RuntimeError, MemoryError) as error:
        if not isinstance(error, ModelError) and not is_out_of_memory(error):
            raise
        return _examined(Trial(stack, blocks, text, lengths[1]))


def _examined(trial: Trial) -> tuple[bool, bool]:
    return trial.padding_changes_nothing(), trial.draws_matter()


def same(one: Tensor, other: Tensor) -> bool:
    """Whether states (…, width) are equal but for rounding."""
    change, size = torch.linalg.vector_norm(one - other, dim=-1), torch.linalg.vector_norm(one, dim=-1)
    rounding = SAME_STATE if one.dtype == torch.float32 else torch.finfo(one.dtype).eps ** 0.5
    return cast(bool, (change <= rounding * size).all().item())
