"""A scan of tokens from its corpus to its graph: every count is made again from states that transformers gives."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch

import mri
from ingest.frozen import frequency_in
from ingest.pipeline import run
from ingest.request import Request
from ingest.scan.opening import open_scan
from ingest.studies.probing import probe_study
from ingest.studies.reread import reread
from mri_core.atlas.file import unpack_atlas
from mri_core.errors import UsageError
from mri_core.records.measures import CONFOUND, FINDINGS
from mri_core.store.reading import ALL
from tests.engines import Engine
from tests.ingest.refusal import refused

pytestmark = [pytest.mark.engine, pytest.mark.model]

WORDS = {"law": ["judge", "court", "appeal", "hears", "the"], "food": ["sauce", "onions", "stir", "soft", "the"]}
TAGS = {"judge": "NOUN", "court": "NOUN", "appeal": "NOUN", "sauce": "NOUN", "onions": "NOUN", "the": "DET"}
TEXTS = 36


def sentences():
    generator = np.random.default_rng(3)
    return [
        (label, [str(word) for word in generator.choice(WORDS[label], generator.integers(3, 14))])
        for label in ("law", "food") * (TEXTS // 2)
    ]


@pytest.fixture(scope="module")
def environment(engine: Engine, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MRI_CACHE", str(tmp_path_factory.mktemp("cache")))
        for name, value in engine.environment.items():
            patch.setenv(name, value)
        yield tmp_path_factory.mktemp("corpora")


@pytest.fixture(scope="module")
def by_text(environment, engine, store, tiny):
    """A study of tokens with the category of their text, whose atlas is fitted to a sample of them."""
    path = environment / "texts.csv"
    path.write_text("\n".join(["label,text", *(f"{label},{' '.join(words)}" for label, words in sentences())]))
    request = Request(corpus=path, name="by-text", model=str(tiny("bert")), unit="token", fit_on=150, refits=2)
    run(replace(request, clusters=5), store=engine.location)
    return store.study("by-text")


@pytest.fixture(scope="module")
def by_tag(environment, engine, store, tiny):
    """A study of words with tags of their own."""
    path = environment / "tags.jsonl"
    rows = [{"tokens": words, "tags": [TAGS.get(word, "VERB") for word in words]} for _, words in sentences()]
    path.write_text("\n".join(map(json.dumps, rows)))
    request = Request(corpus=path, name="by-tag", model=str(tiny("bert")), unit="token", tags="tags", text="tokens")
    run(replace(request, clusters=4, refits=2), store=engine.location)
    return store.study("by-tag")


@pytest.fixture(scope="module")
def states(tiny):
    """For each text its ids, the characters of its own tokens, and their states in each layer, from transformers."""
    from transformers import AutoModel, AutoTokenizer

    tokenizer, model = AutoTokenizer.from_pretrained(tiny("bert")), AutoModel.from_pretrained(tiny("bert")).eval()
    found = []
    for _, words in sentences():
        text = tokenizer(" ".join(words), return_tensors="pt", return_offsets_mapping=True)
        offsets = text.pop("offset_mapping")[0].numpy()
        own = np.flatnonzero(~np.isin(text["input_ids"][0].numpy(), tokenizer.all_special_ids))
        with torch.inference_mode():
            hidden = model(**text, output_hidden_states=True).hidden_states
        rows = [layer[0, own].double().numpy() for layer in hidden]
        found.append((text["input_ids"][0, own].numpy(), offsets[own], rows))
    return found


def regions_of(store, study, ids, places, rows, everything):
    """(tokens, layers) codes by the arrays of the study's atlas, computed here: adjusted, standardised, nearest."""
    atlas = unpack_atlas(store.atlas(study), study.atlas_hash)
    counts = Counter(everything.tolist())
    frequency = np.log1p([counts[each] for each in ids.tolist()])
    terms = np.stack([np.ones(len(ids)), 1 / places, np.log(places), places, frequency], axis=1)
    codes = []
    for layer, own in zip(atlas.layers, rows, strict=True):
        standard = (own - layer.mean - terms @ layer.length_coefficients) / layer.scale
        reduced = standard @ layer.components.T
        codes.append(np.square(reduced[:, None] - layer.centres[None]).sum(axis=2).argmin(axis=1))
    return np.stack(codes, axis=1)


