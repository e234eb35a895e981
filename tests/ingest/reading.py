"""What a model gives on a small batch, at the layers that a scan reads and at modules named by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from ingest.model.loading import LoadedModel
from tests.models import VOCABULARY

LENGTHS = (11, 7, 2)
IDS = torch.randint(5, VOCABULARY, (3, 11), generator=torch.Generator().manual_seed(1))
ATTENDED = torch.arange(11) < torch.tensor(LENGTHS)[:, None]


def states_of(model: LoadedModel, ids: Tensor = IDS, attended: Tensor = ATTENDED) -> list[Tensor]:
    """The texts' own states of all layers, copied, of three texts of different lengths unless others are given."""
    states: dict[int, Tensor] = {}

    def keep(layer: int, state: Tensor) -> None:
        states[layer] = model.own_states(state, attended).clone()

    model.run(ids, attended, keep)
    assert sorted(states) == list(range(model.layers))
    return [states[layer] for layer in range(model.layers)]


@contextmanager
def outputs_of(module: nn.Module, paths: list[str]) -> Iterator[dict[str, Tensor]]:
    """While open, keeps what each of the modules gives, by path, copied at once."""
    given: dict[str, Tensor] = {}
    handles = []
    for path in paths:

        def keep(module: nn.Module, args: Any, output: Any, path: str = path) -> None:
            given[path] = (output[0] if isinstance(output, tuple) else output).clone()

        handles.append(module.get_submodule(path).register_forward_hook(keep))
    yield given
    for handle in handles:
        handle.remove()
