"""Scans whose units are tokens: what is read and stored of them, and what is placed as it passes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from ingest.extract import reader
from ingest.extract.records import Found
from ingest.extract.token_corpus import count_types, tokens_of, window
from ingest.model.loading import load, resolve
from ingest.request import Request
from ingest.run import Run
from ingest.scan.from_tokens import TokenScan
from ingest.scan.opening import open_scan
from mri_core.atlas.compact import with_rest
from mri_core.atlas.fitting import fit_atlas, place
from mri_core.errors import CorpusError, UsageError
from mri_core.texts.keywords import keywords
from tests.ingest.refusal import refused

WORDS = ["cat", "mat", "moon", "court", "judge", "sauce", "onions", "the", "a", "on"]


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MRI_CACHE", str(tmp_path / "cache"))
    generator = np.random.default_rng(0)
    rows = [f"{' '.join(generator.choice(WORDS, generator.integers(2, 12)))},{'aab'[i % 3]}" for i in range(40)]
    path = tmp_path / "c.csv"
    path.write_text("\n".join(["text,label", *rows, rows[0]]), encoding="utf-8")  # a text that is repeated
    return path


@pytest.fixture
def request_of(corpus, tiny):
    return Request(corpus=corpus, name="c", model=str(tiny("bert")), unit="token")


def placed(scan):
    """The atlas of a scan's sample, its tokens' regions, and the scan of those that have one."""
    scan, scanned = scan.settled(scan.read(Run()))
    fit = fit_atlas(scanned.activations, scan.request.atlas_spec)
    fit = fit._replace(atlas=replace(fit.atlas, frequency=scan.frequency))
    if scan.sample is None:
        return fit, scan, scanned
    rest = scan.place_rest(fit.atlas, scanned, Run())
    return with_rest(fit, rest.scan.sample, rest.rows), rest.scan, rest.scanned


def test_each_token_is_a_unit_with_its_texts_category_and_its_text_as_group(request_of):
    tokens = open_scan(request_of).documents
    texts = [document.category for document in tokens.texts]
    units = list(tokens)
    assert [unit.ordinal for unit in units] == list(range(tokens.documents))
    assert [unit.category for unit in units] == [texts[at] for at in tokens.plan.text]
    assert len({unit.group for unit in units}) == len(texts)
    assert dict(tokens.categories) == {name: sum(unit.category == name for unit in units) for name in "ab"}
    assert np.array_equal(tokens.groups, tokens.plan.text)
    assert tokens.texts_by_category() == [27 + 1, 13]


def test_the_rest_is_placed_where_its_rows_would_be_and_no_row_of_it_is_stored(request_of, tmp_path, monkeypatch):
    scan = open_scan(replace(request_of, fit_on=80))
    assert isinstance(scan, TokenScan)
    whole_texts = np.isin(scan.documents.plan.text, scan.documents.plan.text[scan.sample])
    assert np.array_equal(np.flatnonzero(whole_texts), scan.sample)
    assert 80 <= len(scan.sample) < scan.documents.documents
    fit, settled, scanned = placed(scan)
    stored = sorted((tmp_path / "cache" / "activations").glob("*-*/L1.npy"), key=lambda path: len(np.load(path)))
    assert sorted((np.load(path).shape[1], np.load(path).dtype) for path in stored) == [(1, np.uint8), (32, np.float32)]
    assert sum(len(np.load(path)) for path in stored) == scan.documents.documents
    monkeypatch.setenv("MRI_CACHE", str(tmp_path / "another"))
    everyone = open_scan(request_of)
    rows = everyone.read(Run()).activations
    np.testing.assert_array_equal(rows.tokens[scan.sample], scan.read(Run()).activations.tokens)
    np.testing.assert_array_equal(fit.codes, place(fit.atlas, rows))
    assert settled.documents.documents == everyone.documents.documents
    assert scanned.report["texts"] == 41
    assert len(scanned.facts.read) == everyone.documents.documents


def test_a_second_scan_reads_everything_from_the_cache_and_needs_no_model(request_of, monkeypatch, tmp_path):
    first = placed(open_scan(replace(request_of, fit_on=80)))
    monkeypatch.setattr(reader.BatchReader, "read", None)
    monkeypatch.setattr("ingest.executor.ModelLoader.__call__", None)
    again = placed(open_scan(replace(request_of, fit_on=80)))
    np.testing.assert_array_equal(first[0].codes, again[0].codes)


def test_an_interrupted_scan_goes_on_where_it_stopped_with_the_same_rows(request_of, monkeypatch, tmp_path):
    request = replace(request_of, batch_tokens=48)
    read, batches = reader.BatchReader.read, []

    def some(self, documents):
        if len(batches) == 4:
            raise KeyboardInterrupt
        batches.append(len(documents))
        return read(self, documents)

    monkeypatch.setattr(reader.BatchReader, "read", some)
    with pytest.raises(KeyboardInterrupt):
        open_scan(request).read(Run())
    left = []

    def rest(self, documents):
        left.append(len(documents))
        return read(self, documents)

    monkeypatch.setattr(reader.BatchReader, "read", rest)
    ended = open_scan(request).read(Run())
    assert sum(batches) + sum(left) == 40  # each different text once
    monkeypatch.setenv("MRI_CACHE", str(tmp_path / "another"))
    whole = open_scan(request).read(Run())
    for mine, theirs in zip(ended.activations.layers, whole.activations.layers, strict=True):
        np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("fit_on", [None, 80])
def test_attention_sinks_are_left_out_of_everything(request_of, tiny, tmp_path, monkeypatch, fit_on):
    massive = "moon"
    found = reader.BatchReader.read
    request = replace(request_of, fit_on=fit_on)
    tokens = open_scan(request).documents
    sunk = np.array([name == massive or name == "##oon" for name in np.array(tokens.plan.types)[tokens.plan.kind]])
    ids = set(tokens.plan.ids[sunk].tolist())
    assert 0 < sunk.sum() < len(sunk)

    def read(self, documents):
        rows, facts = found(self, documents)
        plan = self._reading.tokens
        at = np.concatenate([np.arange(*plan.starts[each.ordinal : each.ordinal + 2]) for each in documents])
        facts.sinks[:, 1] = np.isin(plan.ids[at], list(ids))
        return Found(rows, facts)

    monkeypatch.setattr(reader.BatchReader, "read", read)
    fit, scan, scanned = placed(open_scan(request))
    kept = np.flatnonzero(~np.isin(tokens.plan.ids, list(ids)))
    assert scan.documents.documents == len(fit.codes) == len(kept) == len(scanned.facts.read)
    np.testing.assert_array_equal(scan.documents.plan.first, tokens.plan.first[kept])
    np.testing.assert_array_equal(scan.documents.labels, tokens.labels[kept])
    assert scanned.report["sunk_tokens"] == tokens.documents - len(kept)
    assert scan.frequency.counts.sum() == tokens.documents  # frequencies are of all
    reread, activations = open_scan(request).placeable(Run())
    assert len(activations.layers[0]) == reread.sampled.documents == scan.sampled.documents
    np.testing.assert_array_equal(reread.sampled.labels, scan.sampled.labels)


def sinking(monkeypatch, wanted):
    """Makes the tokens attention sinks whose texts are `wanted` by their ordinals."""
    found = reader.BatchReader.read

    def read(self, documents):
        rows, facts = found(self, documents)
        plan = self._reading.tokens
        counts = [int(plan.starts[each.ordinal + 1] - plan.starts[each.ordinal]) for each in documents]
        facts.sinks[:, 1] = np.repeat([each.ordinal in wanted for each in documents], counts)
        return Found(rows, facts)

    monkeypatch.setattr(reader.BatchReader, "read", read)


@pytest.mark.parametrize("fit_on", [None, 80])
def test_a_category_of_which_all_tokens_are_sinks_is_named_in_one_line(request_of, monkeypatch, fit_on):
    scan = open_scan(replace(request_of, fit_on=fit_on))
    sinking(monkeypatch, np.flatnonzero(scan.texts.labels == 1))
    with refused("All tokens of 'b'", "are attention sinks", kind=CorpusError):
        placed(scan)


def test_a_category_of_which_the_sample_has_sinks_alone_is_named_with_what_helps(request_of, monkeypatch):
    scan = open_scan(replace(request_of, fit_on=80))
    sampled = np.unique(scan.documents.plan.text[scan.sample])
    sinking(monkeypatch, sampled[scan.texts.labels[sampled] == 1])
    with refused("All tokens of 'b' in the sample are attention sinks", "--fit-on", kind=CorpusError):
        placed(scan)


def test_rows_that_the_cache_holds_are_placed_without_the_model(request_of, monkeypatch):
    everyone = open_scan(request_of).read(Run()).activations
    monkeypatch.setattr(reader.BatchReader, "read", None)
    fit, scan, _ = placed(open_scan(replace(request_of, fit_on=80)))
    assert scan.sample is not None
    np.testing.assert_array_equal(fit.codes, place(fit.atlas, everyone))


def test_types_are_counted_by_the_texts_that_they_are_in(request_of):
    tokens = open_scan(request_of).documents
    counts = count_types(tokens)
    texts = {}
    for unit in tokens:
        texts.setdefault(unit.text, set()).add(unit.group)
    known = {name: len(own) for name, own in texts.items() if len(own) > 1}
    assert dict(zip(counts.words, counts.documents.tolist(), strict=True)) == known
    once = sorted((tokens.plan.text[at], tokens.plan.kind[at]) for at in np.flatnonzero(counts.counted))
    assert once == sorted({*zip(tokens.plan.text.tolist(), tokens.plan.kind.tolist(), strict=True)})


def test_random_regions_of_tokens_have_words_no_more_often_than_one_time_in_twenty(request_of):
    """Texts of forty tokens whose types are as frequent as words are: the first ones stand several times in each."""
    generator = np.random.default_rng(8)
    types = np.minimum(generator.zipf(1.3, 6_000), 400) - 1
    tokens = open_scan(request_of).documents
    starts, names = np.arange(0, 6_001, 40), tuple(f"w{number}" for number in range(400))
    counts = count_types(
        replace(tokens, plan=replace(tokens.plan, starts=starts, first=types, kind=types, types=names))
    )
    random = [keywords(counts, generator.integers(0, 4, 6_000)) for _ in range(50)]
    assert np.mean([bool(words) for regions in random for words in regions.values()]) <= 0.05 + 2 * np.sqrt(0.05 / 200)


def test_tags_that_are_categories_make_a_study_whichever_way_they_are_asked_for(tmp_path, tiny, monkeypatch):
    monkeypatch.setenv("MRI_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "spans.jsonl"
    pieces = [(0, 11, "NAME"), (12, 15, "VERB"), (16, 19, "DET")]
    spans = [dict(zip(("start", "end", "label"), piece, strict=True)) for piece in pieces]
    row = json.dumps({"text": "Judge Court cat mat", "spans": spans})
    path.write_text("\n".join([row] * 3))
    asked = Request(corpus=path, name="t", model=str(tiny("bert")), unit="token", tags="spans")
    every = open_scan(asked)
    assert dict(every.documents.categories) == dict(every.texts.tags) == {"NAME": 6, "VERB": 3, "DET": 3}
    ways = [{"categories": ("NAME", "DET")}, {"categories": ("DET", "NAME")}, {"top": 2}]
    scans = [open_scan(replace(asked, **way)) for way in ways]
    assert [dict(scan.documents.categories) for scan in scans] == [{"DET": 3, "NAME": 6}] * 3
    first, *others = (scan.identity for scan in scans)
    assert others == [first] * 2
    assert first != every.identity
    with refused("no token of 'DET'", "Leave it out of --categories", kind=CorpusError):
        open_scan(replace(asked, categories=("NAME", "VERB", "DET"), max_length=11))


def test_what_a_token_is_called_needs_no_text(request_of, corpus):
    tokens = open_scan(request_of).documents
    corpus.unlink()
    assert {unit.text for unit in tokens} == set(tokens.plan.types)


def test_a_token_is_shown_in_its_text(request_of):
    tokens = open_scan(request_of).documents
    texts = [document.text for document in tokens.texts]
    chosen = [0, tokens.documents - 1]
    for ordinal, shown in tokens.contexts(chosen).items():
        plan = tokens.plan
        text, begin, end = texts[plan.text[ordinal]], plan.begin[ordinal], plan.end[ordinal]
        assert shown.replace("«", "").replace("»", "").strip("…") in text
        assert f"«{text[begin:end]}»" in shown


def test_a_window_is_cut_between_words_and_stands_on_one_line():
    text = "zero one two three four five six seven\neight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    at = text.index("nine")
    shown = window(text, at, at + 4)
    assert shown == "…two three four five six seven eight «nine» ten eleven twelve thirteen fourteen…"
    assert window("nine", 0, 4) == "«nine»"


def test_texts_of_one_category_give_no_scan(request_of, corpus):
    tokens = open_scan(request_of).documents
    alone = replace(tokens.plan.of(np.flatnonzero(tokens.labels == 0)))
    with refused("at least two categories", kind=CorpusError):
        tokens_of(tokens.texts, alone)


def test_more_texts_than_the_graph_holds_are_refused_before_a_model_is_loaded(request_of, monkeypatch):
    monkeypatch.setattr("ingest.executor.ModelLoader.__call__", None)
    with refused("holds every text", kind=UsageError):
        open_scan(replace(request_of, keep_documents=20))


def test_the_cache_lists_tokens_and_their_unit(request_of, tmp_path):
    open_scan(request_of).read(Run())
    (about,) = (tmp_path / "cache" / "activations").glob("*-*/about.json")
    assert json.loads(about.read_text())["unit"] == "token"


def test_tokens_of_a_model_whose_first_position_is_a_sink_are_without_it(corpus, tiny):
    folder = str(tiny("gpt2"))
    model = load(resolve(folder), max_length=48)
    assert model.starts_bare
    tokens = open_scan(Request(corpus=corpus, name="c", model=folder, unit="token")).documents
    assert tokens.plan.first.min() >= 1
    with torch.inference_mode():
        assert tokens.plan.tokens == sum(
            max(0, int(each.own[1:].sum()))
            for each in model.encoder.with_bos().encode([d.text for d in tokens.texts], 48)
        )
