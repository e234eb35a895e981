"""A study's activations read again: the same rows, or an error that says what changed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ingest.cache.cached import settings_key
from ingest.cache.entries import CacheEntry
from ingest.corpus.corpus import open_corpus
from ingest.corpus.remembered import recall, remember
from ingest.model.device import Place
from ingest.progress import Silent
from ingest.run import Run
from ingest.scan.from_model import ModelScan
from ingest.studies.probing import probe_study
from ingest.studies.reread import request_of, reread
from ingest.study_identity import id_of
from mri_core.errors import CorpusError, ModelError, MriError
from mri_core.paths import documents_file
from mri_core.records.graph import Study
from mri_core.store.store import Store
from tests.command import Mri
from tests.counts import saved_rows
from tests.ingest.refusal import refused

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("tidy")]


class Told(Silent):
    """Keeps the stages that it is told of."""

    def __init__(self) -> None:
        self.stages: list[str] = []

    def stage(self, name: str, total: int, unit: str) -> None:
        self.stages.append(name)


@pytest.fixture
def scanned(
    mri: Mri, store: Store, tiny: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Study:
    """A study of twenty texts with crossed labels by a copy of a tiny model, its cache in `cache`."""
    rows = (f"text number {i} {'so ' * (i % 5)},{'ba'[i % 2]},{'xy'[i % 4 > 1]}\n" for i in range(32))
    (tmp_path / "c.csv").write_text("text,parity,half\n" + "".join(rows))
    shutil.copytree(tiny("bert"), tmp_path / "model")
    monkeypatch.setenv("MRI_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    options = ("--model", "./model", "--clusters", 4, "--limit", 20, "--categories", "a/x,a/y,b/x")
    replace(mri, cache=tmp_path / "cache")(
        "ingest", "c.csv", "--name", "again", "--label", "parity", "--label", "half", *options
    ).done()
    return store.study("again")


def test_rows_and_labels_come_from_the_cache_without_the_model(
    scanned: Study, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(tmp_path / "model")
    monkeypatch.chdir("/")
    told = Told()
    again = reread(scanned, Run(told))
    layers, tokens = saved_rows(tmp_path / "cache")
    for found, saved in zip(again.activations.layers, layers, strict=True):
        np.testing.assert_array_equal(found, saved)
    np.testing.assert_array_equal(again.activations.tokens, tokens)
    stored = store.read(
        "MATCH (d:Document {study: $id})-[:IN_CATEGORY]->(c) RETURN c.name ORDER BY d.ordinal", {"id": scanned.id}
    )
    assert again.names == ("a/x", "a/y", "b/x")
    assert [again.names[label] for label in again.labels] == [name for (name,) in stored.rows]
    assert (again.spec.kind, again.spec.clusters) == ("clusters", 4)
    assert told.stages == []


def test_the_model_runs_again_where_the_cache_is_empty(scanned: Study, tmp_path: Path) -> None:
    first = [np.array(layer) for layer in reread(scanned).activations.layers]
    shutil.rmtree(tmp_path / "cache")
    told = Told()
    for found, before in zip(reread(scanned, Run(told)).activations.layers, first, strict=True):
        np.testing.assert_array_equal(found, before)
    assert told.stages


def test_rows_of_a_gpu_are_taken_from_the_cache_and_not_computed_where_there_is_none(
    scanned: Study, tmp_path: Path
) -> None:
    request = request_of(scanned, trust_remote_code=False)
    scan = reread(scanned).scan
    assert isinstance(scan, ModelScan)
    there = replace(scan, place=Place("cuda", "checkpoint"))
    report = json.loads(scanned.report)
    made = replace(scanned, report=json.dumps(report | {"run": report["run"] | {"device": "cuda"}}))
    elsewhere = replace(made, id=id_of(request, there))
    with refused("was read on cuda, and this machine has cpu alone", "Read it where it was made", kind=MriError):
        reread(elsewhere)
    (entry,) = (tmp_path / "cache" / "activations").glob("*-*")
    settings = {key: value for key, value in there.identity.items() if key != "corpus"}
    other = CacheEntry.of(settings_key(settings), entry.name.partition("-")[2])
    shutil.copytree(entry, other.folder)
    for found, own in zip(reread(elsewhere).activations.layers, scan.rows(Run()).layers, strict=True):
        np.testing.assert_array_equal(found, own)


def test_a_model_that_is_gone_or_has_changed_is_told_where_the_cache_is_empty(scanned: Study, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "cache")
    config = json.loads((tmp_path / "model" / "config.json").read_text())
    (tmp_path / "model" / "config.json").write_text(json.dumps({**config, "layer_norm_eps": 0.1}))
    with refused(scanned.id, "other weights, tokenizer or templates now", "scan again", kind=ModelError):
        reread(scanned)
    shutil.rmtree(tmp_path / "model")
    with refused(scanned.id, "no such folder", "scan again", kind=ModelError):
        reread(scanned)


def test_a_corpus_that_changed_is_refused(scanned: Study, tmp_path: Path) -> None:
    corpus = tmp_path / "c.csv"
    corpus.write_text(corpus.read_text().replace("text number", "text no."))
    with refused(f"c.csv has changed since {scanned.id} was scanned", "Restore it"):
        reread(scanned)


UPLOADED = "c.csv was uploaded to the page, which deletes an upload after its scan, and this needs its texts"


@pytest.mark.parametrize(
    ("corpus", "told"), [("c.csv", "c.csv cannot be read"), ("cache/scans/a1/corpus/c.csv", UPLOADED)]
)
def test_a_corpus_that_moved_or_was_uploaded_is_needed_for_its_texts_alone(
    scanned: Study, tmp_path: Path, corpus: str, told: str
) -> None:
    first = reread(scanned)
    (tmp_path / "c.csv").unlink()
    gone = replace(scanned, parameters=json.dumps({**json.loads(scanned.parameters), "corpus": str(tmp_path / corpus)}))
    again = reread(gone)
    for found, before in zip(again.activations.layers, first.activations.layers, strict=True):
        np.testing.assert_array_equal(found, before)
    assert (again.names, again.labels.tolist()) == (first.names, first.labels.tolist())
    with refused(told):
        list(again.documents)
    measures = probe_study(gone, splits=2)
    assert {measure.other for measure in measures if measure.kind == "probe"} == {"full", "regions", "control"}
    with refused(told):
        probe_study(gone, splits=2, random_blocks=True)
    shutil.rmtree(tmp_path / "cache" / "activations")
    with refused(told):
        reread(gone)


def test_groups_outlive_their_corpus(scanned: Study) -> None:
    corpus = open_corpus("c.csv", request_of(scanned, trust_remote_code=False).corpus_options)
    groups = np.arange(corpus.documents) // 2
    remember(scanned.id, corpus, groups, "k")
    known = recall(scanned, MriError("gone"))
    assert known is not None
    np.testing.assert_array_equal(known.groups, groups)
    assert (known.columns, known.categories, known.texts) == (corpus.columns, corpus.categories, "k")


def test_the_same_ingest_writes_missing_labels_again_from_the_cache(scanned: Study, mri: Mri, tmp_path: Path) -> None:
    before = recall(scanned, MriError("gone"))
    documents_file(scanned.id).unlink()
    kept = request_of(scanned, trust_remote_code=False)
    options = ("--model", "./model", "--clusters", 4, "--limit", 20, "--categories", "a/x,a/y,b/x")
    again = replace(mri, cache=tmp_path / "cache")(
        "ingest", kept.corpus, "--name", "again", "--label", "parity", "--label", "half", *options
    ).done()
    assert "is there already" in again.out
    found = recall(scanned, MriError("gone"))
    assert before is not None
    assert found is not None
    assert (found.texts, found.categories, found.columns) == (before.texts, before.categories, before.columns)
    np.testing.assert_array_equal(found.labels, before.labels)


def test_rows_that_would_differ_here_are_refused(scanned: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.scan.from_model.EXTRACTION", 99)
    with pytest.raises(
        MriError, match=r"read on cpu as float32 by llm-mri-graph .*; here and now the rows would differ"
    ):
        reread(scanned)


def test_parameters_of_another_version_are_refused_by_name(scanned: Study) -> None:
    kept = json.loads(scanned.parameters)
    with pytest.raises(MriError, match="with depth, which this version does not know"):
        reread(replace(scanned, parameters=json.dumps({**kept, "depth": 3})))


def test_that_a_study_ran_foreign_code_is_no_leave_to_run_it_again(scanned: Study) -> None:
    kept = json.loads(scanned.parameters)
    trusting = replace(scanned, parameters=json.dumps({**kept, "trust_remote_code": True}))
    assert reread(trusting).scan.request.trust_remote_code is False
    assert reread(trusting, trust_remote_code=True).scan.request.trust_remote_code is True


def test_given_activations_are_read_from_their_folder(mri: Mri, store: Store, tmp_path: Path) -> None:
    rows = np.random.default_rng(0).normal(size=(2, 12, 3)).astype(np.float32)
    for index, layer in enumerate(rows):
        np.save(tmp_path / f"L{index}.npy", layer)
    labels = "".join(f"{'yx'[i % 2]},{i + 3}\n" for i in range(12))
    (tmp_path / "documents.csv").write_text(f"label,tokens\n{labels}")
    mri("ingest", "--activations", tmp_path, "--name", "given", "--atlas", "grid", "--resolution", 3).done()
    again = reread(store.study("given"))
    np.testing.assert_array_equal(np.stack(again.activations.layers), rows)
    assert again.activations.tokens is not None
    assert (again.names, again.labels.tolist()) == (("x", "y"), [1, 0] * 6)
    assert (again.spec.kind, again.spec.resolution) == ("grid", 3)
    np.save(tmp_path / "L1.npy", rows[0])
    with pytest.raises(CorpusError, match="has changed since given-"):
        reread(store.study("given"))
    (tmp_path / "L0.npy").unlink()
    with pytest.raises(CorpusError, match="cannot be read"):
        reread(store.study("given"))
