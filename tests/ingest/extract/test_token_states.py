"""Each token's state, of every family: pooled as a scan pools them, their parts sum to the margin."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ingest.extract.extraction import extract_here
from ingest.extract.records import MemoryRows
from ingest.extract.token_states import TokenReader
from ingest.model.loading import load, resolve
from ingest.model.tokens import prompted
from ingest.pace import ScanMeter
from ingest.progress import Silent
from mri_core.atlas.fitting import fit_atlas, scores
from mri_core.atlas.kinds import ATLAS_KINDS
from mri_core.atlas.parts import TokenMap
from mri_core.records.arrays import Activations, AtlasSpec
from mri_core.records.corpus import Document
from tests.families import FAMILIES, PECULIAR
from tests.models import KINDS, SENTENCES

WORDS = sorted({word for sentence in SENTENCES for word in sentence.split()})
DRAWN = np.random.default_rng(0)
TEXTS = [" ".join(DRAWN.choice(WORDS, DRAWN.integers(1, 9))) for _ in range(24)]
AT_RANDOM = {"reformer"}  # draws anew in each pass
EXACT = 1e-4  # of the margin
ROUNDING = 1e-6  # of the squared distances whose difference it is: float32 coordinates have no more digits


def read(model, texts, pooling):
    """Tokens of each text, and its states by layer."""
    tokens, states = {}, {}

    def begin(index, of_text):
        tokens[index], states[index] = of_text, []
        return lambda layer, found: states[index].append(found)

    TokenReader(model, pooling).read(texts, begin)
    return [tokens[index] for index in range(len(texts))], [states[index] for index in range(len(texts))]


def rows_of(model, texts, pooling):
    """What a scan makes of the texts: rows for each layer."""
    rows = MemoryRows(len(texts), model.widths)
    documents = [Document(ordinal, "", text, "") for ordinal, text in enumerate(texts)]
    meter = ScanMeter(Silent(), np.array([len(text) for text in texts]))
    extract_here(model, documents, len(texts), rows.opened, pooling=pooling, meter=meter)
    return rows.layers


@pytest.mark.parametrize("name", [*KINDS, *FAMILIES, *PECULIAR])
def test_the_parts_of_a_texts_tokens_sum_to_its_margin_in_every_layer(name, family):
    model = load(resolve(str(family(name))), max_length=48)
    tokens, states = read(model, TEXTS, "mean")
    lengths = np.array([each.read for each in tokens])
    layers = tuple(np.stack([of_text[layer].row for of_text in states]) for layer in range(model.layers))
    activations = Activations(layers, lengths)
    if name not in AT_RANDOM:
        for layer, scanned in zip(layers, rows_of(model, TEXTS, "mean"), strict=True):
            np.testing.assert_allclose(layer, scanned, rtol=1e-4, atol=1e-5 * np.abs(scanned).max())
    spec = AtlasSpec(clusters=3)
    atlas = fit_atlas(activations, spec).atlas
    for layer, (fitted, reduced) in enumerate(zip(atlas.layers, scores(atlas, activations), strict=True)):
        taking = TokenMap.of(spec, fitted, float(lengths.mean()))
        for text, of_text in enumerate(states):
            found = of_text[layer]
            assert found.pooled.sum() == len(found.states)
            assert len(found.pooled) == len(tokens[text].tokens)
            (aspect,) = ATLAS_KINDS["clusters"].aspects(fitted, reduced[text])
            squares = np.square(reduced[text] - fitted.centres[[aspect.code, aspect.versus]]).sum(axis=1)
            margin = (squares[1] - squares[0]) / 2
            total = taking.coordinates(found.states, lengths[text]).along(aspect).total
            assert total == pytest.approx(margin, rel=EXACT, abs=ROUNDING * squares.sum())


@pytest.mark.parametrize("pooling", ["mean", "mean-all", "last", "first"])
def test_positions_are_those_that_the_pooling_reads_and_the_others_say_why_they_are_left_out(pooling, family):
    model = load(resolve(str(family("bert"))), max_length=16)
    (tokens,), (layers,) = read(model, ["The cat sat on the mat and looked at the moon."], pooling)
    reasons = [token.left_out for token in tokens.tokens]
    for found in layers:
        assert found.pooled.tolist() == [not reason for reason in reasons]
        np.testing.assert_allclose(found.states.mean(axis=0), found.row, rtol=1e-5, atol=1e-6)
    assert tokens.tokens[0].text == "[CLS]"
    read_of = {"mean": 14, "mean-all": 16, "last": 1, "first": 1}[pooling]
    assert reasons.count("") == read_of
    assert reasons[-1] == {"mean": "special", "mean-all": "", "last": "special", "first": "special"}[pooling]
    assert tokens.cut > 0


def test_a_causal_models_first_position_is_left_out_as_a_sink(family):
    model = load(resolve(str(family("neox"))), max_length=32)
    (tokens,), (layers,) = read(model, ["The cat sat."], "mean")
    assert tokens.tokens[0].left_out in ("sink", "special")
    assert not any(found.pooled[0] for found in layers)


@pytest.mark.parametrize("name", ["bert", "gpt2", "llama"])
@pytest.mark.parametrize("text", ["The cat sat.", "  नमस्ते दुनिया, the 🐈 sat", "e\u0301te\u0301 in NFD"])
def test_tokens_name_the_characters_that_they_cover(name, text, family):
    model = load(resolve(str(family(name))), max_length=64)
    (tokens,), _ = read(model, [text], "mean")
    covered = [token for token in tokens.tokens if token.start is not None]
    assert covered
    for token in covered:
        assert token.text == text[token.start : token.end]
    reached = {place for token in covered for place in range(token.start, token.end)}
    assert {place for place, character in enumerate(text) if not character.isspace()} <= reached
    assert [token.start for token in covered] == sorted(token.start for token in covered)


def test_tokens_of_a_template_are_left_out_and_those_of_the_text_know_their_place_in_it(family):
    model = load(resolve(str(family("gpt2"))), max_length=40)
    encoder = prompted(model.encoder, "Classify: {text}!\nThe class is", chat=False, max_length=40)
    model = replace(model, encoder=encoder)
    text = "The cat sat on the mat and looked at the moon. " * 2
    (tokens,), (layers, *_) = read(model, [text], "mean")
    own = [token for token in tokens.tokens if not token.left_out]
    assert {token.left_out for token in tokens.tokens} >= {"", "template"}
    assert tokens.cut > 0
    assert "".join(token.text for token in own) in text
    assert own[0].start == 0
    assert layers[0].pooled.sum() == len(own)
