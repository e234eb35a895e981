"""Models that a notebook has loaded: named by a hash of what they compute with, and read through a copy.

`memory://NAME-3f2a9c1b5d7e` is found while the notebook has the model. The copy is of its modules; it shares the
weights and takes no memory for them. A scan switches it to evaluation, taps and compiles it: the model stays as it is.
"""

from __future__ import annotations

import copy
import hashlib
import json
import re
import weakref
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

from ingest.model.device import BATCH_TOKENS, Place, place_on, type_name
from ingest.model.folder import folder_hash
from mri_core.errors import ModelError, UsageError
from mri_core.paths import MEMORY, memory_key

if TYPE_CHECKING:
    from torch import nn

DIGITS = 16  # hex digits of a revision
RULE = "A loaded model is read where it lies, as it is"
SAVE = "Save it with its tokenizer (save_pretrained), and give the folder"
IDLE_SETTINGS = ("_name_or_path", "transformers_version", "use_cache")  # of a config, that change no state
# of a tokenizer: where it was found, and what its last call asked for, which each of ours does anew
UNSTEADY = ("is_local", "local_files_only", "name_or_path", "truncation", "padding")
HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
WRITING = ("rwkv",)  # model types that write into their weights in a pass
ADAPTED = "get_base_model"  # a method of PEFT's models


@dataclass(frozen=True)
class HeldModel:
    """A model that the caller has, and may drop, with a copy of its tokenizer."""

    name: str
    revision: str
    tokenizer: Any
    model: weakref.ReferenceType[Any]


_HELD: dict[str, HeldModel] = {}  # by what `memory_key` finds in their names


def hold_model(model: Any, tokenizer: Any) -> str:
    """Holds a loaded model as long as the caller does, and returns the name that `held_source` finds it by.

    Args:
        model: of Transformers, or of PEFT.
        tokenizer: its own.

    Raises:
        UsageError: one of them is something else, or the tokenizer is missing.
        ModelError: the model lies on several devices, or has no weights in memory; or on a CPU not in float32.
    """
    _check(model, tokenizer)
    revision = _revision(model, tokenizer)
    known = Path(str(getattr(model, "name_or_path", "") or "")).name or type(model).__name__
    name = f"{re.sub(r'[^A-Za-z0-9._-]', '-', known)}-{revision[:12]}"
    for key in [key for key, held in _HELD.items() if held.model() is None]:
        del _HELD[key]
    _HELD[memory_key(name)] = HeldModel(name, revision, copy.deepcopy(tokenizer), weakref.ref(model))
    return MEMORY + name


def held_model(name: str) -> tuple[HeldModel, Any]:
    """What is held by a name, and the model itself.

    Raises:
        ModelError: the process does not have it, or its weights, settings or tokenizer have changed.
    """
    held, model = _alive(name)
    if _revision(model, held.tokenizer) != held.revision:
        fact = f"That of {held.name} has other weights or settings now"
        raise ModelError("A model must not have changed since the scan", fact, "Scan it as it is now")
    return held, model


def _alive(name: str) -> tuple[HeldModel, Any]:
    held = _HELD.get(memory_key(name))
    model = None if held is None else held.model()
    if held is None or model is None:
        fact = f"{name.removeprefix(MEMORY)} was given to mri.ingest loaded, and this process does not have it"
        remedy = (
            "Where it is loaded call mri.ingest as before; to use it elsewhere save it with its tokenizer "
            "(save_pretrained), and scan the folder"
        )
        raise ModelError("A loaded model lasts as long as its process", fact, remedy)
    return held, model


def held_place(name: str) -> Place:
    """Where a held model lies, and what it computes in; raises `ModelError` where the process does not have it."""
    return place_on(next(_alive(name)[1].parameters()).device.type, "auto")


class Copied(NamedTuple):
    """A model of Transformers in evaluation mode, its tokenizer, and whether its weights are those of another."""

    model: Any
    tokenizer: Any
    shares: bool


def copied(name: str) -> Copied:
    """A copy of a held model, which itself stays as it is.

    It shares the weights, but where something would write into them: an adapter is merged into a copy of all.

    Raises:
        ModelError: what `held_model` raises, or the adapter cannot be merged.
    """
    import torch

    held, model = held_model(name)
    memo: dict[int, Any] = {id(table): OrderedDict() for module in model.modules() for table in _hooks(module)}
    shares = not (hasattr(model, ADAPTED) or model.config.model_type in WRITING)
    if shares:
        for weights in model.parameters():
            memo[id(weights)] = weights
            if type(weights) is torch.nn.Parameter:
                memo[id(weights)] = torch.nn.Parameter(weights.data, requires_grad=False)
    own = copy.deepcopy(model, memo)
    own = _merged(own, held.name) if hasattr(own, ADAPTED) else own
    return Copied(own.eval(), copy.deepcopy(held.tokenizer), shares)


