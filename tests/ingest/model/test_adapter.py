"""Adapters (PEFT, LoRA): their base is found and changed, and both are the model's identity."""

import json
import shutil

import peft
import pytest
import torch

from ingest.model import loading
from ingest.model.loading import load, resolve
from mri_core.errors import ModelError, UsageError
from tests.ingest.reading import states_of
from tests.ingest.refusal import refused

ALPHA, RANK = 8, 4
PROJECTIONS = ["q_proj", "v_proj", "down_proj"]


def save_lora(base, folder, *, headed=True, **config):
    """A LoRA of a tiny Llama, trained as it were, with or without a head: its B are not zero."""
    from transformers import AutoModel, AutoModelForCausalLM

    torch.manual_seed(3)
    model = (AutoModelForCausalLM if headed else AutoModel).from_pretrained(base)
    options = {"r": RANK, "lora_alpha": ALPHA, "target_modules": PROJECTIONS, **config}
    tuned = peft.get_peft_model(model, peft.LoraConfig(task_type="CAUSAL_LM" if headed else None, **options))
    for name, weights in tuned.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weights, std=0.3)
        elif "modules_to_save" in name:
            torch.nn.init.normal_(weights)
    tuned.save_pretrained(folder)
    return folder


def change(folder, **values):
    file = folder / "adapter_config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **values}))


def loaded(folder):
    return load(resolve(str(folder)), max_length=None)


def states(folder):
    ids = torch.randint(5, 300, (2, 9), generator=torch.Generator().manual_seed(1))
    return states_of(loaded(folder), ids, torch.ones(2, 9, dtype=torch.bool))


@pytest.fixture
def base(tiny, tmp_path):
    """A copy of the tiny Llama."""
    return shutil.copytree(tiny("llama"), tmp_path / "base")


@pytest.fixture
def adapter(base, tmp_path):
    return save_lora(base, tmp_path / "adapter")


def changed_by_hand(base, adapter, folder):
    """The base with B·A·alpha/r added to each weight that the adapter names, without peft."""
    from safetensors.torch import load_file, save_file

    shutil.copytree(base, folder)
    weights, parts = load_file(base / "model.safetensors"), load_file(adapter / "adapter_model.safetensors")
    for name, down in parts.items():
        if name.endswith("lora_A.weight"):
            up = parts[name.replace("lora_A", "lora_B")]
            path = name.removeprefix("base_model.model.").removeprefix("model.").replace("lora_A.weight", "weight")
            weights[path] = weights[path] + up @ down * (ALPHA / RANK)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


@pytest.mark.parametrize("headed", [True, False])
def test_an_adapter_reads_as_its_base_with_the_weights_changed_by_hand(headed, base, tmp_path):
    adapter = save_lora(base, tmp_path / "adapter", headed=headed)
    truth = states(changed_by_hand(base, adapter, tmp_path / "by-hand"))
    for own, true, before in zip(states(adapter), truth, states(base), strict=True):
        torch.testing.assert_close(own, true, rtol=1e-5, atol=1e-5)
        assert torch.equal(own, before) == (true is truth[0])  # the embedding is the base's


def test_no_part_of_the_adapter_is_left_in_the_model(adapter, base):
    model = loaded(adapter)
    assert [name for name, _ in model.stack.named_modules()] == [name for name, _ in loaded(base).stack.named_modules()]
    assert model.warnings == ("adapter is an adapter: its base base is read with it merged into its weights.",)


@pytest.mark.parametrize(
    ("config", "kept"),
    [({}, True), ({"target_modules": [*PROJECTIONS, "lm_head"]}, False), ({"modules_to_save": ["lm_head"]}, False)],
)
def test_a_head_that_the_adapter_changes_is_not_read(config, kept, base, tmp_path):
    from transformers import AutoModelForCausalLM, LlamaConfig

    AutoModelForCausalLM.from_config(LlamaConfig.from_pretrained(base)).save_pretrained(base)
    model = load(resolve(str(save_lora(base, tmp_path / "changed", **config))), max_length=None, head=True)
    assert (model.language_model is not None) == kept
    assert any("Its loss is not read" in line for line in model.warnings) != kept


def test_settings_that_peft_does_not_know_are_told(adapter):
    change(adapter, use_something_new=True, another=None)
    (_, told) = loaded(adapter).warnings
    assert told.startswith(f"adapter has settings that peft {peft.__version__} does not know")
    assert "use_something_new. " in told


def test_an_adapter_is_told_by_its_base_and_by_its_own_files(adapter, base, tmp_path):
    first = resolve(str(adapter))
    assert (first.name, first.folder_or_repo) == ("adapter", str(adapter))
    assert first.base == resolve(str(base))
    assert first.revision != first.base.revision
    assert resolve(str(shutil.copytree(adapter, tmp_path / "copy"))).revision == first.revision
    for file in (adapter / "adapter_model.safetensors", base / "model.safetensors"):
        before = resolve(str(adapter)).revision
        file.write_bytes(file.read_bytes()[:-1] + b"\x07")
        assert resolve(str(adapter)).revision != before
    (adapter / "README.md").write_text("words")
    assert resolve(str(adapter)).revision != first.revision


