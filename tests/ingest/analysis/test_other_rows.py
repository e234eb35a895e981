"""Rows that owe nothing to trained blocks: of random ones, the same for a seed, and of the token embeddings alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoTokenizer

from ingest.analysis.other_rows import random_blocks, token_embeddings
from ingest.model.loading import load, resolve
from ingest.model.random_weights import reinitialise
from ingest.progress import Silent
from ingest.request import Request
from ingest.run import Run
from ingest.scan.opening import open_scan
from mri_core.errors import UsageError
from tests.ingest.reading import states_of
from tests.models import KINDS

SEED = 1_000


class Told(Silent):
    """Counts the stages that it is told of."""

    stages = 0

    def stage(self, name: str, total: int, unit: str) -> None:
        self.stages += 1


@pytest.mark.parametrize("kind", ["gpt2", "mixtral", "neox", "bert", "albert", "fnet"])
def test_blocks_become_those_of_a_new_model_and_the_rest_stays(tiny: Callable[[str], Path], kind: str) -> None:
    """Tiny models are new ones of a seed, which therefore gives them back once their weights were changed."""
    model = load(resolve(str(tiny(kind))), max_length=None)
    inside = {id(p) for block in model.blocks for p in block.parameters()}
    made = {name: p.clone() for name, p in model.stack.named_parameters()}
    with torch.no_grad():
        for parameter in model.stack.parameters():
            parameter += 1
    reinitialise(model, KINDS.index(kind))
    assert 0 < len(inside) < len(made)
    for name, parameter in model.stack.named_parameters():
        torch.testing.assert_close(parameter, made[name] + (id(parameter) not in inside), msg=name)


@pytest.mark.parametrize(
    ("kind", "stack"), [("bert", None), ("llama", None), ("t5", None), ("t5", "decoder"), ("bart", "decoder")]
)
def test_the_first_layer_stays_and_later_ones_differ_alike_for_a_seed(
    tiny: Callable[[str], Path], kind: str, stack: str | None
) -> None:
    def states(seed: int | None) -> list[torch.Tensor]:
        model = load(resolve(str(tiny(kind))), max_length=None, stack=stack)
        if seed is not None:
            reinitialise(model, seed)
        return states_of(model)

    trained, one, again, other = states(None), states(SEED), states(SEED), states(SEED + 1)
    torch.testing.assert_close(one[0], trained[0])
    for layer in range(1, len(trained)):
        assert torch.equal(one[layer], again[layer])
        assert not torch.allclose(one[layer], trained[layer], rtol=0.01)
        assert not torch.allclose(one[layer], other[layer], rtol=0.01)


def test_of_a_decoder_s_encoder_the_blocks_are_random_too(tiny: Callable[[str], Path]) -> None:
    model = load(resolve(str(tiny("t5"))), max_length=None, stack="decoder")
    encoder = model.stack.model.get_encoder()  # type: ignore[operator, union-attr]
    before = encoder.block[2].layer[1].DenseReluDense.wi.weight.clone()
    reinitialise(model, SEED)
    assert not torch.allclose(encoder.block[2].layer[1].DenseReluDense.wi.weight, before)


@pytest.mark.parametrize("site", ["residual", "mlp"])
def test_rows_are_cached_beside_the_model_s_own(
    tiny: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, site: str
) -> None:
    monkeypatch.setenv("MRI_CACHE", str(tmp_path / "cache"))
    (tmp_path / "c.csv").write_text("text,label\n" + "".join(f"text number {i},{'ab'[i % 2]}\n" for i in range(12)))
    request = Request(corpus=tmp_path / "c.csv", name="c", model=str(tiny("bert")), site=site)  # type: ignore[arg-type]
    scan = open_scan(request)
    own = scan.read(Run()).activations
    first, second = Told(), Told()
    random = [random_blocks(scan, SEED, Run(told)) for told in (first, second)]
    assert (first.stages > 0, second.stages) == (True, 0)
    assert len(list((tmp_path / "cache" / "activations").glob("*-*"))) == 2
    for layer, (one, again) in enumerate(zip(random[0].layers, random[1].layers, strict=True)):
        np.testing.assert_array_equal(one, again)
        assert np.allclose(one, own.layers[layer]) == (site == "residual" and layer == 0)


@pytest.mark.parametrize("kind", ["gpt2", "bert", "llama", "t5", "mixtral", "neox"])
def test_token_embeddings_are_the_mean_of_the_model_s_own_table_over_a_text_s_tokens(
    tiny: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setenv("MRI_CACHE", str(tmp_path / "cache"))
    texts = [" ".join("one two three four five six"[: 3 + 2 * i].split()) for i in range(12)]
    (tmp_path / "c.csv").write_text("text,label\n" + "".join(f"{text},{'ab'[i % 2]}\n" for i, text in enumerate(texts)))
    folder = tiny(kind)
    scan = open_scan(Request(corpus=tmp_path / "c.csv", name="c", model=str(folder), site="mlp", pooling="last"))
    found = token_embeddings(scan, Run())
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder)
    table = model.get_input_embeddings().weight.detach().numpy()
    expected = [table[tokenizer(text, add_special_tokens=False)["input_ids"]].mean(axis=0) for text in texts]
    (layer,) = found.layers
    np.testing.assert_allclose(layer, expected, rtol=1e-4, atol=1e-6)
    again = Told()
    token_embeddings(scan, Run(again))
    assert again.stages == 0


def test_given_activations_have_no_blocks(tmp_path: Path) -> None:
    for index in range(2):
        np.save(tmp_path / f"L{index}.npy", np.eye(4, dtype=np.float32))
    (tmp_path / "documents.csv").write_text("label\na\nb\na\nb\n")
    with pytest.raises(UsageError, match="These activations were given"):
        random_blocks(open_scan(Request(activations=tmp_path, name="g")), SEED, Run())
    with pytest.raises(UsageError, match="These activations were given"):
        token_embeddings(open_scan(Request(activations=tmp_path, name="g")), Run())
