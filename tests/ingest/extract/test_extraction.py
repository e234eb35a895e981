"""Rows against a truth worked out one text at a time from `output_hidden_states`, pooled with numpy."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch

from ingest.cache.row_files import read_extraction, row_folder
from ingest.extract.extraction import extract_here
from ingest.model.loading import load, resolve
from mri_core.errors import CorpusError, ModelError, MriError
from mri_core.records.corpus import Document
from tests.ingest.refusal import refused
from tests.models import KINDS, SENTENCES

TEXTS = (
    *SENTENCES,
    "Cats sat.",
    "The moon, again: " + "stir and stir " * 5,
    "x",
    "Onions rise before the court, softly.",
)
DOCUMENTS = tuple(
    Document(ordinal, "even" if ordinal % 2 == 0 else "odd", text, title="") for ordinal, text in enumerate(TEXTS)
)
BOS_ADDED = {"gpt2": "<|end|>"}  # what `mean` and `last` put first, as the tokenizer knows it but does not add it


class Told:
    """A meter that keeps what it is told."""

    def __init__(self):
        self.wanted, self.windows, self.batches = None, [], []

    def begin(self, wanted, max_length):
        self.wanted = wanted

    def window(self, ordinals, tokens):
        self.windows.append(dict(zip(ordinals, tokens, strict=True)))

    def batch(self, tokens, *, ran):
        self.batches.append((list(tokens), ran))


def loaded(folder, **options):
    return load(resolve(str(folder)), **{"max_length": None, **options})


def scanned(model, folder, *, documents=DOCUMENTS, count=None, **options):
    def rows(widths):
        return row_folder(folder, widths, count or len(documents))

    chosen = {"pooling": "mean", "meter": Told(), **options}
    conditions = extract_here(model, documents, count or len(documents), rows, **chosen)
    return read_extraction(folder, model.layers, conditions)


def true_rows(folder, kind, pooling, text):
    """A text's row in each layer but the last, which `output_hidden_states` has after the final norm; its tokens."""
    from transformers import AutoModel, AutoTokenizer

    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder, dtype=torch.float32)
    ids = tokenizer(text)["input_ids"]
    own = [
        token not in set(tokenizer.all_special_tokens) - {"[UNK]", "<unk>"}
        for token in tokenizer.convert_ids_to_tokens(ids)
    ]
    tokens = sum(own)
    if pooling in ("mean", "last") and kind in BOS_ADDED:
        ids, own = [tokenizer.convert_tokens_to_ids(BOS_ADDED[kind]), *ids], [False, *own]
    if pooling == "mean" and kind == "neox" and tokens > 1:  # knows no such token: its sink is the first word
        own[0] = False
    with torch.inference_mode():
        stack = model.encoder if kind in ("t5", "bart") else model
        states = stack(input_ids=torch.tensor([ids]), output_hidden_states=True).hidden_states[:-1]
    states = [state[0].numpy() for state in states]
    if pooling == "mean":
        return [state[own].mean(axis=0) for state in states], tokens
    if pooling == "mean-all":
        return [state.mean(axis=0) for state in states], tokens
    place = 0 if pooling == "first" else max(np.flatnonzero(own))
    return [state[place] for state in states], tokens


@pytest.mark.parametrize("pooling", ["mean", "last", "first", "mean-all"])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "albert"])
def test_rows_equal_those_worked_out_one_text_at_a_time(kind, pooling, tiny, tmp_path):
    found = scanned(loaded(tiny(kind)), tmp_path, pooling=pooling)
    for document in DOCUMENTS:
        rows, tokens = true_rows(tiny(kind), kind, pooling, document.text)
        assert found.activations.tokens[document.ordinal] == tokens
        for layer, row in zip(found.activations.layers[:-1], rows, strict=True):
            np.testing.assert_allclose(layer[document.ordinal], row, rtol=1e-4, atol=1e-5)


def test_rows_are_float32_files_in_the_order_of_the_documents(tiny, tmp_path):
    found = scanned(loaded(tiny("bert")), tmp_path / "new" / "folder")
    for index, layer in enumerate(found.activations.layers):
        assert isinstance(layer, np.memmap)
        assert (layer.dtype, layer.shape) == (np.float32, (len(DOCUMENTS), 32))
        np.testing.assert_array_equal(layer, np.load(tmp_path / "new" / "folder" / f"L{index}.npy"))
    np.testing.assert_array_equal(found.activations.tokens, found.facts.read)


