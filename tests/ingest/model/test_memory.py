"""Models that a notebook has loaded: read as their folders are, and left as they were."""

from __future__ import annotations

import gc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from ingest.model import memory
from ingest.model.loading import LoadedModel, load, resolve
from ingest.model.memory import hold_model
from ingest.model.random_weights import reinitialise
from ingest.model.source import resolve_again
from mri_core.errors import ModelError, UsageError
from mri_core.paths import memory_key
from tests.ingest.model.test_adapter import save_lora
from tests.ingest.reading import states_of
from tests.ingest.refusal import refused
from tests.models import KINDS

Tiny = Callable[[str], Path]


def from_folder(folder: Path, kind: str = "AutoModel") -> tuple[Any, Any]:
    import transformers

    model = getattr(transformers, kind).from_pretrained(folder, dtype=torch.float32)
    return model, transformers.AutoTokenizer.from_pretrained(folder)


def read(source: str, **options: Any) -> LoadedModel:
    return load(resolve(source), **{"max_length": None, **options})


def revision(model: Any, tokenizer: Any) -> str:
    return resolve(hold_model(model, tokenizer)).revision


@pytest.mark.parametrize("kind", KINDS)
def test_a_loaded_model_has_the_states_of_its_folder(kind: str, tiny: Tiny) -> None:
    model, tokenizer = from_folder(tiny(kind))
    known, found = read(str(tiny(kind))), read(hold_model(model, tokenizer))
    for one, other in zip(states_of(known), states_of(found), strict=True):
        assert torch.equal(one, other)
    assert (found.causal, found.max_length, found.widths) == (known.causal, known.max_length, known.widths)


@pytest.mark.parametrize(("kind", "head"), [("llama", "AutoModelForCausalLM"), ("bert", "AutoModelForMaskedLM")])
def test_a_model_with_a_head_is_read_without_it(kind: str, head: str, tiny: Tiny) -> None:
    model, tokenizer = from_folder(tiny(kind), head)
    found = read(hold_model(model, tokenizer), head=True)
    assert (found.language_model is not None) == (kind == "llama")
    for one, other in zip(states_of(read(str(tiny(kind)))), states_of(found), strict=True):
        assert torch.equal(one, other)


def facts(model: torch.nn.Module) -> dict[str, Any]:
    """What a scan could change of a model: modes, hooks, methods, gradients, settings, and the memory of weights."""
    weights = {name: (w.data_ptr(), w._version, w.requires_grad, w.grad) for name, w in model.named_parameters()}
    modules = {name: (part.training, set(vars(part)), len(part._forward_hooks)) for name, part in model.named_modules()}
    return {"weights": weights, "modules": modules, "config": model.config.to_dict()}


@pytest.mark.parametrize("kind", ["bert", "gpt2", "t5"])
def test_a_model_is_left_as_it_was(kind: str, tiny: Tiny) -> None:
    model, tokenizer = from_folder(tiny(kind))
    model.train()
    called: list[str] = []
    model.register_forward_hook(lambda *_: called.append("hook"))
    next(model.parameters()).requires_grad_(False)
    before, content = facts(model), {name: weights.clone() for name, weights in model.state_dict().items()}
    read_model = read(hold_model(model, tokenizer))
    states_of(read_model)
    reinitialise(read_model, seed=3)
    with refused("--max-length must leave room for a text", kind=UsageError):
        read(hold_model(model, tokenizer), max_length=0)
    assert facts(model) == before
    assert all(torch.equal(content[name], weights) for name, weights in model.state_dict().items())
    assert called == []


def test_blocks_that_are_drawn_again_are_those_of_the_folder_s_model(tiny: Tiny) -> None:
    loaded = from_folder(tiny("gpt2"))
    known, found = read(str(tiny("gpt2"))), read(hold_model(*loaded))
    for model in (known, found):
        reinitialise(model, seed=3)
    for one, other in zip(states_of(known), states_of(found), strict=True):
        assert torch.equal(one, other)


def test_a_copy_takes_no_memory_for_weights(tiny: Tiny) -> None:
    model, tokenizer = from_folder(tiny("bert"))
    found = read(hold_model(model, tokenizer))
    assert {w.data_ptr() for w in found.stack.parameters()} == {w.data_ptr() for w in model.parameters()}


def test_a_model_is_identified_by_its_weights_in_memory_its_settings_and_its_tokenizer(tiny: Tiny) -> None:
    model, tokenizer = from_folder(tiny("bert"))
    first = revision(model, tokenizer)
    again, same = from_folder(tiny("bert"))
    same("A text.", truncation=True, max_length=4, padding="max_length")  # leaves its traces in the tokenizer
    assert revision(again.train(), same) == first
    with torch.no_grad():
        next(again.parameters())[0, 0] += 1e-3
    assert revision(again, tokenizer) != first
    same.add_tokens(["catlike"])
    assert revision(model, same) != first
    model.config.layer_norm_eps = 1e-3
    assert revision(model, tokenizer) != first


def test_a_model_that_is_gone_or_was_trained_on_is_refused_with_what_to_do(tiny: Tiny) -> None:
    model, tokenizer = from_folder(tiny("bert"))
    name = hold_model(model, tokenizer)
    found = resolve_again(name, resolve(name).revision)
    assert found.name.startswith("bert-")
    with torch.no_grad():
        next(model.parameters()).mul_(2)
    with refused("has other weights or settings now", kind=ModelError):
        resolve_again(name, found.revision)
    del model
    gc.collect()
    with refused("this process does not have it", "save_pretrained", kind=ModelError):
        resolve(name)


def test_of_models_that_are_gone_nothing_is_held(tiny: Tiny) -> None:
    model, tokenizer = from_folder(tiny("bert"))
    key = memory_key(hold_model(model, tokenizer))
    del model
    gc.collect()
    other, tokenizer = from_folder(tiny("gpt2"))
    assert key in memory._HELD
    hold_model(other, tokenizer)
    assert key not in memory._HELD


def test_an_adapter_in_memory_is_read_as_its_folder_is_and_stays_unmerged(tiny: Tiny, tmp_path: Path) -> None:
    import peft

    folder = save_lora(tiny("llama"), tmp_path / "adapter")
    base, tokenizer = from_folder(tiny("llama"), "AutoModelForCausalLM")
    model = peft.PeftModel.from_pretrained(base, folder)
    first = revision(model, tokenizer)
    parts = [name for name, _ in model.named_modules()]
    for one, other in zip(states_of(read(str(folder))), states_of(read(hold_model(model, tokenizer))), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-6, atol=1e-6)
    assert [name for name, _ in model.named_modules()] == parts
    assert revision(model, tokenizer) == first
    model.peft_config["default"].lora_alpha *= 2
    assert revision(model, tokenizer) != first


def test_what_cannot_be_read_as_it_lies_is_refused(tiny: Tiny) -> None:
    model, tokenizer = from_folder(tiny("bert"))
    with refused("comes with its tokenizer. There is none", kind=UsageError):
        hold_model(model, None)
    with refused("It is of the type Linear", kind=UsageError):
        hold_model(torch.nn.Linear(2, 2), tokenizer)
    with refused("It was compiled", kind=UsageError):
        hold_model(torch.compile(model), tokenizer)
    with refused("loaded in float32. It is in bfloat16", "model.float()", kind=ModelError):
        hold_model(from_folder(tiny("bert"))[0].bfloat16(), tokenizer)
    with refused("lies on one device. It lies on meta", kind=ModelError):
        hold_model(from_folder(tiny("bert"))[0].to("meta"), tokenizer)
