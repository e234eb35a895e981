"""How well a causal model predicts its texts: from its own head, whatever that scales and caps."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from ingest.extract import next_tokens
from ingest.extract.intervened import Intervened
from ingest.model.loading import load, resolve
from mri_core.interventions.directions import adding
from tests.families import FAMILIES
from tests.models import save_tokenizer

TEXTS = ("The cat sat on the mat and looked at the moon.", "A judge may hear.", "Stir the sauce slowly, please.")


@pytest.fixture(scope="module", params=["Llama", "Gemma2", "Granite", "GPT2", "OPT"])
def headed(request, tmp_path_factory):
    """A causal model saved with its head, and its folder."""
    import transformers

    stem = request.param
    known = {parts[0]: (parts[1], parts[2]) for parts in FAMILIES.values()}
    known["OPT"] = known["OPT"][0] | {"word_embed_proj_dim": 16}, "opt"
    sizes, kind = known.get(stem, (known["Mistral"][0], "llama"))
    if stem == "GPT2":
        sizes, kind = {"vocab_size": 320, "n_embd": 32, "n_layer": 3, "n_head": 4, "n_positions": 64}, "gpt2"
    torch.manual_seed(1)
    config = getattr(transformers, f"{stem}Config")(**sizes)
    name = f"{stem}LMHeadModel" if stem == "GPT2" else f"{stem}ForCausalLM"
    model = getattr(transformers, name)(config).eval()
    for parameter in model.parameters():
        parameter.data += 0.1 * torch.randn_like(parameter)
    folder = tmp_path_factory.mktemp(stem)
    model.save_pretrained(folder)
    save_tokenizer(kind, folder)
    return folder, model


def log_probabilities(model, ids):
    with torch.inference_mode():
        return model(input_ids=ids[None]).logits[0].float().log_softmax(dim=-1)


def test_loss_is_that_of_the_whole_model_over_each_texts_own_tokens(headed, monkeypatch):
    monkeypatch.setattr(next_tokens, "CHUNK", 1_000)  # several parts
    folder, whole = headed
    model = load(resolve(str(folder)), max_length=None, head=True)
    owner = Intervened(model, "mean", 1)
    ((indices, begun),) = owner.batches(TEXTS)
    encoded = owner.encoder.encode(TEXTS, model.max_length)
    for place, index in enumerate(indices):
        ids, own = torch.from_numpy(encoded[index].ids), encoded[index].own
        after = log_probabilities(whole, ids)
        expected = [-after[at - 1, ids[at]] for at in range(1, len(ids)) if own[at]]
        assert begun.untouched.scores.loss[place] == pytest.approx(float(torch.stack(expected).mean()), rel=1e-4)
    assert (begun.untouched.scores.divergence == 0).all()


def test_divergence_is_kullbacks_from_the_untouched_predictions(headed):
    folder, _ = headed
    model = load(resolve(str(folder)), max_length=None, head=True)
    owner = Intervened(model, "mean", 1)
    ((_, begun),) = owner.batches(TEXTS[:1])
    scorer, predicting = owner.scorer, begun._predicted._predicting

    def predicted():
        return torch.cat(list(scorer.log_probabilities(predicting))).double()  # of the last pass

    begun.changed(adding(np.zeros(32), 1.0))
    before = predicted()
    push = adding(np.random.default_rng(1).standard_normal(32), 1.0)
    scores = begun.changed(push).scores
    after = predicted()
    expected = (before.exp() * (before - after)).sum(dim=1).mean()
    assert scores.divergence[0] == pytest.approx(float(expected), rel=1e-4)
    assert scores.divergence[0] > 0
    assert begun.changed(push.times(0)).scores.divergence[0] == 0
    assert scores.loss[0] != begun.untouched.scores.loss[0]


def test_a_checkpoint_without_a_head_is_read_without_one(family):
    for name in ("gpt2", "bert", "t5"):
        model = load(resolve(str(family(name))), max_length=None, head=True)
        assert model.language_model is None
        owner = Intervened(model, "mean", 1)
        assert all(begun.untouched.scores is None for _, begun in owner.batches(TEXTS))


def test_a_text_of_one_token_predicts_none(headed):
    folder, _ = headed
    model = load(resolve(str(folder)), max_length=None, head=True)
    owner = Intervened(model, "mean-all", 1)  # with which no token is put before a text unless its tokenizer does
    (text,) = owner.encoder.encode(("a",), model.max_length)
    ((_, begun),) = owner.batches(("a",))
    assert np.isnan(begun.untouched.scores.loss[0]) == (len(text.ids) == 1) == folder.name.startswith("GPT2")


def test_of_a_text_too_long_to_be_held_the_first_tokens_are_scored(headed, monkeypatch):
    folder, whole = headed
    model = load(resolve(str(folder)), max_length=None, head=True)
    owner = Intervened(model, "mean", 1)
    monkeypatch.setattr(next_tokens, "NUMBERS", 3 * 320)
    ((_, begun),) = owner.batches(TEXTS[:1])
    (text,) = owner.encoder.encode(TEXTS[:1], model.max_length)
    after, ids = log_probabilities(whole, torch.from_numpy(text.ids)), text.ids
    places = [place for place in range(1, len(ids)) if text.own[place]][:3]
    expected = float(torch.stack([-after[place - 1, ids[place]] for place in places]).mean())
    assert begun.untouched.scores.loss[0] == pytest.approx(expected, rel=1e-4)


def test_a_head_that_asks_another_base_has_no_loss_and_says_so(family):
    model = load(resolve(str(family("gpt2"))), max_length=None)
    head, lines = torch.nn.Linear(32, 320), []
    head.forward = lambda input_ids, use_cache: SimpleNamespace(logits=torch.zeros(1, input_ids.shape[1], 320))
    owner = Intervened(replace(model, language_model=head), "mean", 1, lines.append)
    assert all(begun.untouched.scores is None for _, begun in owner.batches(TEXTS))
    assert len(lines) == 1
    assert "head cannot be run by itself" in lines[0]


def test_a_decoder_that_a_scan_reads_with_its_encoder_is_read_so_here_too(tmp_path):
    from transformers import BartConfig, BartForCausalLM

    sizes = {"vocab_size": 320, "d_model": 32, "encoder_layers": 2, "decoder_layers": 2, "max_position_embeddings": 64}
    heads = {"encoder_attention_heads": 4, "decoder_attention_heads": 4, "encoder_ffn_dim": 64, "decoder_ffn_dim": 64}
    BartForCausalLM(BartConfig(**sizes, **heads)).save_pretrained(tmp_path)
    save_tokenizer("bart", tmp_path)
    plain, asked = (load(resolve(str(tmp_path)), max_length=None, head=head) for head in (False, True))
    assert type(asked.stack) is type(plain.stack)
    assert asked.language_model is None