def expected(store, study, states):
    """The regions of all tokens of the study of texts, its texts, and its labels."""
    ids = np.concatenate([own for own, _, _ in states])
    places = np.concatenate([np.arange(1, len(own) + 1) for own, _, _ in states])
    rows = [np.concatenate([layers[at] for _, _, layers in states]) for at in range(len(states[0][2]))]
    texts = np.repeat(np.arange(len(states)), [len(own) for own, _, _ in states])
    labels = np.array([label for label, _ in sentences()])[texts]
    return regions_of(store, study, ids, places, rows, ids), texts, labels


def test_tokens_are_counted_where_the_states_that_transformers_gives_lie(store, by_text, states):
    codes, texts, _ = expected(store, by_text, states)
    assert by_text.tokens == len(codes)
    assert by_text.documents == TEXTS
    assert json.loads(by_text.report)["fitted_to"] < len(codes)
    asked = (
        "MATCH (r:Region {llm_mri: true, study: $study}) "
        "RETURN r.layer AS layer, r.name AS name, r.tokens AS tokens, r.documents AS documents"
    )
    stored = {tuple(row[:2]): tuple(row[2:]) for row in store.read(asked, {"study": by_text.id}, max_rows=ALL).rows}
    assert stored == {
        (layer, str(code)): (int((own == code).sum()), len(set(texts[own == code])))
        for layer, own in enumerate(codes.T)
        for code in np.unique(own)
    }


def test_connections_count_tokens_and_the_texts_that_they_are_of(store, by_text, states):
    codes, texts, labels = expected(store, by_text, states)
    asked = (
        "MATCH (a:Region {llm_mri: true, study: $study})-[f:FLOWS_TO]->(b:Region) "
        "RETURN a.layer AS layer, a.name AS a, b.name AS b, f.category AS c, f.weight AS weight, f.documents AS n"
    )
    rows = store.read(asked, {"study": by_text.id}, max_rows=ALL).rows
    found = {(row[0], row[1], row[2], row[3]): (row[4], row[5]) for row in rows}
    for layer in range(codes.shape[1] - 1):
        pairs = Counter(zip(codes[:, layer], codes[:, layer + 1], labels, strict=True))
        for (a, b, label), weight in pairs.items():
            on = (codes[:, layer] == a) & (codes[:, layer + 1] == b) & (labels == label)
            assert found.pop((layer, str(a), str(b), label)) == (weight, len(set(texts[on])))
    assert not found


def test_each_categorys_tokens_between_two_layers_add_up_to_its_tokens(store, by_text, by_tag):
    for study in (by_text, by_tag):
        asked = (
            "MATCH (a:Region {llm_mri: true, study: $study})-[f:FLOWS_TO]->(:Region) "
            "MATCH (c:Category {llm_mri: true, study: $study, name: f.category}) "
            "RETURN a.layer AS layer, c.name AS name, sum(f.weight) AS weight, c.tokens AS tokens"
        )
        rows = store.read(asked, {"study": study.id}, max_rows=ALL).rows
        assert len(rows) == (study.layers - 1) * study.categories
        assert all(weight == tokens for _, _, weight, tokens in rows)
        assert sum(tokens for layer, _, _, tokens in rows if layer == 0) == study.tokens


def test_a_text_passes_a_region_with_so_many_of_its_tokens(store, by_text, states):
    codes, texts, _ = expected(store, by_text, states)
    asked = (
        "MATCH (d:Document {llm_mri: true, study: $study})-[p:PASSES]->(r:Region) "
        "RETURN d.ordinal AS text, p.layer AS layer, r.name AS name, p.tokens AS tokens"
    )
    rows = store.read(asked, {"study": by_text.id}, max_rows=ALL).rows
    assert {tuple(row[:3]): row[3] for row in rows} == {
        (text, layer, str(code)): count
        for layer, own in enumerate(codes.T)
        for (text, code), count in Counter(zip(texts.tolist(), own.tolist(), strict=True)).items()
    }


