"""A scan whose graph holds a sample of its documents: which ones these are, and that nothing else changes."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ingest.analysis.document_sample import with_stored
from ingest.studies.reread import request_of, reread
from mri_core.errors import StoreError
from mri_core.store.store import Store
from mri_core.studies.matching import match_studies
from tests.command import Mri
from tests.planted import planted_graph

LABELS = ["a"] * 57 + ["b"] * 31 + ["few"] * 2
COUNTS = """
MATCH (a {study: $study})-[e:FLOWS_TO|AVOIDS|ACTIVATED_BY]->(b)
RETURN substring(a.id, size($study)), substring(b.id, size($study)), e.category, e.weight, e.documents, e.q, e.effect
"""
STORED = "MATCH (d:Document {study: $study}) RETURN d.ordinal AS ordinal, d.category ORDER BY ordinal"
EXEMPLARS = "MATCH (r:Region {study: $study}) UNWIND r.exemplars AS d RETURN DISTINCT d"
WAYS = "MATCH (d:Document {study: $study})-[p:PASSES]->(r:Region) RETURN d.ordinal, p.layer, r.name"


def rows(store: Store, statement: str, study: str) -> list[tuple]:
    return sorted(store.read(statement, {"study": study}, max_rows=10**6).rows, key=repr)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three layers of 90 documents in six clouds, which their categories prefer."""
    random = np.random.default_rng(7)
    centres = random.normal(size=(6, 8)) * 4
    chosen = (np.array([{"a": 0, "b": 2, "few": 4}[label] for label in LABELS]) + random.integers(0, 3, 90)) % 6
    for layer in range(3):
        np.save(tmp_path / f"L{layer}.npy", (centres[chosen] + random.normal(size=(90, 8))).astype("float32"))
    with (tmp_path / "documents.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [("text", "label", "id"), *((f"text {i} on {label}", label, f"id{i}") for i, label in enumerate(LABELS))]
        )
    return tmp_path


@pytest.fixture
def scan(folder: Path, mri: Mri, tidy: None) -> Callable[..., Any]:
    """Scans the folder, and returns what the command reports as JSON."""

    def scanned(name: str, *options: object) -> Any:
        fixed = ("--activations", folder, "--name", name, "--clusters", 6, "--refits", 0, "--json")
        return mri("ingest", *fixed, *options).done().json

    return scanned


def test_the_graph_holds_the_sample_and_all_exemplars_and_counts_all(scan: Callable[..., Any], store: Store) -> None:
    whole, some = scan("whole"), scan("some", "--keep-documents", 20)
    assert rows(store, COUNTS, some["study"]) == rows(store, COUNTS, whole["study"])
    assert {key: some[key] for key in ("documents", "regions", "connections")} == {
        key: whole[key] for key in ("documents", "regions", "connections")
    }
    stored = [ordinal for ordinal, _ in store.read(STORED, {"study": some["study"]}).rows]
    exemplars = {ordinal for (ordinal,) in rows(store, EXEMPLARS, some["study"])}
    assert exemplars <= set(stored)
    assert 20 <= len(stored) <= 20 + len(exemplars)
    assert some["documents_stored"] == len(stored) < 90
    assert whole["documents_stored"] == 90
    frame = pd.read_parquet(store.document_table(some["study"]))
    passed = {(row.ordinal, layer, getattr(row, f"L{layer}")) for row in frame.itertuples() for layer in range(3)}
    assert passed == set(rows(store, WAYS, whole["study"]))
    assert set(rows(store, WAYS, some["study"])) == {way for way in passed if way[0] in stored}


