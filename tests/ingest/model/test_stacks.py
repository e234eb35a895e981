"""The decoder of an encoder–decoder: what it is fed with, and where its states are taken."""

import shutil

import pytest
import torch

from ingest.model.anatomy.stacks import choose_stack
from ingest.model.loading import load, resolve
from mri_core.errors import ModelError, UsageError
from tests.ingest.extract.test_extraction import DOCUMENTS, scanned
from tests.ingest.reading import ATTENDED, IDS, outputs_of, states_of
from tests.ingest.refusal import refused
from tests.models import SENTENCES

DECODER_BLOCKS = {
    "t5": (
        "decoder.block.{}",
        "layer.0.SelfAttention.o",
        "layer.1.EncDecAttention.o",
        "layer.2.DenseReluDense.wo",
    ),
    "bart": ("decoder.layers.{}", "self_attn.out_proj", "encoder_attn.out_proj", "fc2"),
}


@pytest.mark.parametrize("name", DECODER_BLOCKS)
def test_a_decoders_stream_is_read_where_each_token_is_read_behind_the_start_token(name, read):
    model, states = read(name, stack="decoder")
    shifted, start = torch.full((3, 12), 0), model.stack.config.decoder_start_token_id
    shifted[:, 0], shifted[:, 1:] = start, IDS
    mask = torch.cat([torch.ones(3, 1, dtype=torch.long), ATTENDED.long()], dim=1)
    with torch.inference_mode():
        output = model.stack.model(
            input_ids=IDS,
            attention_mask=ATTENDED.long(),
            decoder_input_ids=shifted,
            decoder_attention_mask=mask,
            output_hidden_states=True,
        )
    assert (model.layers, model.causal, model.respects_padding_mask, model.lead) == (3, True, True, 1)
    for state, expected in zip(states[:-1], output.decoder_hidden_states, strict=False):
        assert torch.equal(state, expected[:, 1:])
    last = states[-1]
    if name == "t5":
        last = model.stack.decoder.final_layer_norm(last)
    torch.testing.assert_close(last, output.last_hidden_state[:, 1:], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", DECODER_BLOCKS)
def test_a_decoders_states_are_those_of_training_but_for_the_last_token(name, read, family):
    """Training shifts the labels: of n tokens, the decoder reads the start token and n − 1."""
    from transformers import AutoModelForSeq2SeqLM

    model = read(name, stack="decoder")[0]
    trained = AutoModelForSeq2SeqLM.from_pretrained(family(name)).eval()
    with torch.inference_mode():
        output = trained(input_ids=IDS[:1], labels=IDS[:1], output_hidden_states=True)
    states = states_of(model, IDS[:1], ATTENDED[:1])
    for state, expected in zip(states[:-1], output.decoder_hidden_states, strict=False):
        torch.testing.assert_close(state[:, :-1], expected[:, 1:], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", DECODER_BLOCKS)
def test_a_decoder_reads_no_later_token_but_through_its_encoder(name, read):
    """With what the encoder gives held fast, a changed token changes its own state and later ones."""
    model = read(name, stack="decoder")[0]
    whole, changed = model.stack.model, IDS[:1].clone()
    changed[0, 6] = 5
    with torch.inference_mode():
        told = whole.get_encoder()(input_ids=IDS[:1])
        one, other = (
            whole(encoder_outputs=told, decoder_input_ids=torch.cat([ids[:, :1], ids], dim=1)).last_hidden_state
            for ids in (IDS[:1], changed)
        )
    differs = (one != other).any(dim=-1)[0, 1:]
    assert differs.tolist() == [place >= 6 for place in range(11)]


@pytest.mark.parametrize(("site", "part"), [("attention", 1), ("mlp", 3)])
@pytest.mark.parametrize("name", DECODER_BLOCKS)
def test_a_decoders_sites_are_its_self_attention_and_its_mlp(name, site, part, read):
    model, states = read(name, site, "decoder")
    block, path = DECODER_BLOCKS[name][0], DECODER_BLOCKS[name][part]
    paths = [f"{block.format(number)}.{path}" for number in range(2)]
    with outputs_of(model.stack.model, paths) as given:
        states_of(model)
    for state, path in zip(states, paths, strict=True):
        assert torch.equal(state, given[path].reshape(3, 12, 32)[:, 1:])


def test_a_pre_norm_decoder_adds_its_cross_attention_as_well(read):
    model, stream = read("t5", stack="decoder")
    attention, mlp = read("t5", "attention", "decoder")[1], read("t5", "mlp", "decoder")[1]
    paths = [f"decoder.block.{number}.layer.1.EncDecAttention.o" for number in range(2)]
    with outputs_of(model.stack.model, paths) as given:
        states_of(model)
    for number, path in enumerate(paths):
        total = stream[number] + attention[number] + given[path][:, 1:] + mlp[number]
        torch.testing.assert_close(total, stream[number + 1], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", DECODER_BLOCKS)
def test_a_decoders_first_token_is_the_texts_own_and_no_sink(name, read):
    """Its start token stands before the text: no other is put there, and no token of the text is left out."""
    model = read(name, stack="decoder")[0]
    assert not model.starts_bare
    assert read("gpt2")[0].starts_bare
    assert not read(name)[0].starts_bare


@pytest.mark.parametrize("pooling", ["mean", "last", "mean-all"])
@pytest.mark.parametrize("name", DECODER_BLOCKS)
def test_a_decoders_rows_are_pooled_over_the_tokens_that_it_reads(name, pooling, read, tmp_path):
    """Texts and padding of their own lengths; the start token is in no row, BART's own `<s>` in that of all tokens."""
    model = read(name, stack="decoder")[0]
    found = scanned(model, tmp_path, pooling=pooling).activations
    for document in DOCUMENTS:
        ids = torch.tensor([model.encoder.tokenizer(document.text)["input_ids"]])
        states = states_of(model, ids, torch.ones_like(ids, dtype=torch.bool))
        own = slice(1 if name == "bart" else 0, ids.shape[1] - 1)  # all but <s> and </s>
        kept = {"mean": own, "last": slice(own.stop - 1, own.stop), "mean-all": slice(None)}[pooling]
        for layer, state in zip(found.layers, states, strict=True):
            torch.testing.assert_close(
                torch.tensor(layer[document.ordinal]), state[0, kept].mean(dim=0), rtol=1e-4, atol=1e-5
            )


def test_a_decoder_with_a_table_of_positions_takes_a_token_less(family):
    model = load(resolve(str(family("bart"))), max_length=None, stack="decoder")
    assert model.max_length == 63
    states_of(model, torch.full((1, 63), 7), torch.ones(1, 63, dtype=torch.bool))
    with refused("takes 63 tokens", kind=UsageError):
        load(resolve(str(family("bart"))), max_length=64, stack="decoder")


@pytest.mark.parametrize(("name", "stack", "only"), [("bert", "decoder", "encoder"), ("gpt2", "encoder", "decoder")])
def test_a_model_with_one_stack_refuses_the_other(name, stack, only, family):
    with refused(f"--stack {stack}", f"its {only}", kind=UsageError):
        load(resolve(str(family(name))), max_length=None, stack=stack)
    assert load(resolve(str(family(name))), max_length=None, stack=only).layers == 4


def test_a_decoder_whose_start_is_not_told_is_refused(family, tmp_path):
    from transformers import BartModel

    model = BartModel.from_pretrained(shutil.copytree(family("bart"), tmp_path / "bart"))
    for name in ("decoder_start_token_id", "bos_token_id", "pad_token_id"):
        setattr(model.config, name, None)
    with refused("decoder_start_token_id", "BartModel", kind=ModelError):
        choose_stack(model, "decoder")


def test_a_decoders_weights_that_were_set_at_random_are_warned_of(family, tmp_path):
    from safetensors.torch import load_file, save_file

    folder = shutil.copytree(family("t5"), tmp_path / "t5")
    weights = {k: w for k, w in load_file(folder / "model.safetensors").items() if not k.startswith("decoder.block.1")}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    (warning,) = load(resolve(str(folder)), max_length=None, stack="decoder").warnings
    assert "decoder.block.1" in warning
    assert load(resolve(str(folder)), max_length=None).warnings == ()


def test_texts_of_a_decoder_are_encoded_as_its_tokenizer_does(family):
    encoder = load(resolve(str(family("t5"))), max_length=None, stack="decoder").encoder
    assert encoder.encode(SENTENCES[:1], 64)[0].ids.tolist() == encoder.tokenizer(SENTENCES[0])["input_ids"]