def test_words_with_tags_have_the_state_of_their_first_piece_and_their_tags_category(store, by_tag, states):
    ids, places, rows, tags = [], [], [[] for _ in states[0][2]], []
    for (own, offsets, layers), (_, words) in zip(states, sentences(), strict=True):
        start = 0
        for word in words:
            first = int(np.flatnonzero((offsets[:, 0] < start + len(word)) & (offsets[:, 1] > start))[0])
            start += len(word) + 1
            ids.append(own[first])
            places.append(first + 1)
            tags.append(TAGS.get(word, "VERB"))
            for layer, of_layer in zip(rows, layers, strict=True):
                layer.append(of_layer[first])
    rows = [np.stack(own) for own in rows]
    codes = regions_of(store, by_tag, np.array(ids), np.array(places), rows, np.array(ids))
    assert by_tag.tokens == len(tags)
    asked = (
        "MATCH (r:Region {llm_mri: true, study: $study})-[a:ACTIVATED_BY]->(c:Category) "
        "RETURN r.layer AS layer, r.name AS region, c.name AS category, a.tokens AS tokens"
    )
    found = {tuple(row[:3]): row[3] for row in store.read(asked, {"study": by_tag.id}, max_rows=ALL).rows}
    assert found == {
        (layer, str(code), tag): count
        for layer, own in enumerate(codes.T)
        for (code, tag), count in Counter(zip(own.tolist(), tags, strict=True)).items()
    }
    asked = "MATCH (d:Document {llm_mri: true, study: $study}) RETURN count(d) AS n, count(d.category) AS named"
    assert store.read(asked, {"study": by_tag.id}, max_rows=ALL).rows == ((TEXTS, 0),)


def test_regions_are_told_by_their_tokens_in_context(store, by_text):
    asked = (
        "MATCH (r:Region {llm_mri: true, study: $study}) "
        "RETURN r.keywords AS words, r.contexts AS contexts, r.exemplars AS texts"
    )
    known = [" ".join(words) for _, words in sentences()]
    for words, contexts, texts in store.read(asked, {"study": by_text.id}, max_rows=ALL).rows:
        assert len(contexts) == len(texts) > 0
        for context, text in zip(contexts, texts, strict=True):
            assert context.replace("«", "").replace("»", "").strip("…") in known[text]
        assert all(word.removeprefix("##") in " ".join(known) or not word.isascii() for word in words)


def test_findings_are_tested_within_types_and_confounds_are_measured_by_layer(store, by_text):
    found = {measure.other: measure for measure in store.measures(by_text, [FINDINGS])}
    for family in ("connections", "regions"):
        assert 0 <= found[family].details["within"] <= found[family].value
    confounds = store.measures(by_text, [CONFOUND])
    for name in ("position", "frequency", "type"):
        assert sorted(m.layer for m in confounds if m.other == name and m.layer is not None) == [*range(by_text.layers)]


def test_the_same_scan_changes_nothing_and_another_unit_is_another_study(by_text, environment, engine, tiny):
    request = Request(
        corpus=environment / "texts.csv", name="by-text", model=str(tiny("bert")), unit="token", fit_on=150, refits=2
    )
    again = run(replace(request, clusters=5), store=engine.location)
    assert (again.status, again.study.id, again.added) == ("unchanged", by_text.id, ())
    documents = run(replace(request, unit="document", fit_on=None, clusters=5, name="docs"), store=engine.location)
    assert documents.study.unit == "document"
    assert documents.study.corpus_hash == by_text.corpus_hash


def test_rows_are_read_again_and_a_probe_predicts_the_tags_of_words(by_tag):
    found = reread(by_tag)
    assert found.documents.documents == by_tag.tokens
    assert found.names == ("DET", "NOUN", "VERB")
    measures = probe_study(by_tag, splits=2)
    accuracy = {m.other: m.value for m in measures if m.kind == "probe" and m.layer == 0}
    assert max(value for value in accuracy.values() if value is not None) > 0.9  # a word's embedding is its own