def test_a_sample_has_each_category_s_share_and_follows_from_the_seed() -> None:
    labels = [("animal", "mineral", "plant")[i % 13 // 5] for i in range(300)]
    names = sorted(set(labels))
    graph = planted_graph(codes=np.zeros((300, 2), dtype=int), categories=labels)
    index = np.array([names.index(label) for label in labels])
    exemplars = {ordinal for region in graph.regions for ordinal in region.exemplars}
    samples = [with_stored(graph, index, 50, seed) for seed in (0, 0, 1)]
    assert np.array_equal(samples[0].stored, samples[1].stored)
    assert not np.array_equal(samples[0].stored, samples[2].stored)
    for sample in samples:
        beside = exemplars - set(np.flatnonzero(sample.stored).tolist())
        assert not beside
        taken = Counter(labels[i] for i in np.flatnonzero(sample.stored).tolist())
        for name in names:
            of_category = {i for i in exemplars if labels[i] == name}
            share = 50 * labels.count(name) / 300
            assert share - 1 < taken[name] < share + 1 + len(of_category)
        assert sample.study.documents_stored == sample.stored.sum()


def test_a_sample_smaller_than_the_categories_has_one_of_each() -> None:
    labels = ["a", "b", "c", "d"] * 10
    graph = planted_graph(codes=np.zeros((40, 2), dtype=int), categories=labels)
    sample = with_stored(graph, np.arange(40) % 4, 2, 0)
    assert {labels[i] for i in np.flatnonzero(sample.stored)} == {"a", "b", "c", "d"}


@pytest.mark.parametrize("most", ["all", "90", "100000"])
def test_of_no_more_documents_than_that_all_are_nodes_and_the_study_is_the_same(
    scan: Callable[..., Any], store: Store, most: str
) -> None:
    made = scan("whole", "--keep-documents", most)
    assert made["documents_stored"] == 90
    assert len(rows(store, STORED, made["study"])) == 90
    assert scan("whole")["status"] == "unchanged"
    assert not store.document_table(made["study"]).exists()


def test_another_sample_is_another_study_which_takes_the_name_only_when_asked(
    scan: Callable[..., Any], store: Store, folder: Path, mri: Mri
) -> None:
    first = scan("some", "--keep-documents", 20)
    assert scan("some", "--keep-documents", 20)["status"] == "unchanged"
    assert json.loads(store.study("some").parameters)["keep_documents"] == 20
    again = ("ingest", "--activations", folder, "--name", "some", "--clusters", 6, "--keep-documents", 30)
    assert "keep_documents (was 20, now 30)" in mri(*again).refusal()
    second = scan("some", "--keep-documents", 30, "--replace")
    assert second["study"] != first["study"]
    assert not store.document_table(first["study"]).exists()
    assert store.document_table(second["study"]).exists()
    third = scan("some", "--keep-documents", "all", "--replace")
    assert len(rows(store, STORED, third["study"])) == 90
    assert not store.document_table(second["study"]).exists()


def test_a_study_of_a_sample_is_read_again_as_the_same(scan: Callable[..., Any], store: Store) -> None:
    scan("some", "--keep-documents", 20)
    assert len(reread(store.study("some")).labels) == 90


def test_a_study_that_says_nothing_of_a_sample_is_read_again_with_all_documents() -> None:
    study = planted_graph(parameters=json.dumps({"corpus": "news.csv", "seed": 3})).study
    assert request_of(study, trust_remote_code=False).sample_of(10**6) == {}


@pytest.mark.parametrize("lose", [Path.unlink, lambda path: path.write_bytes(path.read_bytes()[:-300])])
def test_a_file_that_is_lost_or_damaged_is_written_again_by_the_same_ingest(
    lose: Callable[[Path], object], scan: Callable[..., Any], store: Store
) -> None:
    made = scan("some", "--keep-documents", 20)
    path = store.document_table(made["study"])
    before = pd.read_parquet(path)
    lose(path)
    again = scan("some", "--keep-documents", 20)
    assert (again["status"], again["added"]) == ("unchanged", ["file of all documents"])
    pd.testing.assert_frame_equal(pd.read_parquet(path), before)


def test_studies_are_matched_by_all_documents(scan: Callable[..., Any], store: Store) -> None:
    for name, options in {"whole": (), "some": ("--keep-documents", 20), "other": ("--keep-documents", 10)}.items():
        scan(name, *options)
    whole, some, other = map(store.study, ("whole", "some", "other"))
    expected, found = match_studies(store, whole, whole_again(scan, store)), match_studies(store, some, other)
    for field in ("code", "other_code", "shared", "jaccard"):
        assert np.array_equal(getattr(found.matched, field), getattr(expected.matched, field))
    store.document_table(other.id).unlink()
    with pytest.raises(StoreError, match=r"other stores \d+ of its 90 documents, and .* is not there"):
        match_studies(store, some, other)


def whole_again(scan: Callable[..., Any], store: Store) -> Any:
    scan("whole-again")
    return store.study("whole-again")


def test_what_is_shown_and_deleted_says_what_the_graph_holds(
    scan: Callable[..., Any], store: Store, mri: Mri, folder: Path
) -> None:
    made = scan("some", "--keep-documents", 20)
    stored = made["documents_stored"]
    assert f"some: 90 documents ({stored} of them in the graph) of" in mri("show", "some").done().out
    full = " ".join(mri("show", "some", "--full").done().out.split())
    assert f"The graph holds {stored} of the 90 documents: a sample" in full
    assert mri("show", "some", "--json").done().json["study"]["documents_stored"] == stored
    (listed,) = (one for one in mri("studies", "--json").done().json if one["name"] == "some")
    assert (listed["documents"], listed["documents_stored"]) == (90, stored)
    path = store.document_table(made["study"])
    mri("delete", "some", "--yes").done()
    assert not path.exists()
