"""Scans whose atlas is fitted to a sample: what is read, what is placed as it is read, and what is stored of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ingest.corpus.corpus import CorpusOptions, open_corpus
from ingest.corpus.groups import groups_of
from ingest.corpus.part import part_of
from ingest.corpus.remembered import recall, remember
from ingest.request import Request
from ingest.run import Run
from ingest.scan import sample as sampling
from ingest.scan.from_model import ModelScan
from ingest.scan.opening import open_scan
from mri_core.atlas.compact import with_rest
from mri_core.atlas.fitting import fit_atlas, place, scores
from mri_core.errors import CorpusError, MriError, UsageError
from tests.ingest.refusal import refused
from tests.planted import planted_graph

WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MRI_CACHE", str(tmp_path / "cache"))
    generator = np.random.default_rng(0)
    rows = [
        f"{' '.join(generator.choice(WORDS, generator.integers(2, 9)))} {i},{'aab'[i % 3]},g{i // 4}" for i in range(60)
    ]
    path = tmp_path / "c.csv"
    path.write_text("\n".join(["text,label,author", *rows]), encoding="utf-8")
    return path


@pytest.fixture
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MRI_CACHE", str(tmp_path / "cache"))
    for layer in range(2):
        np.save(tmp_path / f"L{layer}.npy", np.random.default_rng(layer).normal(size=(60, 6)).astype(np.float16))
    rows = [f"{'ab'[i % 2]},{i % 7 + 1}" for i in range(60)]
    (tmp_path / "documents.csv").write_text("\n".join(["label,tokens", *rows]), encoding="utf-8")
    return tmp_path


def test_a_part_has_its_documents_numbered_anew(corpus: Path) -> None:
    whole = open_corpus(corpus, CorpusOptions(group="author"))
    ordinals = np.array([3, 4, 17, 59])
    part = part_of(whole, ordinals)
    documents, everyone = list(part), list(whole)
    assert [document.ordinal for document in documents] == [0, 1, 2, 3]
    assert [document.text for document in documents] == [everyone[at].text for at in ordinals]
    assert part.lengths.tolist() == [len(document.text) for document in documents]
    names = [name for name, _ in part.categories]
    assert [names[label] for label in part.labels] == [document.category for document in documents]
    assert dict(part.categories) == {"a": 2, "b": 2}
    assert part.content_hash not in (whole.content_hash, part_of(whole, ordinals[1:]).content_hash)
    groups = groups_of(whole)
    assert groups is not None
    assert (np.unique(groups, return_counts=True)[1] == 4).all()


def test_a_part_of_a_corpus_that_changed_is_refused(corpus: Path) -> None:
    part = part_of(open_corpus(corpus), np.array([0, 1]))
    corpus.write_text(corpus.read_text().replace("59,b", "59,a"))
    with refused("changed", kind=CorpusError):
        list(part)


def test_a_part_of_a_remembered_corpus_has_its_labels_and_groups(corpus: Path) -> None:
    whole = open_corpus(corpus, CorpusOptions(group="author"))
    remember("s-1", whole, groups_of(whole), "texts of the part")
    known = recall(replace(planted_graph().study, id="s-1", documents=60), MriError("Gone"))
    assert known is not None
    part = part_of(known, np.array([0, 5, 6]))
    assert part.documents == 3
    own = groups_of(part)
    assert own is not None
    assert own[1] == own[2] != own[0]
    with pytest.raises(MriError, match="Gone"):
        list(part)


@pytest.mark.model
@pytest.mark.parametrize("atlas", ["clusters", "grid", "components"])
def test_the_rest_is_placed_where_its_rows_would_be(
    tiny: Callable[[str], Path], corpus: Path, atlas: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = Request(
        corpus=corpus, name="c", model=str(tiny("bert")), atlas=atlas, components=3 if atlas == "components" else None
    )
    scan = open_scan(replace(request, fit_on=24))
    assert scan.sample is not None
    assert len(scan.sample) == scan.sampled.documents == 24
    scanned = scan.read(Run())
    assert [len(layer) for layer in scanned.activations.layers] == [24] * len(scanned.layers)
    fit = fit_atlas(scanned.activations, request.atlas_spec)
    placed = scan.place_rest(fit.atlas, scanned, Run())
    whole = with_rest(fit, scan.sample, placed.rows)
    monkeypatch.setenv("MRI_CACHE", str(tmp_path / "another"))
    everyone = open_scan(request).read(Run())
    if atlas == "components":
        assert whole.scores is not None
        np.testing.assert_allclose(whole.scores, np.stack(scores(fit.atlas, everyone.activations), 1), atol=1e-3)
    else:
        np.testing.assert_array_equal(whole.codes, place(fit.atlas, everyone.activations))
    assert placed.scanned.report == everyone.report | {"run": placed.scanned.report["run"]}
    np.testing.assert_array_equal(placed.scanned.tokens, everyone.tokens)
    assert placed.scanned.lines == everyone.lines


@pytest.mark.model
def test_of_the_rest_no_row_is_stored(tiny: Callable[[str], Path], corpus: Path, tmp_path: Path) -> None:
    scan = open_scan(Request(corpus=corpus, name="c", model=str(tiny("bert")), fit_on=24))
    assert isinstance(scan, ModelScan)
    scanned = scan.read(Run())
    fit = fit_atlas(scanned.activations, scan.request.atlas_spec)
    scan.place_rest(fit.atlas, scanned, Run())
    entries = sorted((tmp_path / "cache" / "activations").glob("*-*"), key=lambda path: len(np.load(path / "L0.npy")))
    sizes = [(np.load(path / "L0.npy").shape, np.load(path / "L0.npy").dtype) for path in entries]
    assert sizes == [((24, scanned.activations.layers[0].shape[1]), np.float32), ((36, 1), np.uint8)]
    models = {json.loads((path / "about.json").read_text())["model"] for path in entries}
    assert len(models) == 2


def test_given_rows_of_a_sample_are_a_copy_and_the_rest_is_placed_block_by_block(given: Path) -> None:
    request = Request(activations=given, name="g", fit_on=20)
    scan, everyone = open_scan(request), open_scan(replace(request, fit_on=None)).read(Run())
    assert scan.sample is not None
    scanned = scan.read(Run())
    for mine, theirs in zip(scanned.activations.layers, everyone.activations.layers, strict=True):
        np.testing.assert_array_equal(mine, theirs[scan.sample])
        assert mine.dtype == np.float16
    fit = fit_atlas(scanned.activations, request.atlas_spec)
    placed = scan.place_rest(fit.atlas, scanned, Run())
    codes = with_rest(fit, scan.sample, placed.rows).codes
    np.testing.assert_array_equal(codes, place(fit.atlas, everyone.activations))
    np.testing.assert_array_equal(placed.scanned.tokens, everyone.tokens)
    assert not any((given / "cache").iterdir())  # the copy has no name


def test_a_corpus_of_more_than_the_default_is_sampled(given: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert open_scan(Request(activations=given, name="g")).sample is None
    assert open_scan(Request(activations=given, name="g", fit_on=60)).sample is None
    monkeypatch.setattr(sampling, "FITTED", 50)
    sample = open_scan(Request(activations=given, name="g")).sample
    assert sample is not None
    assert len(sample) == 50
    assert open_scan(Request(activations=given, name="g", fit_on=60)).sample is None


def test_another_seed_draws_another_sample(given: Path) -> None:
    samples = [open_scan(Request(activations=given, name="g", fit_on=20, seed=seed)).sample for seed in (0, 0, 1)]
    assert samples[0] is not None
    assert samples[1] is not None
    assert samples[2] is not None
    assert samples[0].tolist() == samples[1].tolist() != samples[2].tolist()


def test_a_sample_smaller_than_the_categories_is_refused(given: Path) -> None:
    with refused("It is 1", "2 categories", "Raise --fit-on", kind=UsageError):
        open_scan(Request(activations=given, name="g", fit_on=1))


def test_an_atlas_that_is_there_is_fitted_to_nothing() -> None:
    with refused("--fit-on would do nothing", kind=UsageError):
        Request(corpus="c.csv", name="c", atlas_of="other", fit_on=10).check()


def test_categories_of_which_a_sample_has_few_documents_are_named(given: Path) -> None:
    scan = open_scan(Request(activations=given, name="g", fit_on=20))
    line, few = sampling.sample_lines(scan)
    assert line == "The atlas is fitted to 20 of 60 documents."
    counts = ", ".join(f"{name} ({count})" for name, count in scan.sampled.categories)
    assert few == f"Few of them: {counts}. Refits, controls and probes rest on these alone."
    assert sampling.sample_lines(open_scan(Request(activations=given, name="g"))) == []
