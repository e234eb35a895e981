"""Rows of single tokens, of every family: the states at their positions, or their regions in a frozen atlas."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
import torch

from ingest.extract.extraction import extract, here
from ingest.extract.poolings import POOLINGS
from ingest.extract.reader import Reading, encoder_for
from ingest.extract.records import FreshRows
from ingest.extract.token_planner import Choice, plan_tokens
from ingest.extract.token_rows import by_text
from ingest.extract.token_states import TokenReader
from ingest.model.loading import load, resolve
from ingest.pace import ScanMeter
from ingest.progress import Silent
from mri_core.atlas.fitting import fit_atlas, place
from mri_core.atlas.frequency import frequency_of
from mri_core.records.arrays import Activations, AtlasSpec
from mri_core.records.corpus import Document, Span
from tests.families import FAMILIES, PECULIAR
from tests.models import KINDS, SENTENCES

WORDS = sorted({word for sentence in SENTENCES for word in sentence.split()})
DRAWN = np.random.default_rng(0)
TEXTS = [" ".join(DRAWN.choice(WORDS, DRAWN.integers(1, 9))) for _ in range(24)]
DOCUMENTS = [Document(ordinal, "a", text, text) for ordinal, text in enumerate(TEXTS)]
AT_RANDOM = {"reformer"}  # draws anew in each pass


class Rows(FreshRows):
    """Rows of tokens in memory, in a type of numbers, with the facts."""

    def __init__(self, count, widths, item):
        self.layers = [np.full((count, width), 99, dtype=item) for width in widths]
        self.sinks = np.full((count, len(widths)), 99)

    def write(self, ordinals, found, facts):
        for layer, batch in zip(self.layers, found, strict=True):
            layer[list(ordinals)] = batch
        self.sinks[list(ordinals)] = facts.sinks


def scanned(model, plan, documents=DOCUMENTS, atlas=None):
    made = []

    @contextmanager
    def opened(widths):
        made.append(Rows(plan.tokens, widths, np.float32 if atlas is None else np.uint8))
        yield made[0]

    meter = ScanMeter(Silent(), np.array([len(document.text) for document in documents]))
    with here(model, Reading("mean", atlas=atlas, tokens=plan)) as executor:
        extract(executor, documents, len(documents), by_text(opened, plan), meter=meter)
    return made[0]


def planned(model, documents=DOCUMENTS, **choice):
    encoder = encoder_for(model, POOLINGS.named("mean"))
    return plan_tokens(encoder, documents, Choice(model.max_length, model.starts_bare, **choice))


@pytest.mark.parametrize("name", [*KINDS, *FAMILIES, *PECULIAR])
def test_a_token_has_the_state_of_its_position_and_the_region_of_that(name, family):
    model = load(resolve(str(family(name))), max_length=48)
    plan = planned(model)
    found = scanned(model, plan)
    assert not found.sinks.any()
    if name not in AT_RANDOM:
        for layer, rows in enumerate(states_of(model, plan)):
            np.testing.assert_allclose(found.layers[layer], rows, rtol=1e-4, atol=1e-5 * np.abs(rows).max())
    covariates = plan.covariates(frequency_of(plan.ids))
    atlas = fit_atlas(Activations(tuple(found.layers), covariates), AtlasSpec(clusters=4)).atlas
    atlas = replace(atlas, frequency=frequency_of(plan.ids))
    placed = np.concatenate(scanned(model, plan, atlas=atlas).layers, axis=1)
    expected = place(atlas, Activations(tuple(found.layers), covariates))
    if name not in AT_RANDOM:
        np.testing.assert_array_equal(placed, expected)


def states_of(model, plan):
    """For each layer the states of all planned positions, read by another reader; texts without any are left out."""
    states = {}

    def begin(index, tokens):
        states[index] = []
        return lambda layer, found: states[index].append(found.states)

    TokenReader(model, "mean").read(TEXTS, begin)
    with_tokens = np.flatnonzero(np.diff(plan.starts))
    return [np.concatenate([states[at][layer] for at in with_tokens]) for layer in range(model.layers)]


def test_a_words_row_is_the_mean_of_its_pieces_states_where_that_is_asked_for(family):
    model = load(resolve(str(family("neox"))), max_length=48)
    text = "The courts looked at appeals"
    words = (Span(4, 10, "N"), Span(11, 17, "V"), Span(21, 28, "N"))
    pieces = scanned(model, planned(model, [Document(0, "a", text, text)]), [Document(0, "a", text, text)]).layers
    whole = planned(model, [Document(0, "a", text, text)])
    tagged = [Document(0, "", text, text, spans=words)]
    for subtokens in ("first", "last", "mean"):
        found = scanned(model, planned(model, tagged, subtokens=subtokens), tagged).layers
        for layer, rows in enumerate(found):
            for word, row in zip(words, rows, strict=True):
                inside = (whole.begin < word.end) & (whole.end > word.start)
                states = pieces[layer][inside]
                expected = {"first": states[0], "last": states[-1], "mean": states.mean(axis=0)}[subtokens]
                np.testing.assert_allclose(row, expected, rtol=1e-5, atol=1e-6)
    assert (np.bincount(np.searchsorted([w.start for w in words], whole.begin, "right")) > 1).any()


def test_a_token_of_massive_norm_is_marked_as_a_sink_in_the_layers_where_it_is_one(family):
    model = load(resolve(str(family("mistral"))), max_length=48)
    texts = ["the cat sat on the mat", "a judge may hear the appeal"]
    documents = [Document(at, "a", text, text) for at, text in enumerate(texts)]
    plan = planned(model, documents)
    massive = int(plan.ids[3])
    with torch.no_grad():
        model.stack.get_input_embeddings().weight[massive] *= 10_000
    found = scanned(model, plan, documents)
    assert found.sinks[:, 0].astype(bool).tolist() == (plan.ids == massive).tolist()


def test_texts_without_a_token_to_read_have_no_row_and_change_no_others(family):
    model = load(resolve(str(family("bert"))), max_length=48)
    some = [Document(0, "a", "The cat sat.", ""), Document(1, "a", "…", ""), Document(2, "a", "on the mat", "")]
    spans = [replace(some[0], spans=(Span(4, 7, "N"),)), replace(some[1], spans=()), replace(some[2], spans=())]
    found = scanned(model, planned(model, spans), spans)
    assert [len(layer) for layer in found.layers] == [1] * model.layers
    alone = scanned(model, planned(model, some[:1]), some[:1])
    for layer, rows in enumerate(found.layers):
        np.testing.assert_allclose(rows[0], alone.layers[layer][1], rtol=1e-5, atol=1e-6)