def test_later_texts_are_placed_in_the_atlas_of_a_study_of_tokens(by_text, environment, engine, store, states):
    path = environment / "later.csv"
    rows = [f"{label},{' '.join(words)}" for label, words in sentences()[:8]]
    path.write_text("\n".join(["label,text", *rows]))
    run(Request(corpus=path, name="later", atlas_of="by-text", unit="token", refits=0), store=engine.location)
    later = store.study("later")
    assert (later.unit, later.documents, later.atlas_hash) == ("token", 8, by_text.atlas_hash)
    codes, texts, _ = expected(store, by_text, states)  # frequencies are those of the atlas's own texts
    ids = np.concatenate([own for own, _, _ in states])
    again = reread(later, frequency=frequency_in(store, later)).activations.tokens
    assert again[:, 1] == pytest.approx(np.log1p([(ids == own).sum() for own in ids[texts < 8]]))
    assert frequency_in(store, by_text) is None
    asked = (
        "MATCH (d:Document {llm_mri: true, study: $study})-[p:PASSES]->(r:Region) "
        "RETURN d.ordinal AS text, p.layer AS layer, r.name AS name, p.tokens AS tokens"
    )
    found = {tuple(row[:3]): row[3] for row in store.read(asked, {"study": later.id}, max_rows=ALL).rows}
    assert found == {
        (text, layer, str(code)): count
        for layer, own in enumerate(codes.T)
        for (text, code), count in Counter(zip(texts.tolist(), own.tolist(), strict=True)).items()
        if text < 8
    }


def test_a_notebook_has_the_activations_of_each_token_and_where_it_is(by_text, engine, states):
    view = mri.study("by-text", store=engine.location)
    with pytest.warns(UserWarning, match="study.fitted_tokens says which"):
        rows = view.activations(2)
    frame = view.fitted_tokens
    assert len(frame) == len(rows) == json.loads(by_text.report)["fitted_to"] < by_text.tokens
    known = sentences()
    for row, found in zip(rows, frame.itertuples(), strict=True):
        text = int(found.document.removeprefix("D"))
        label, words = known[text]
        _, offsets, layers = states[text]
        spelled = " ".join(words)
        (place,) = (
            at
            for at, (begin, end) in enumerate(offsets)
            if end == found.end and spelled[begin:end].strip() == spelled[found.start : found.end]
        )
        assert (found.category, found.type.removeprefix("##")) == (label, spelled[found.start : found.end])
        np.testing.assert_allclose(row, layers[2][place], rtol=1e-4, atol=1e-5)
    with refused("scan of tokens", "study.fitted_tokens", kind=UsageError):
        view.fitted  # noqa: B018


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"holdout": 0.3}, "document by document"),
        ({"atlas": "components"}, "nothing could be counted"),
        ({"compile": "on"}, "number of tokens"),
        ({"pooling": "last"}, "a row of its own"),
    ],
)
def test_what_takes_whole_texts_is_refused_in_one_line(environment, options, why):
    with refused(why, kind=UsageError):
        Request(corpus=environment / "texts.csv", name="d", unit="token", **options).check()


def test_what_is_done_with_tags_is_refused_where_a_corpus_has_none_before_a_model_is_looked_for(environment):
    for options, flags in (({"untagged": True}, "--untagged"), ({"subtokens": "mean"}, "--subtokens")):
        request = Request(corpus=environment / "texts.csv", name="d", model="no/model", unit="token", **options)
        request.check()
        with refused(f"{flags} would do nothing", "--tags", kind=UsageError):
            open_scan(request)


def test_a_study_without_its_attention_sinks_is_read_again_as_it_was(environment, engine, store, tiny, tmp_path):
    from transformers import AutoModel, AutoTokenizer

    tokenizer, model = AutoTokenizer.from_pretrained(tiny("llama")), AutoModel.from_pretrained(tiny("llama"))
    massive = tokenizer("judge the sauce")["input_ids"][-1]
    with torch.no_grad():
        model.get_input_embeddings().weight[massive] *= 10_000
    for part in (tokenizer, model):
        part.save_pretrained(tmp_path / "massive")
    path = environment / "sinks.csv"
    path.write_text("\n".join(["label,text", *(f"{label},{' '.join(words)}" for label, words in sentences())]))
    request = Request(corpus=path, name="sinks", model=str(tmp_path / "massive"), unit="token", clusters=4, refits=0)
    made = run(request, store=engine.location).study
    sunk = json.loads(made.report)["sunk_tokens"]
    assert sunk > 0
    found = reread(made)
    assert found.documents.documents == made.tokens == len(found.activations.layers[0])
    assert run(request, store=engine.location).status == "unchanged"
