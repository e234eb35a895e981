"""A model that is larger than one card: its modules lie on several, in memory, and what is left on the disk.

Accelerate places them, and its hooks bring a module's inputs to the card where its weights are. Weights in memory
beside a card, or on the disk, are brought to a card for each call and released after it.
"""

from __future__ import annotations

import os
import tempfile
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Any

import psutil
from filelock import FileLock, Timeout

from ingest.model.device import Place
from ingest.model.source import ModelSource
from mri_core.errors import ModelError, UsageError

if TYPE_CHECKING:
    import torch
    from torch import nn

GIB = 1 << 30
FREE = 0.9  # share of the memory that is free which weights may take
DISK = "disk"
MEMORY = "memory"
OFFLOADED = "llm-mri-offload-"
IN_USE = "in-use.lock"
JUST_MADE = 60.0  # seconds in which a folder may not be locked yet


def split_over(place: Place, memory: float | None) -> Place:
    """A place whose model is spread over all that it has.

    Args:
        place: without that.
        memory: GiB that the weights take at most on each card, without cards in memory; None for what is free.

    Raises:
        UsageError: its device is none that a model can be spread over.
    """
    if place.device == "mps":
        fact = "--split is given, and the device is mps, which is one with the machine's memory"
        raise UsageError("A model is split over cards of CUDA, memory and the disk", fact, "Take --device cpu")
    return replace(place, split=True, split_memory=memory)


def check_can_be_split(source: ModelSource) -> None:
    """Refuses models whose weights are changed or converted as they are loaded.

    Raises:
        ModelError: it is an adapter or a GGUF file, or accelerate is not installed.
    """
    rule = "--split loads each weight to where it lies"
    if source.base is not None:
        fact = f"{source.name!r} is an adapter, which is merged into its base in memory"
        raise ModelError(rule, fact, "Merge it with peft's merge_and_unload, save the model, and scan that")
    if source.gguf_file:
        fact = f"{source.name!r} is a GGUF file, whose weights are all converted in memory"
        raise ModelError(rule, fact, "Take the model as safetensors, or leave --split out")
    if find_spec("accelerate") is None:
        remedy = 'Install it: pip install "llm-mri-graph[split]"'
        raise ModelError("A model is split with the package accelerate", "It is not installed", remedy)


class Offload:
    """A folder for weights that the checkpoint does not hold as the model has them, such as experts in one tensor.

    Attributes:
        folder: in that of temporary files. A lock shows that it is in use: a process that was killed leaves it behind.
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=OFFLOADED))
        self._lock = FileLock(self.folder / IN_USE)
        self._lock.acquire()

    def remove(self) -> None:
        """Removes it."""
        self._lock.release()
        rmtree(self.folder, ignore_errors=True)

    def remove_with(self, stack: nn.Module) -> None:
        """Removes it once the stack that reads from it is gone, at the end of the process at the latest."""
        weakref.finalize(stack, self.remove)


@contextmanager
def offload() -> Iterator[Offload]:
    """A folder, removed if loading fails; those of processes that were killed are removed before."""
    _remove_left_behind()
    made = Offload()
    try:
        yield made
    except BaseException:
        made.remove()
        raise


def _remove_left_behind() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{OFFLOADED}*"):
        with suppress(Timeout, OSError):  # in use; another user's, or gone meanwhile
            if _is_ours(folder) and time.time() - folder.stat().st_mtime > JUST_MADE:
                with FileLock(folder / IN_USE, timeout=0):
                    rmtree(folder)


def _is_ours(folder: Path) -> bool:
    """Whether this user made a folder: in one of others a lock might be a link to any file."""
    getuid = getattr(os, "getuid", None)  # Windows has none, and a folder of temporary files for each user
    return not folder.is_symlink() and (getuid is None or folder.lstat().st_uid == getuid())


def placing(place: Place, folder: Path) -> dict[str, Any]:
    """The arguments of `from_pretrained` that place a model's modules."""
    known: dict[str, Any] = {"device_map": "auto", "offload_folder": str(folder)}
    limit = place.split_memory
    if limit is None and place.device == "cuda":  # accelerate leaves room on the cards, and balances them
        return known
    here = int(psutil.virtual_memory().available * FREE)
    if limit is None:
        return known | {"max_memory": {"cpu": here}}
    each = int(limit * GIB)
    if place.device == "cuda":
        cards: dict[int | str, int] = dict.fromkeys(_cards(), each)
        return known | {"max_memory": {**cards, "cpu": here}}
    return known | {"max_memory": {"cpu": min(each, here)}}


def input_device(stack: nn.Module) -> torch.device:
    """Where a stack takes its token ids: where its first weights are, or are brought for a call."""
    import torch

    device = next(stack.parameters()).device
    if device.type != "meta":
        return device
    executed = (_execution(module) for module in stack.modules())
    return next((torch.device(found) for found in executed if found is not None), device)


def check_computes(stack: nn.Module) -> None:
    """Refuses a stack that computes nowhere, as transformers 5.0 leaves one whose weights all lie on the disk.

    Raises:
        ModelError: it is one.
    """
    if input_device(stack).type == "meta":
        rule = "A split model has room for some of its weights where it computes"
        remedy = "Raise --split-memory, or take newer versions of transformers and accelerate"
        raise ModelError(rule, "All of them lie on the disk", remedy)


def devices(stack: nn.Module) -> set[torch.device]:
    """All devices that a pass computes on."""
    of_weights = {tensor.device for tensor in chain(stack.parameters(), stack.buffers())}
    return {device for device in of_weights if device.type != "meta"} | {input_device(stack)}


def lies_on(model: Any) -> tuple[str, ...]:
    """The cards that hold a model's modules, then `memory`, then `disk`; empty if it lies in one place."""
    there = set(getattr(model, "hf_device_map", {}).values())
    cards = sorted(f"cuda:{card}" for card in there if isinstance(card, int))
    return (*cards, *((MEMORY,) if "cpu" in there else ()), *((DISK,) if DISK in there else ()))


def reloads(module: Any) -> bool:
    """Whether a module's own weights are brought to it for each call."""
    return any(getattr(hook, "offload", False) for hook in _hooks(module))


def check_held(stack: nn.Module, rule: str, remedy: str) -> None:
    """Refuses a model some of whose weights are brought to it for each call.

    Raises:
        ModelError: there are such weights.
    """
    count = sum(weights.device.type == "meta" for weights in stack.parameters())
    if count:
        raise ModelError(rule, f"{count} of its weights are read from memory or the disk for each call", remedy)


def _cards() -> range:
    import torch

    return range(torch.cuda.device_count())


def _execution(module: Any) -> Any:
    devices = (getattr(hook, "execution_device", None) for hook in _hooks(module))
    return next((device for device in devices if device is not None), None)


def _hooks(module: Any) -> tuple[Any, ...]:
    """Accelerate's hooks of a module; several are wrapped in one."""
    hook = vars(module).get("_hf_hook")
    return () if hook is None else tuple(getattr(hook, "hooks", (hook,)))
