import json
import shutil
from pathlib import Path

import pytest
import torch

from ingest.model import loading as model_module
from ingest.model.loading import LoadedModel, load, resolve
from mri_core.errors import ModelError, UsageError
from tests.ingest.reading import states_of
from tests.ingest.refusal import refused
from tests.models import DECODERS, KINDS, SENTENCES, VOCABULARY, save_tiny

BLOCKS = {
    "gpt2": 3,
    "llama": 3,
    "mixtral": 2,
    "neox": 2,
    "opt": 2,
    "bert": 3,
    "roberta": 2,
    "albert": 3,
    "fnet": 2,
    "t5": 3,
    "bart": 3,
}
FINAL_NORM = {
    "gpt2": "ln_f",
    "llama": "norm",
    "mixtral": "norm",
    "neox": "final_layer_norm",
    "opt": "decoder.final_layer_norm",
    "t5": "final_layer_norm",
}


def loaded(folder: Path, **options) -> LoadedModel:
    return load(resolve(str(folder)), **{"max_length": None, **options})


def edit(file: Path, **values) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text()), **values}))


def edit_weights(folder: Path, change) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    save_file(change(weights), folder / "model.safetensors", metadata={"format": "pt"})


@pytest.fixture
def bert(tiny, tmp_path):
    """A copy of the tiny BERT to break."""
    return shutil.copytree(tiny("bert"), tmp_path / "bert")


@pytest.mark.parametrize("kind", KINDS)
def test_every_architecture_is_recognised_by_what_it_does(kind, tiny):
    model = loaded(tiny(kind))
    assert model.layers == BLOCKS[kind] + 1
    assert model.widths == (32,) * model.layers
    assert model.causal == (kind in DECODERS)
    assert model.respects_padding_mask == (kind != "fnet")
    assert model.warnings == ()


@pytest.mark.parametrize("kind", KINDS)
def test_the_stream_is_the_hidden_states_and_the_last_layer_is_read_before_the_final_norm(kind, tiny):
    model = loaded(tiny(kind))
    ids = torch.randint(5, VOCABULARY, (3, 11), generator=torch.Generator().manual_seed(1))
    attended = torch.arange(11) < torch.tensor([[11], [7], [2]])
    states = states_of(model, ids, attended)
    with torch.inference_mode():
        output = model.stack(input_ids=ids, attention_mask=attended.long(), output_hidden_states=True)
        last = model.stack.get_submodule(FINAL_NORM[kind])(states[-1]) if kind in FINAL_NORM else states[-1]
        if kind == "opt":  # projects to a narrower width behind its norm
            last = model.stack.decoder.project_out(last)
    assert len(output.hidden_states) == model.layers or kind == "albert"
    if kind != "albert":  # which reports its repeated block's states otherwise
        for state, expected in zip(states[:-1], output.hidden_states[:-1], strict=True):
            assert torch.equal(state, expected)
    torch.testing.assert_close(last, output.last_hidden_state, rtol=1e-5, atol=1e-6)
    assert kind not in FINAL_NORM or not torch.equal(states[-1], output.last_hidden_state)


def test_one_model_can_be_run_again_and_again(tiny):
    model = loaded(tiny("albert"))
    ids, attended = torch.arange(10, 16)[None], torch.ones(1, 6, dtype=torch.bool)
    first, again = states_of(model, ids, attended), states_of(model, ids, attended)
    assert len(first) == 4
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.stack.modules())


def test_a_bfloat16_checkpoint_is_read_in_float32(tiny, tmp_path):
    from transformers import AutoModel

    folder = shutil.copytree(tiny("llama"), tmp_path / "llama")
    AutoModel.from_pretrained(folder, dtype=torch.bfloat16).save_pretrained(folder)
    assert json.loads((folder / "config.json").read_text())["dtype"] == "bfloat16"
    model = loaded(folder)
    assert {parameter.dtype for parameter in model.stack.parameters()} == {torch.float32}


@pytest.mark.parametrize(
    ("kind", "prefix", "suffix", "bos"),
    [
        ("gpt2", (), (), "<|end|>"),
        ("llama", ("<s>",), (), "<s>"),
        ("neox", (), (), None),
        ("bert", ("[CLS]",), ("[SEP]",), None),
        ("t5", (), ("</s>",), None),
    ],
)
def test_what_a_tokenizer_puts_around_a_text_is_seen(kind, prefix, suffix, bos, tiny):
    encoder = loaded(tiny(kind)).encoder
    names = encoder.tokenizer.convert_ids_to_tokens
    assert (tuple(names(encoder.prefix)), tuple(names(encoder.suffix))) == (prefix, suffix)
    assert encoder.tokenizer.bos_token == bos
    assert encoder.with_bos().prefix == ((encoder.bos_id,) if bos else encoder.prefix)


