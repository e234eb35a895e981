"""A model with untrained blocks: their weights are re-initialised, the embeddings stay as trained."""

from __future__ import annotations

import torch
from torch import nn

from ingest.model.anatomy.stacks import weights_part
from ingest.model.loading import LoadedModel
from ingest.model.silence import silent_libraries
from ingest.model.split import check_held


@torch.no_grad()
def reinitialise(model: LoadedModel, seed: int) -> None:
    """Re-initialises the weights of all blocks, as in a new model of the same config.

    They are drawn by the model's own constructor and `_init_weights`, on the CPU, so that a seed gives the same weights
    on every device. Embeddings and final norm stay as trained. A second model is in memory meanwhile.

    Args:
        model: loaded; it is changed.
        seed: of the weights.

    Raises:
        ModelError: some of its weights are read from memory or the disk for each call.
    """
    check_can_be_redrawn(model)
    trained = weights_part(model.stack)
    with torch.random.fork_rng(devices=[]), silent_libraries():
        torch.manual_seed(seed)
        fresh = type(trained)(trained.config)
    blocks = set(map(id, model.blocks))
    for path, module in trained.named_modules():
        if id(module) in blocks:
            _copy(fresh.get_submodule(path), module)


def check_can_be_redrawn(model: LoadedModel) -> None:
    """Raises `ModelError` as `reinitialise` does, before anything is scanned."""
    rule = "The controls with random blocks change a model's weights where it computes"
    check_held(model.stack, rule, "Leave --controls out, or raise --split-memory where there is room")


def _copy(source: nn.Module, target: nn.Module) -> None:
    """Copies parameters and buffers, also those that a checkpoint leaves out.

    They get memory of their own: that of a model that a notebook has loaded is not ours to write into.
    """
    new = dict((*source.named_parameters(), *source.named_buffers()))
    for name, old in (*target.named_parameters(), *target.named_buffers()):
        old.data = new[name].to(old.device, old.dtype)