@pytest.mark.parametrize("kind", ["gpt2", "mixtral", "bert", "fnet", "t5"])
def test_batching_changes_nothing_but_rounding_and_the_same_settings_give_the_same_bits(kind, tiny, tmp_path):
    model = loaded(tiny(kind))
    once, again = scanned(model, tmp_path / "1"), scanned(model, tmp_path / "2")
    alone = scanned(model, tmp_path / "3", batch_tokens=1)
    backwards = scanned(model, tmp_path / "4", documents=DOCUMENTS[::-1], batch_tokens=64)
    for layers in zip(*(found.activations.layers for found in (once, again, alone, backwards)), strict=True):
        np.testing.assert_array_equal(layers[0], layers[1])
        np.testing.assert_allclose(layers[0], layers[2], rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(layers[0], layers[3], rtol=1e-4, atol=1e-5)


def test_every_document_is_told_of_with_its_tokens_before_it_runs_and_when_it_is_done(tiny, tmp_path):
    told, model = Told(), loaded(tiny("bert"))
    scanned(model, tmp_path, documents=iter(DOCUMENTS), count=len(DOCUMENTS), meter=told, batch_tokens=64)
    assert told.wanted.tolist() == [True] * len(DOCUMENTS)
    (window,) = told.windows
    assert [window[ordinal] for ordinal in range(len(TEXTS))] == [
        len(model.encoder.tokenizer(text)["input_ids"]) for text in TEXTS
    ]
    assert sorted(count for tokens, ran in told.batches if ran for count in tokens) == sorted(window.values())
    assert len(told.batches) > 1


def test_tokens_that_were_cut_off_are_counted_and_the_text_is_pooled_over_what_is_left(tiny, tmp_path):
    model = loaded(tiny("bert"), max_length=12)
    found = scanned(model, tmp_path)
    lengths = [len(model.encoder.tokenizer(text, add_special_tokens=False)["input_ids"]) for text in TEXTS]
    np.testing.assert_array_equal(found.facts.cut, np.maximum(0, np.array(lengths) - 10))
    np.testing.assert_array_equal(found.activations.tokens, np.minimum(lengths, 10))


def test_a_token_with_a_massive_norm_is_left_out_and_counted_by_layer(tiny, tmp_path):
    """T5 adds the embedding to the stream as it is: a token made 10,000 times as long stays so in every layer."""
    model = loaded(tiny("t5"))
    sink = model.encoder.tokenizer.convert_tokens_to_ids("j")
    plain = [Document(0, "a", "The cat sat on a mat.", ""), Document(1, "a", "A moon.", "")]
    with torch.no_grad():
        model.stack.get_input_embeddings().weight[sink] *= 10_000
    before = scanned(model, tmp_path / "1", documents=plain)
    spoilt = scanned(model, tmp_path / "2", documents=[replace(plain[0], text=f"{plain[0].text}jj"), plain[1]])
    assert (before.facts.sinks == 0).all()
    np.testing.assert_array_equal(spoilt.facts.sinks, np.repeat([[2], [0]], model.layers, axis=1))
    np.testing.assert_allclose(spoilt.activations.layers[0], before.activations.layers[0], rtol=1e-5, atol=1e-6)
    everything = scanned(model, tmp_path / "3", documents=[replace(plain[0], text="jj cat")], pooling="mean-all")
    assert (everything.facts.sinks == 0).all()
    assert np.abs(everything.activations.layers[0]).max() > 1_000


def test_a_text_of_special_tokens_only_keeps_what_it_has_and_is_counted(tiny, tmp_path):
    documents = [Document(0, "a", "[SEP][SEP]", ""), Document(1, "a", "The cat", "")]
    found = scanned(loaded(tiny("bert")), tmp_path / "1", documents=documents)
    whole = scanned(loaded(tiny("bert")), tmp_path / "2", documents=documents, pooling="mean-all")
    assert found.facts.unread.sum() == 1
    assert found.activations.tokens.tolist()[0] == 1
    np.testing.assert_array_equal(found.activations.layers[2][0], whole.activations.layers[2][0])


def test_a_one_token_text_of_a_decoder_without_a_beginning_keeps_it_and_is_counted(tiny, tmp_path):
    found = scanned(loaded(tiny("neox")), tmp_path)
    assert found.facts.unread.sum() == 1  # "x"


def test_a_text_that_is_no_token_at_all_is_given_a_row(tiny, tmp_path):
    found = scanned(loaded(tiny("neox")), tmp_path, documents=[Document(0, "a", "", ""), Document(1, "a", "a cat", "")])
    assert found.facts.unread.sum() == 1
    assert np.isfinite(found.activations.layers[1]).all()


def test_values_that_are_not_finite_are_refused_with_their_layer(tiny, tmp_path):
    model = loaded(tiny("bert"))
    with torch.no_grad():
        model.stack.encoder.layer[1].output.dense.bias[0] = torch.nan
    with refused("layer 2", kind=ModelError):
        scanned(model, tmp_path)


@pytest.mark.parametrize("count", [len(DOCUMENTS) - 1, len(DOCUMENTS) + 1])
def test_a_corpus_that_changed_while_it_was_read_is_refused(count, tiny, tmp_path):
    with refused("stays as it is", kind=CorpusError):
        scanned(loaded(tiny("bert")), tmp_path, count=count)


def test_a_folder_that_cannot_be_written_is_one_line(tiny, tmp_path):
    (tmp_path / "file").touch()
    with refused("MRI_CACHE", kind=MriError):
        scanned(loaded(tiny("bert")), tmp_path / "file" / "folder")


def test_more_than_fits_on_the_disk_is_refused_before_anything_runs(tiny, tmp_path):
    too_many = shutil.disk_usage(tmp_path).total // (4 * 4 * 32) + 1
    with refused("MB free", kind=MriError):
        scanned(loaded(tiny("bert")), tmp_path, count=too_many)


@pytest.mark.model
def test_minilms_rows_equal_those_worked_out_one_text_at_a_time(tmp_path):
    model = load(resolve("minilm"), max_length=None)
    found = scanned(model, tmp_path)
    for document in DOCUMENTS:
        rows, tokens = true_rows(model.source.folder_or_repo, "bert", "mean", document.text)
        assert found.activations.tokens[document.ordinal] == tokens
        for layer, row in zip(found.activations.layers[:-1], rows, strict=True):
            np.testing.assert_allclose(layer[document.ordinal], row, rtol=1e-4, atol=1e-5)