def test_the_unknown_token_is_the_texts_own_unless_it_has_another_role(tiny):
    bert, gpt2 = loaded(tiny("bert")).encoder, loaded(tiny("gpt2")).encoder
    assert set(bert.tokenizer.convert_ids_to_tokens(bert.special_ids)) == {"[PAD]", "[CLS]", "[SEP]", "[MASK]"}
    assert gpt2.special_ids == (gpt2.tokenizer.unk_token_id,)


@pytest.mark.parametrize("kind", KINDS)
def test_texts_are_framed_as_the_tokenizer_frames_them(kind, tiny):
    encoder = loaded(tiny(kind)).encoder
    for text, encoded in zip(SENTENCES, encoder.encode(SENTENCES, 64), strict=True):
        assert encoded.ids.tolist() == encoder.tokenizer(text)["input_ids"]
        assert encoded.own.sum() == len(encoder.tokenizer(text, add_special_tokens=False)["input_ids"])
        assert not encoded.cut


def test_a_cut_text_keeps_its_beginning_and_its_frame(tiny):
    encoder = loaded(tiny("bert")).encoder
    whole, cut = encoder.encode(SENTENCES[:1], 64)[0], encoder.encode(SENTENCES[:1], 7)[0]
    assert cut.ids.tolist() == [*whole.ids[:6], whole.ids[-1]]
    assert cut.cut
    assert not encoder.encode(SENTENCES[:1], len(whole.ids))[0].cut


@pytest.mark.parametrize(("kind", "limit"), [("gpt2", 64), ("opt", 64), ("bart", 64), ("roberta", 62)])
def test_a_text_can_be_as_long_as_the_model_takes_and_no_longer(kind, limit, tiny):
    model = loaded(tiny(kind))
    assert model.max_length == limit
    ids = torch.full((1, limit), VOCABULARY - 1)
    states_of(model, ids, torch.ones_like(ids, dtype=torch.bool))
    with refused("--max-length", f"takes {limit} tokens", kind=UsageError):
        loaded(tiny(kind), max_length=limit + 1)


def test_relative_positions_have_no_limit_but_the_default(tiny):
    assert loaded(tiny("t5")).max_length == 512
    assert loaded(tiny("t5"), max_length=2_000).max_length == 2_000


def test_the_tokenizers_own_limit_is_a_default_that_can_be_passed(bert):
    edit(bert / "tokenizer_config.json", model_max_length=20)
    assert loaded(bert).max_length == 20
    assert loaded(bert, max_length=64).max_length == 64


def test_a_length_without_room_for_a_text_is_refused(tiny):
    with refused("at least 3", kind=UsageError):
        loaded(tiny("bert"), max_length=2)


def test_loading_prints_nothing(bert, capfd):
    edit_weights(bert, lambda weights: {name: weights[name] for name in list(weights)[1:]})
    capfd.readouterr()
    loaded(bert)
    assert capfd.readouterr() == ("", "")


def test_weights_that_were_set_at_random_are_warned_of_except_the_poolers(bert):
    edit_weights(bert, lambda weights: {name: w for name, w in weights.items() if "pooler" not in name})
    assert loaded(bert).warnings == ()
    edit_weights(bert, lambda weights: {name: w for name, w in weights.items() if "layer.1.output.dense" not in name})
    (warning,) = loaded(bert).warnings
    assert warning.startswith("2 of ")
    assert "encoder.layer.1.output.dense.bias" in warning


def test_the_decoders_weights_may_be_missing_where_the_encoder_is_read(tiny, tmp_path):
    folder = shutil.copytree(tiny("t5"), tmp_path / "t5")
    edit_weights(folder, lambda weights: {name: w for name, w in weights.items() if not name.startswith("decoder.")})
    assert loaded(folder).warnings == ()


def test_weights_of_another_model_are_refused(bert):
    edit_weights(bert, lambda weights: {f"other.{name}": w for name, w in weights.items()})
    with refused("None of them fits", kind=ModelError):
        loaded(bert)


def _no_weights(folder):
    (folder / "model.safetensors").unlink()


def _broken_weights(folder):
    (folder / "model.safetensors").write_bytes(b"\x10\0\0\0\0\0\0\0not json at all.")


def _truncated_weights(folder):
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-1000])


def _no_tokenizer(folder):
    for file in folder.glob("*token*"):
        file.unlink()


def _broken_tokenizer(folder):
    (folder / "tokenizer.json").write_text("{")


def _broken_config(folder):
    (folder / "config.json").write_text("{")


def _unknown_architecture(folder):
    edit(folder / "config.json", model_type="unheard-of")


def _other_sizes(folder):
    edit(folder / "config.json", hidden_size=64)


def test_a_weight_of_another_size_is_named(bert):
    edit(bert / "config.json", vocab_size=300)
    with refused("word_embeddings", "(320, 32)", "(300, 32)", kind=ModelError):
        loaded(bert)


