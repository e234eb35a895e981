"""Merges an adapter (PEFT, LoRA) into its base model, of which it then leaves no trace but other weights."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

from torch import nn

from ingest.model.adapter_folder import WEIGHTS, read_config
from mri_core.errors import ModelError

BEFORE = "base_model.model."  # what PEFT puts before the path of a module
FEW = 3


def merge_adapter(model: Any, folder: Path) -> tuple[str, ...]:
    """Applies an adapter to its base model and merges it, in place.

    An adapter that was trained on a model with a head names its modules by that model's paths (`model.layers.0…` for
    `layers.0…`). The base is therefore put where the head's model has it; PEFT would leave what it does not find in the
    base out, with a warning. What belongs to the head itself changes no state, and is left out.

    Args:
        model: the base without a head; it is changed.
        folder: of the adapter.

    Returns:
        What the user should know, a sentence each.

    Raises:
        ModelError: the adapter is of a kind that cannot be merged, or has weights that the model has no place for.
        Exception: as PEFT raises it, for an adapter of another architecture or size.
    """
    from peft import PeftConfig, PeftModel

    prefix = _prefix(model, _weight_names(folder))
    _resize(model, folder, prefix)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        config = PeftConfig.from_pretrained(folder)
        config.task_type = None  # whose class would look for a head
        adapted = PeftModel(model if prefix is None else _Headed(model, prefix), config)
        loaded = adapted.load_adapter(folder, "default", torch_device="cpu")
        _refuse_left_out(loaded, model, prefix)
        if not hasattr(adapted.base_model, "merge_and_unload"):
            fact = f"{folder.name!r} is of the kind {config.peft_type.value}, which peft cannot merge"
            raise ModelError("An adapter is merged into its base's weights", fact, "Scan its base, or another adapter")
        adapted.merge_and_unload(safe_merge=True)
    return _unknown_settings(folder, config)


def changes_head(model: Any, folder: Path) -> bool:
    """Whether an adapter has weights outside of its base, or of the embeddings, which a head may share.

    Args:
        model: the base without a head.
        folder: of the adapter.
    """
    names = _weight_names(folder)
    prefix = _prefix(model, names)
    own = {name for name, _ in model.named_children()} if prefix is None else {prefix}
    table = model.get_input_embeddings()
    path = next((path for path, module in model.named_modules() if module is table), None)
    embedded = f"{'' if prefix is None else f'{prefix}.'}{path}."
    return any(name.partition(".")[0] not in own or name.startswith(embedded) for name in names)


class _Headed(nn.Module):
    """A model under the name that it has in the same architecture with a head."""

    def __init__(self, model: Any, prefix: str) -> None:
        super().__init__()
        self.config, self.base_model_prefix = model.config, prefix
        setattr(self, prefix, model)


def _unknown_settings(folder: Path, config: Any) -> tuple[str, ...]:
    """PEFT ignores settings of a newer version, which may change what is computed."""
    known = {field.name for field in fields(config)}
    stated = read_config(folder)
    unknown = sorted(name for name in stated.keys() - known - {"peft_version"} if stated[name])
    if not unknown:
        return ()
    of = f"{folder.name} has settings that peft {version('peft')} does not know and leaves out"
    return (f"{of}: {', '.join(unknown)}. A newer version may read it otherwise.",)


def _weight_names(folder: Path) -> list[str]:
    from safetensors import safe_open

    with safe_open(folder / WEIGHTS, "pt") as file:
        return [name.removeprefix(BEFORE) for name in file.keys()]  # noqa: SIM118 -- no dictionary


def _prefix(model: Any, names: Iterable[str]) -> str | None:
    """The name under which the adapter's base has the model, if that is not the base itself."""
    own = {name for name, _ in model.named_children()}
    for name in names:
        first, _, rest = name.partition(".")
        if first not in own and rest.partition(".")[0] in own:
            return first
    return None


def _resize(model: Any, folder: Path, prefix: str | None) -> None:
    """Gives the base as many token embeddings as the adapter brings along, if it brings its own."""
    from safetensors import safe_open

    table = model.get_input_embeddings()
    path = next((path for path, module in model.named_modules() if module is table), None)
    name = f"{BEFORE}{'' if prefix is None else f'{prefix}.'}{path}.weight"
    with safe_open(folder / WEIGHTS, "pt") as file:
        rows = file.get_slice(name).get_shape()[0] if name in file.keys() else len(table.weight)  # noqa: SIM118
    if rows != len(table.weight):
        model.resize_token_embeddings(rows, mean_resizing=False)


def _refuse_left_out(loaded: Any, model: Any, prefix: str | None) -> None:
    own = {name for name, _ in model.named_children()} if prefix is None else {prefix}
    unplaced = [name for name in loaded.unexpected_keys if name.removeprefix(BEFORE).partition(".")[0] in own]
    for names, what in ((loaded.missing_keys, "lacks"), (unplaced, "has, but the base has no place for,")):
        if names:
            few = ", ".join(name.removeprefix(BEFORE) for name in names[:FEW]) + (", …" if len(names) > FEW else "")
            fact = f"It {what} {few} ({len(names)})"
            raise ModelError("An adapter fits its base model", fact, "Name the base that it was trained on")