def check_unwritten(stack: nn.Module, name: str) -> None:
    """Raises `ModelError` where a pass wrote into weights that are not ours alone."""
    if any(weights._version for weights in stack.parameters()):
        fact = f"{name} writes into its weights as it runs, and has done so"
        raise ModelError("A loaded model stays as it is", fact, f"Load it again. {SAVE}")


def _check(model: Any, tokenizer: Any) -> None:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    if hasattr(model, "_orig_mod"):
        raise UsageError(RULE, "It was compiled with torch.compile", "Give the model that was compiled")
    if not isinstance(model, PreTrainedModel) and not (hasattr(model, ADAPTED) and hasattr(model, "peft_config")):
        fact = f"It is of the type {type(model).__name__}"
        raise UsageError("A model is the name of one, or one of Transformers or PEFT that is loaded", fact)
    if not isinstance(tokenizer, PreTrainedTokenizerBase):
        fact = "There is none" if tokenizer is None else f"It is of the type {type(tokenizer).__name__}"
        raise UsageError(
            "A loaded model comes with its tokenizer", fact, "Give tokenizer=AutoTokenizer.from_pretrained(…)"
        )
    devices = {weights.device for weights in model.parameters()}
    if len(devices) != 1 or next(iter(devices)).type not in BATCH_TOKENS:
        fact = f"It lies on {', '.join(sorted(map(str, devices))) or 'no device'}"
        raise ModelError("A loaded model lies on one device", fact, f"{SAVE}, with split=True where it is large")
    (device,) = devices
    if device.type == "cuda" and device.index != torch.cuda.current_device():
        raise ModelError(RULE, f"It lies on {device}", f"Call torch.cuda.set_device({device.index}) first")
    types = {type_name(weights.dtype) for weights in model.parameters() if weights.is_floating_point()}
    if device.type == "cpu" and types != {"float32"}:
        fact = f"It is in {' and '.join(sorted(types))}"
        raise ModelError("A model on a CPU is loaded in float32", fact, "Give model.float(), or its folder with dtype=")


def _revision(model: Any, tokenizer: Any) -> str:
    """The first hex digits of a SHA-256 over the weights as they are in memory, the settings and the tokenizer."""
    digest = hashlib.sha256(type(model).__qualname__.encode())
    for part in (*_settings(model), *_tokenizer(tokenizer), *_weights(model)):
        digest.update(part)
    return digest.hexdigest()[:DIGITS]


def _settings(model: Any) -> Iterator[bytes]:
    config = {key: value for key, value in model.config.to_dict().items() if key not in IDLE_SETTINGS}
    adapters = getattr(model, "peft_config", {}) if hasattr(model, ADAPTED) else {}
    active = list(getattr(model, "active_adapters", [])) if adapters else []
    known = [config, model.config._attn_implementation, {name: one.to_dict() for name, one in adapters.items()}, active]
    yield json.dumps(known, sort_keys=True, default=_as_json).encode()


def _as_json(value: Any) -> Any:
    return sorted(map(str, value)) if isinstance(value, set | frozenset) else str(value)


def _tokenizer(tokenizer: Any) -> Iterator[bytes]:
    """The hash of the files that it is saved as, which are those of a model's folder."""
    from ingest.model.silence import silent_libraries

    with TemporaryDirectory(prefix="llm-mri-graph-") as folder, silent_libraries():
        tokenizer.save_pretrained(folder)
        for file in Path(folder).glob("tokenizer*.json"):
            known = json.loads(file.read_text(encoding="utf-8"))
            file.write_text(json.dumps({key: known[key] for key in sorted(known) if key not in UNSTEADY}))
        yield folder_hash(Path(folder)).encode()


def _weights(model: Any) -> Iterator[bytes | memoryview]:
    import torch

    for name, weights in sorted(model.state_dict().items()):
        if isinstance(weights, torch.Tensor):
            yield f"{name} {weights.dtype} {tuple(weights.shape)} ".encode()
            yield weights.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data


def _hooks(module: nn.Module) -> Iterator[Any]:
    """The tables of a module's hooks, which are part of no hash: the copy has none."""
    return (vars(module)[name] for name in HOOKS)


def _merged(model: Any, name: str) -> Any:
    if not hasattr(model.base_model, "merge_and_unload"):
        kinds = ", ".join(sorted({str(one.peft_type.value) for one in model.peft_config.values()}))
        fact = f"{name} has one of the kind {kinds}, which peft cannot merge"
        raise ModelError("An adapter is merged into its base's weights", fact, "Scan its base, or another adapter")
    return model.merge_and_unload(safe_merge=True)