@pytest.mark.parametrize("named", ["../base", "base"])
def test_a_base_is_found_from_the_adapters_folder_and_from_the_working_directory(named, adapter, base, monkeypatch):
    monkeypatch.chdir(base.parent if named == "base" else adapter.parent.parent)
    change(adapter, base_model_name_or_path=named)
    assert resolve(str(adapter)).base.revision == resolve(str(base)).revision


def test_a_base_may_be_an_alias(adapter):
    change(adapter, base_model_name_or_path="minilm")
    assert resolve(str(adapter)).base == resolve("minilm")


def test_embeddings_and_a_head_that_were_trained_with_it(base, tmp_path):
    adapter = save_lora(base, tmp_path / "adapter", modules_to_save=["embed_tokens", "lm_head"])
    assert not torch.allclose(states(adapter)[0], states(base)[0])


def test_more_token_embeddings_than_the_base_has_come_with_the_adapter(base, tmp_path):
    from safetensors.torch import load_file, save_file

    file = save_lora(base, tmp_path / "adapter", modules_to_save=["embed_tokens"]) / "adapter_model.safetensors"
    weights = load_file(file)
    (name,) = (name for name in weights if "embed_tokens" in name)
    weights[name] = torch.cat([weights[name], torch.ones(2, 32)])
    save_file(weights, file, metadata={"format": "pt"})
    table = loaded(file.parent).stack.get_input_embeddings().weight
    assert torch.equal(table, weights[name])


def test_a_tokenizer_beside_the_adapter_is_the_one_that_reads(adapter, base):
    from transformers import AutoTokenizer

    assert loaded(adapter).encoder.tokenizer.chat_template is None
    tokenizer = AutoTokenizer.from_pretrained(base)
    tokenizer.chat_template = "{{ messages[0]['content'] }}"
    tokenizer.save_pretrained(adapter)
    assert loaded(adapter).encoder.tokenizer.chat_template == tokenizer.chat_template


def test_without_peft_the_extra_is_named(adapter, monkeypatch):
    monkeypatch.setattr(loading, "find_spec", lambda name: None)
    with refused("peft is not installed", "llm-mri-graph[peft]", kind=ModelError):
        loaded(adapter)


def test_an_adapter_of_another_architecture_is_refused_with_what_peft_says(adapter, tiny):
    change(adapter, base_model_name_or_path=str(tiny("gpt2")))
    with refused("'adapter' cannot be loaded", "Target modules", "not found in the base model", kind=ModelError):
        loaded(adapter)


def test_an_adapter_of_another_size_is_refused(adapter, base, tiny):
    change(adapter, base_model_name_or_path=str(tiny("mixtral")), target_modules=["q_proj", "v_proj"])
    with refused("the base has no place for", "model.layers.2.mlp.down_proj", kind=ModelError):
        loaded(adapter)


def test_an_adapter_that_lacks_weights_is_refused(adapter):
    change(adapter, target_modules=[*PROJECTIONS, "up_proj"])
    with refused("lacks", "up_proj", "Name the base", kind=ModelError):
        loaded(adapter)


def _missing_base(adapter, base):
    shutil.rmtree(base)


def _nameless_base(adapter, base):
    change(adapter, base_model_name_or_path=None)


def _adapted_base(adapter, base):
    change(adapter, base_model_name_or_path=".")


def _gguf_base(adapter, base):
    (base / "model.gguf").write_bytes(b"GGUF")
    change(adapter, base_model_name_or_path="../base/model.gguf")


def _prompts(adapter, base):
    change(adapter, peft_type="PROMPT_TUNING")


def _both(adapter, base):
    shutil.copytree(base, adapter, dirs_exist_ok=True)


def _no_weights(adapter, base):
    (adapter / "adapter_model.safetensors").unlink()


def _pointer(adapter, base):
    text = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'4d' * 32}\nsize 90868376\n"
    (adapter / "adapter_model.safetensors").write_text(text)


def _no_json(adapter, base):
    (adapter / "adapter_config.json").write_text("{")


@pytest.mark.parametrize(
    ("break_it", "facts"),
    [
        (_missing_base, ["read on its base model", "no such folder", "base_model_name_or_path"]),
        (_nameless_base, ["names its base", "base_model_name_or_path"]),
        (_adapted_base, ["is an adapter itself", "Merge that one"]),
        (_gguf_base, ["is a GGUF file", "quantized"]),
        (_prompts, ["PROMPT_TUNING", "changes no weights"]),
        (_both, ["has both model.safetensors and adapter_config.json", "Move the adapter_* files"]),
        (_no_weights, ["no adapter_model.safetensors"]),
        (_pointer, ["Git LFS pointer", "git lfs pull"]),
        (_no_json, ["adapter_config.json of 'adapter' is no JSON"]),
    ],
)
def test_what_is_no_adapter_of_a_base_is_refused_before_anything_is_loaded(adapter, base, break_it, facts):
    break_it(adapter, base)
    with refused(*facts, kind=ModelError):
        resolve(str(adapter))


def test_a_revision_of_an_adapters_folder_is_refused(adapter):
    with refused("on the hub", kind=UsageError):
        resolve(str(adapter), revision="main")
