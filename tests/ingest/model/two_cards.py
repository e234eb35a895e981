"""A pass over two cards that do not exist: PyTorch checks where each tensor is, and computes no values.

Run as `python -m tests.ingest.model.two_cards CASES`, a process of its own: cards stay registered. Of each case, a
folder, a stack and a site, it prints the card of each layer's states as they are read, and that of the pooled rows.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from typing import Any

import torch
from accelerate.hooks import AlignDevicesHook, add_hook_to_module
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils.backend_registration import _DummyBackendModule, _setup_privateuseone_for_python_backend

from ingest.extract.readout import Pooler, plain
from ingest.model.loading import LoadedModel, load
from ingest.model.source import resolve
from tests.ingest.reading import ATTENDED, IDS

CARDS = ("privateuseone:0", "privateuseone:1")


class _Cards(_DummyBackendModule):
    """What transformers asks of cards before it switches autocast off."""

    def get_amp_supported_dtype(self) -> list[torch.dtype]:
        return [torch.float16]

    def is_autocast_enabled(self) -> bool:
        return False


def lay_out(model: LoadedModel, mode: FakeTensorMode) -> None:
    """Puts the second half of the blocks on the second card, and Accelerate's hooks on every module."""
    later = set(map(id, model.stream.modules[len(model.stream.modules) // 2 :]))
    cards = {"": CARDS[0]}
    for path, module in model.stack.named_modules():
        card = cards[path.rpartition(".")[0]] if path else CARDS[0]
        cards[path] = CARDS[1] if id(module) in later else card
        for held in (module._parameters, module._buffers):
            for name, tensor in held.items():
                if tensor is not None:
                    held[name] = mode.from_tensor(tensor.detach()).to(cards[path])  # type: ignore[assignment]
        hook = AlignDevicesHook(io_same_device=not path)
        add_hook_to_module(module, hook)
        hook.execution_device = cards[path]  # after it was added, when it would place the weights itself


def passed(folder: str, stack: Any, site: str) -> dict[str, Any]:
    model = load(resolve(folder), max_length=None, site=site, stack=stack or None)
    mode, seen = FakeTensorMode(allow_non_fake_inputs=True), []
    with mode:
        lay_out(model, mode)
        run = plain(replace(model, is_fixed=True), Pooler(model, without_sinks=True))
        with model.site.read_by(lambda layer, states: seen.append(str(states.device))):
            pooled = run(*(mode.from_tensor(part).to(CARDS[0]) for part in (IDS, ATTENDED, ATTENDED)))
    return {"layers": seen, "rows": str(pooled.device), "columns": pooled.shape[1]}


if __name__ == "__main__":
    _setup_privateuseone_for_python_backend(backend_module=_Cards())
    print(json.dumps([passed(*case) for case in json.loads(sys.argv[1])]))
