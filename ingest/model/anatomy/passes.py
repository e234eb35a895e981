"""A forward pass that restores the model's state afterwards and takes random draws from one seed.

So a model is a fixed function of its input, whatever it read before.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ingest.model.device import is_out_of_memory
from ingest.model.split import check_held, devices, input_device, reloads
from mri_core.errors import ModelError

SEED = 0  # of every pass: a draw that differed from pass to pass would be part of no study's identity


@dataclass
class Conduct:
    """Side effects of a pass.

    Attributes:
        changed: the model set its own parts or attributes, which were restored.
        wrote: the model wrote into its weights or buffers.
        drew: the model drew random numbers.
    """

    changed: bool = False
    wrote: bool = False
    drew: bool = False


@torch.inference_mode()
def forward(stack: nn.Module, ids: Tensor, attended: Tensor, seed: int = SEED, *, watched: bool = True) -> Conduct:
    """One forward pass over token ids (texts, length) of which some are attended.

    Args:
        stack: what is run.
        ids: of the tokens.
        attended: which of them.
        seed: of the random generators.
        watched: whether the model may change itself or draw; False skips the restoring.

    Raises:
        ModelError: the model fails on them, or writes into weights that are read for each call.
        RuntimeError: memory ran out (`ingest.model.device.is_out_of_memory`).
    """
    device = input_device(stack)
    try:
        with repeatable(stack, seed) if watched else nullcontext(Conduct()) as conduct:
            stack(input_ids=ids.to(device), attention_mask=attended.to(device).long())
    except (RuntimeError, LookupError, ValueError, TypeError, AttributeError, AssertionError) as error:
        if is_out_of_memory(error):
            raise
        raise ModelError(
            "A model must take token ids and an attention mask",
            f"{type(stack).__name__} fails on {len(ids)} texts of {ids.shape[1]} tokens: {str(error)[:200]}",
            "If a position is unknown, a smaller --max-length helps",
        ) from error
    if conduct.wrote:  # what it wrote is gone with the call, and what else it does counts on it
        check_held(stack, f"{type(stack).__name__} writes into its weights as it runs", "Leave --split out")
    return conduct


@contextmanager
def repeatable(stack: nn.Module, seed: int = SEED) -> Iterator[Conduct]:
    """Restores afterwards the attributes that a model set, and the state of the generators that it drew from.

    BigBird replaces its attention permanently on a short input; dynamic rotary embeddings store the longest length that
    they saw. References of a module are restored, not the values in a tensor: a copy of the model would take its memory
    twice. So if a pass writes into weights or buffers, nothing is restored: RWKV halves weights in its first pass, and
    the attribute that records this belongs to them.
    """
    parts = _parts(stack)
    before = [_content(part) for part in parts]
    tensors = [tensor for tensor in (*stack.parameters(), *stack.buffers()) if not tensor.is_inference()]
    versions = [tensor._version for tensor in tensors]
    conduct = Conduct()
    with _seeded([device for device in devices(stack) if device.type == "cuda"], seed, conduct):
        try:
            yield conduct
        finally:
            conduct.wrote = [tensor._version for tensor in tensors] != versions
            if not conduct.wrote:
                put_back = [_put_back(part, content) for part, content in zip(parts, before, strict=True)]
                conduct.changed = any(put_back)


def _parts(stack: nn.Module) -> list[Any]:
    """All modules and their configs, each once."""
    modules = list(stack.modules())
    configs = {id(config): config for module in modules if (config := vars(module).get("config")) is not None}
    return [*modules, *(config for config in configs.values() if hasattr(config, "__dict__"))]


def _content(part: Any) -> dict[str, Any]:
    """Its attributes, with dicts, lists and sets copied; without what belongs to others."""
    return {name: (value, _copy(value)) for name, value in vars(part).items() if not _is_foreign(part, name)}


def _is_foreign(part: Any, name: str) -> bool:
    """Hooks belong to whoever set them; weights that are read for each call are new ones after it."""
    return "_hooks" in name or (name == "_parameters" and reloads(part))


def _copy(value: Any) -> Any:
    return value.copy() if isinstance(value, (dict, list, set)) else None


def _put_back(part: Any, content: dict[str, Any]) -> bool:
    """Restores the attributes; returns whether any had changed."""
    now = vars(part)
    added = [name for name in now if name not in content and not _is_foreign(part, name)]
    for name in added:
        del now[name]
    changed = bool(added)
    for name, (value, copy) in content.items():
        if now.get(name, added) is not value:
            now[name], changed = value, True
        if copy is not None and not _same(value, copy):
            value.clear()
            (value.extend if isinstance(value, list) else value.update)(copy)
            changed = True
    return changed


def _same(table: Any, copy: Any) -> bool:
    """Whether it holds the identical objects: equality of tensors has no truth value."""
    if isinstance(table, dict):
        return table.keys() == copy.keys() and all(table[key] is copy[key] for key in copy)
    if isinstance(table, list):
        return len(table) == len(copy) and all(map(lambda one, other: one is other, table, copy))
    return bool(table == copy)


@contextmanager
def _seeded(devices: list[torch.device], seed: int, conduct: Conduct) -> Iterator[None]:
    numpy_state = np.random.get_state()
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(seed)
        np.random.seed(seed)
        before = _generators(devices)
        try:
            yield
        finally:
            conduct.drew = _generators(devices) != before
            np.random.set_state(numpy_state)


def _generators(devices: list[torch.device]) -> list[bytes]:
    """The states of all generators that a model may draw from."""
    states = [torch.get_rng_state(), *map(torch.cuda.get_rng_state, devices)]
    numpy_state: Any = np.random.get_state()
    return [*(state.numpy().tobytes() for state in states), numpy_state[1].tobytes(), bytes([numpy_state[2] % 256])]
