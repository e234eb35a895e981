"""A model whose weights lie in several places: the rows of the whole model, from the same checkpoint."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from ingest.executor import load_as_asked
from ingest.extract.intervened import Intervened
from ingest.model import split
from ingest.model.device import Place
from ingest.model.loading import load, resolve
from ingest.model.random_weights import reinitialise
from ingest.model.source import ModelSource
from ingest.model.token_embeddings import token_embeddings
from ingest.request import Request
from ingest.scan.opening import open_scan
from mri_core.errors import ModelError, UsageError
from mri_core.interventions.directions import adding
from tests.ingest.extract.test_extraction import DOCUMENTS, TEXTS, scanned
from tests.ingest.reading import states_of
from tests.ingest.refusal import refused
from tests.models import save_tokenizer

pytest.importorskip("accelerate")
GIB = 1 << 30
LITTLE = 20_000 / GIB  # of the 70 to 400 kB of a tiny model's weights
CARDS = ["privateuseone:0", "privateuseone:1"]


def loaded(folder, *, memory=None, dtype="float32", **options):
    """The whole model, or one of whose weights only so many GiB are in memory."""
    place = Place("cpu", dtype) if memory is None else Place("cpu", dtype, split=True, split_memory=memory)
    return load(resolve(str(folder)), max_length=None, place=place, **options)


def weights_in_memory(model):
    return sum(weights.numel() for weights in model.stack.parameters() if weights.device.type != "meta")


@pytest.mark.slow
@pytest.mark.parametrize("site", ["residual", "attention", "mlp"])
@pytest.mark.parametrize(
    ("kind", "stack"),
    [("gpt2", None), ("llama", None), ("mixtral", None), ("bert", None), ("albert", None)]
    + [(kind, stack) for kind in ("t5", "bart") for stack in ("encoder", "decoder")],
)
def test_states_at_every_site_are_those_of_the_whole_model_to_the_bit(kind, stack, site, tiny):
    whole = loaded(tiny(kind), site=site, stack=stack)
    apart = loaded(tiny(kind), site=site, stack=stack, memory=LITTLE)
    assert apart.lies_on[-1] == "disk"
    # the same weights in the same products on the same processor, read from the checkpoint for each call
    for one, other in zip(states_of(whole), states_of(apart), strict=True):
        assert torch.equal(one, other)
    facts = ("widths", "lead", "max_length", "causal", "respects_padding_mask", "is_fixed", "warnings")
    assert [getattr(apart, fact) for fact in facts] == [getattr(whole, fact) for fact in facts]


def test_what_fits_stays_in_memory_and_only_the_rest_is_read_again(family):
    whole = loaded(family("bloom"))
    size = 4 * sum(weights.numel() for weights in whole.stack.parameters())
    apart = loaded(family("bloom"), memory=0.75 * size / GIB)
    assert apart.lies_on == ("memory", "disk")
    assert 0 < weights_in_memory(apart) < weights_in_memory(whole)
    for one, other in zip(states_of(whole), states_of(apart), strict=True):
        assert torch.equal(one, other)


def test_a_model_that_fits_lies_in_one_place_and_is_the_whole_model(tiny):
    apart = loaded(tiny("llama"), memory=1.0)
    assert apart.lies_on == ()
    for one, other in zip(states_of(loaded(tiny("llama"))), states_of(apart), strict=True):
        assert torch.equal(one, other)


def test_after_a_pass_the_weights_are_released_and_no_hook_of_ours_is_left(tiny):
    model = loaded(tiny("llama"), memory=LITTLE)
    before = [vars(module).get("forward") for module in model.stack.modules()]
    held = weights_in_memory(model)
    states_of(model)
    assert weights_in_memory(model) == held
    assert [vars(module).get("forward") for module in model.stack.modules()] == before
    assert not any(module._forward_hooks for module in model.stack.modules())


def test_weights_that_are_written_anew_are_removed_with_the_model(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    model = loaded(tiny("mixtral"), memory=LITTLE)
    (folder,) = tmp_path.iterdir()
    assert list(folder.glob("*.safetensors"))  # experts are stored one by one, and held as one tensor
    assert len(states_of(model)) == 3
    del model
    gc.collect()
    assert not folder.exists()


def test_what_a_killed_process_left_is_removed_by_the_next_and_what_is_in_use_is_not(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    used = loaded(tiny("mixtral"), memory=LITTLE)
    (mine,) = tmp_path.iterdir()
    left, new = (tmp_path / f"{split.OFFLOADED}{name}" for name in ("left", "new"))
    for folder in (left, new):
        folder.mkdir()
        (folder / split.IN_USE).touch()
    for folder in (left, mine):
        os.utime(folder, (1, 1))
    loaded(tiny("llama"), memory=LITTLE)
    assert (left.exists(), new.exists(), mine.exists()) == (False, True, True)
    assert len(states_of(used)) == 3


def test_the_folder_of_a_model_that_cannot_be_loaded_is_removed(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with refused("at most", kind=UsageError):
        load(resolve(str(tiny("bert"))), max_length=1_000, place=Place(split=True))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("kind", ["bert", "llama", "t5"])
def test_the_rows_of_a_scan_are_the_same_and_its_report_says_where_the_model_lay(kind, dtype, tiny, tmp_path):
    lines = []
    whole = scanned(loaded(tiny(kind), dtype=dtype), tmp_path / "whole")
    apart = scanned(loaded(tiny(kind), dtype=dtype, memory=LITTLE), tmp_path / "apart", notify=lines.append)
    for one, other in zip(whole.activations.layers, apart.activations.layers, strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(whole.facts.table(), apart.facts.table())
    assert (whole.conditions.lies_on, apart.conditions.lies_on) == (None, "disk")
    assert replace(apart.conditions, lies_on=None) == whole.conditions
    assert ["Weights are read from disk" in line for line in lines] == [True]


def test_the_table_of_token_embeddings_is_read_from_the_disk(tiny):
    one, other = (token_embeddings(loaded(tiny("bert"), memory=memory)) for memory in (None, LITTLE))
    assert torch.equal(states_of(one)[0], states_of(other)[0])


@pytest.mark.parametrize("kind", ["llama", "bert"])
@pytest.mark.parametrize("site", ["residual", "mlp"])
def test_an_intervention_changes_the_same_rows_by_the_same_amount(kind, site, tiny):
    found = []
    for memory in (None, LITTLE):
        lines = []
        owner = Intervened(loaded(tiny(kind), memory=memory, site=site), "mean", 1, lines.append)
        push = adding(np.random.default_rng(0).standard_normal(32), 1.0)
        found += [[begun.changed(push).rows for _, begun in owner.batches(TEXTS)]]
        assert owner.resumes
        assert lines == []
    for one, other in zip(*found, strict=True):
        assert all(map(np.array_equal, one, other))


def test_losses_and_divergences_of_the_next_tokens_are_the_same(tmp_path):
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_attention_heads": 4, "num_hidden_layers": 3}
    LlamaForCausalLM(LlamaConfig(vocab_size=320, max_position_embeddings=64, **sizes)).save_pretrained(tmp_path)
    save_tokenizer("llama", tmp_path)
    found = []
    for memory in (None, LITTLE):
        owner = Intervened(loaded(tmp_path, memory=memory, head=True), "mean", 1)
        push = adding(np.random.default_rng(0).standard_normal(32), 1.0)
        found.append([begun.changed(push).scores for _, begun in owner.batches(TEXTS[:3])])
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one.loss, other.loss)
        np.testing.assert_array_equal(one.divergence, other.divergence)
        assert (one.divergence > 0).all()


@pytest.mark.slow  # a process of its own, which imports PyTorch
def test_states_on_two_cards_are_pooled_where_they_are_and_their_rows_meet_on_the_first(tiny):
    cases = {("llama", "", "residual"): [0, 0, 1, 1], ("bert", "", "attention"): [0, 1, 1]}
    cases |= {("t5", "", "residual"): [0, 0, 1, 1], ("bart", "decoder", "mlp"): [0, 1]}
    asked = json.dumps([(str(tiny(kind)), stack, site) for kind, stack, site in cases])
    command = [sys.executable, "-m", "tests.ingest.model.two_cards", asked]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[3])
    assert done.returncode == 0, done.stderr[-2_000:]
    for found, layers in zip(json.loads(done.stdout), cases.values(), strict=True):
        assert found["layers"] == [CARDS[card] for card in layers]
        assert (found["rows"], found["columns"]) == (CARDS[0], 33 * len(layers))  # a count of sinks, and the row


def test_a_model_that_writes_into_its_weights_is_refused(family):
    with refused("RwkvModel writes into its weights", "Leave --split out", kind=ModelError):
        loaded(family("rwkv"), memory=LITTLE)


def test_a_model_that_older_versions_leave_without_a_device_is_refused():
    with refused("All of them lie on the disk", "Raise --split-memory", kind=ModelError):
        split.check_computes(torch.nn.Linear(2, 2, device="meta"))


def test_random_blocks_are_refused_before_anything_is_scanned(tiny):
    model = loaded(tiny("llama"), memory=LITTLE)
    with refused("29 of its weights are read", "Leave --controls out", kind=ModelError):
        reinitialise(model, 0)
    request = Request(corpus="news.csv", name="news", controls=True)
    place = Place(split=True, split_memory=LITTLE)
    with refused("Leave --controls out", kind=ModelError):
        load_as_asked(request, resolve(str(tiny("llama"))), place)
    reinitialise(load_as_asked(request, resolve(str(tiny("llama"))), Place(split=True)), 0)


def test_adapters_and_gguf_files_are_refused():
    base = ModelSource("base", "base", None, "1")
    with refused("is an adapter", "merge_and_unload", kind=ModelError):
        split.check_can_be_split(ModelSource("adapter", "adapter", None, "1", base=base))
    with refused("is a GGUF file", "leave --split out", kind=ModelError):
        split.check_can_be_split(ModelSource("some.gguf", "folder", "some.gguf", "1"))


def test_without_accelerate_the_line_says_how_to_install_it(tiny, monkeypatch):
    monkeypatch.setattr(split, "find_spec", lambda name: None)
    with refused('pip install "llm-mri-graph[split]"', kind=ModelError):
        loaded(tiny("bert"), memory=LITTLE)


def test_memory_that_cards_share_with_the_machine_is_refused():
    with refused("mps", "Take --device cpu", kind=UsageError):
        split.split_over(Place("mps"), None)


@pytest.mark.parametrize(
    ("options", "fact"),
    [
        ({"split_memory": 2.0}, "Add --split"),
        ({"split": True, "split_memory": 0.0}, "--split-memory is 0"),
        ({"split": True, "split_memory": float("nan")}, "--split-memory is nan"),
        ({"split": True, "compile": "on"}, "There are --split and --compile on"),
        ({"engine": "ray", "gpus_per_worker": 2.0}, "Add --split"),
        ({"engine": "ray", "gpus_per_worker": 2.5, "split": True}, "--gpus-per-worker is 2.5"),
        ({"engine": "ray", "gpus_per_worker": -1.0, "split": True}, "--gpus-per-worker is -1"),
    ],
)
def test_what_contradicts_itself_is_refused(options, fact):
    with refused(fact, kind=UsageError):
        Request(corpus="news.csv", name="news", **options).check()


def test_a_worker_of_several_cards_is_asked_for_with_a_split_model():
    Request(corpus="news.csv", name="news", engine="ray", gpus_per_worker=2.0, split=True).check()


def test_where_a_model_lies_is_no_part_of_what_its_rows_are(tiny, tmp_path):
    corpus = tmp_path / "corpus.csv"
    corpus.write_text("text,label\n" + "".join(f"{d.text!r},{d.category}\n".replace("'", '"') for d in DOCUMENTS))
    request = Request(corpus=corpus, name="news", model=str(tiny("bert")), device="cpu")
    apart = replace(request, split=True, split_memory=LITTLE)
    assert open_scan(apart).identity == open_scan(request).identity
    assert open_scan(apart).place.split