@pytest.mark.parametrize(
    "spoil",
    [
        _no_weights,
        _broken_weights,
        _truncated_weights,
        _no_tokenizer,
        _broken_tokenizer,
        _broken_config,
        _unknown_architecture,
        _other_sizes,
    ],
)
def test_a_broken_checkpoint_is_one_line(spoil, bert):
    spoil(bert)
    with refused(kind=ModelError):
        loaded(bert)


@pytest.mark.parametrize("spoil", [_broken_weights, _truncated_weights])
def test_a_broken_file_of_weights_is_named(spoil, bert):
    spoil(bert)
    with refused("model.safetensors: ", "save them again", kind=ModelError):
        load(resolve(str(bert)), max_length=None)


def test_a_model_with_code_of_its_own_is_not_run_unasked(bert, tmp_path):
    (bert / "own.py").write_text(f"""
from pathlib import Path
from transformers import BertConfig, BertModel
Path({str(tmp_path / "ran")!r}).touch()
class OwnConfig(BertConfig):
    model_type = "own"
class OwnModel(BertModel):
    config_class = OwnConfig
""")
    edit(bert / "config.json", model_type="own", auto_map={"AutoConfig": "own.OwnConfig", "AutoModel": "own.OwnModel"})
    with refused("--trust-remote-code", kind=ModelError):
        loaded(bert)
    assert not (tmp_path / "ran").exists()
    assert loaded(bert, trust_remote_code=True).layers == 4
    assert (tmp_path / "ran").exists()


def test_an_architecture_without_a_stream_of_blocks_is_refused_by_name(tmp_path):
    """XLM keeps attentions, norms and feed-forward parts in lists of their own."""
    from transformers import XLMConfig, XLMModel

    torch.manual_seed(0)
    config = XLMConfig(
        vocab_size=VOCABULARY, emb_dim=32, n_layers=3, n_heads=4, max_position_embeddings=64, pad_index=1
    )
    XLMModel(config).save_pretrained(tmp_path)
    _tokenizer_of_bert(tmp_path)
    with refused("3 hidden layers", "attentions (3)", kind=ModelError):
        loaded(tmp_path)


def _tokenizer_of_bert(folder):
    source = save_tiny("bert", folder / "bert")
    for file in source.glob("*token*"):
        shutil.copy(file, folder)


def test_a_tokenizer_of_another_model_is_refused(bert):
    edit_weights(
        bert, lambda weights: {name: w[:300].clone() if "word_embeddings" in name else w for name, w in weights.items()}
    )
    edit(bert / "config.json", vocab_size=300)
    encoder = loaded(bert).encoder
    with refused("the model knows 300", kind=ModelError):
        encoder.encode(SENTENCES, 64)


def test_a_missing_gguf_reader_is_told(tmp_path, monkeypatch):
    (tmp_path / "some.gguf").write_bytes(b"GGUF")
    monkeypatch.setattr(model_module, "find_spec", lambda name: None)
    with refused("llm-mri-graph[gguf]", kind=ModelError):
        loaded(tmp_path / "some.gguf")


def test_a_file_that_is_no_gguf_is_one_line(tmp_path):
    (tmp_path / "some.gguf").write_bytes(b"nothing of the kind")
    with refused(kind=ModelError):
        loaded(tmp_path / "some.gguf")


def test_a_tokenizer_in_python_only_works(tmp_path):
    from transformers import ByT5Tokenizer, T5Config, T5Model

    torch.manual_seed(0)
    T5Model(T5Config(vocab_size=400, d_model=32, d_kv=8, d_ff=64, num_heads=4, num_layers=2)).save_pretrained(tmp_path)
    ByT5Tokenizer().save_pretrained(tmp_path)
    encoder = loaded(tmp_path).encoder
    assert not encoder.tokenizer.is_fast
    assert encoder.encode(["ab"], 64)[0].ids.tolist() == [ord("a") + 3, ord("b") + 3, 1]


def test_a_tokenizer_kept_as_a_sentencepiece_model_only_works(tiny, tmp_path):
    import sentencepiece

    folder = shutil.copytree(tiny("t5"), tmp_path / "t5")
    _no_tokenizer(folder)
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(SENTENCES * 20),
        model_prefix=str(folder / "spiece"),
        vocab_size=40,
        pad_id=0,
        eos_id=1,
        unk_id=2,
        bos_id=-1,
        minloglevel=2,
    )
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "T5Tokenizer", "extra_ids": 0}')
    encoder = loaded(folder).encoder
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / "spiece.model")).encode(SENTENCES[0])
    assert encoder.encode(SENTENCES[:1], 64)[0].ids.tolist() == [*pieces, 1]


@pytest.mark.model
def test_minilm_is_an_encoder_of_six_layers():
    model = load(resolve("minilm"), max_length=None)
    assert model.source.name == "minilm"
    assert (model.layers, set(model.widths), model.max_length, model.causal) == (7, {384}, 512, False)
