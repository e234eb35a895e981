"""`mri compare` of two studies, `mri confirm` and `mri match`: in words, as JSON, and what is stored of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mri_core.records.graph import StudyGraph
from mri_core.store.store import Store
from tests.command import Mri
from tests.planted import HOSTILE, planted_components, planted_graph, with_evidence

pytestmark = pytest.mark.engine

LABELS = [("calm", "wild", HOSTILE[1])[i % 3] for i in range(180)]
HASHES = {"atlas_hash": "a" * 64, "corpus_hash": "c" * 64}


def ways(moving: bool = False) -> np.ndarray:
    """Three layers of three regions; where they move, most of `wild` is in region 2 of the last layer."""
    codes = np.random.default_rng(0).integers(0, 2, (180, 3))
    if moving:
        codes[[i for i, label in enumerate(LABELS) if label == "wild" and i % 9 != 1], 2] = 2
    return codes


def made(name: str, seed: int, codes: np.ndarray, **properties: object) -> StudyGraph:
    return planted_graph(name, codes=codes, categories=LABELS, seed=seed, **HASHES | properties)


@pytest.fixture
def studies(store: Store) -> Iterator[dict[str, StudyGraph]]:
    """A base, the same documents by a tuned model and a sham, and other documents, all in one atlas."""
    base = made("base", 1, ways(), corpus_hash="c" * 64)
    placed = {"atlas_of": base.study.id}
    graphs = [
        base,
        made("tuned", 2, ways(moving=True), model="tuned-model", model_revision="1", **placed),
        made("sham", 3, ways(), model="sham-model", model_revision="2", **placed),
        replace(
            made("later", 4, ways(moving=True), corpus_hash="d" * 64, **placed),
            documents=[
                replace(document, text=f"quite another {i} {i * 7919 % 997} text {i * 31 % 101}")
                for i, document in enumerate(base.documents)
            ],
        ),
    ]
    for graph in graphs:
        store.write(graph)
    yield {graph.study.name: graph for graph in graphs}
    for graph in graphs:
        store.delete(graph.study)


def test_the_same_documents_are_compared_one_by_one(mri: Mri, store: Store, studies: dict[str, StudyGraph]) -> None:
    told = mri("compare", "base", "tuned", "--sham", "sham", "--json").done().json
    moved = (ways() != ways(moving=True)).mean(axis=0)
    assert told["drift"]["moved"] == pytest.approx(moved.tolist())
    assert told["shams"][0]["moved"] == [0, 0, 0]
    first = min((row for row in told["changed"] if row["kind"] == "regions"), key=lambda row: row["q"])
    assert (first["first"], first["lost"]) == ("L2/R2", 0)
    assert first["gained"] == int((ways(moving=True)[:, 2] == 2).sum())
    assert first["q"] < 1e-6
    assert first["unlike_q"] < 1e-6
    text = mri("compare", "base", "tuned", "--sham", "sham").done().out
    assert "tuned (tuned-model) against base (planted-model), document by document: 180 documents" in text
    assert "of 60 wild texts" in text
    assert "sham runs 0" in text
    assert "1 + 1 runs cannot give less than 0.500" in " ".join(text.split())
    rows = mri("query", "changed-connections", "--study", "tuned", "--what", "regions", "--format", "json").done().json
    assert "regions L2/R2" in {row["where"] for row in rows}
    assert store.study("tuned").revision == 3
    assert store.study("base").revision == 1


def test_where_no_document_moves_it_says_so(mri: Mri, studies: dict[str, StudyGraph]) -> None:
    text = mri("compare", "base", "sham").done().out
    assert "No document changes its region in any layer." in text
    assert "Drift alone says little: name models that were tuned alike on shuffled labels with --sham." in text
    assert "A floor is missing: mri ingest planted.csv --seed 1 --atlas-of base --dtype bfloat16" in " ".join(
        text.split()
    )


def test_other_documents_are_compared_by_category(mri: Mri, studies: dict[str, StudyGraph]) -> None:
    told = mri("compare", "base", "later", "--json").done().json
    found = {row["category"]: row["findings"] for row in told["families"]}
    assert found["wild"] > 0
    assert found["calm"] == found[HOSTILE[1]] == 0
    assert told["documents"]["wild"] == {"base": 60, "other": 60}
    text = mri("compare", "base", "later").done().out
    assert "other documents in one atlas, each category against its namesake" in " ".join(text.split())
    assert "The atlas was fitted to the documents of base" in text
    refused = mri("compare", "base", "later", "--sham", "sham")
    assert "Runs are compared on the same documents" in refused.refusal()


def test_what_is_no_sham_and_no_category_is_refused(mri: Mri, store: Store, studies: dict[str, StudyGraph]) -> None:
    run, own = json.dumps({"run": {"dtype": "bfloat16"}}), {"atlas_of": studies["base"].study.id}
    floor, again = made("floor", 10, ways(), report=run, **own), made("again", 11, ways(), **own)
    cut = made("cut", 12, ways(), report=json.dumps({"run": {"dtype": "bfloat16"}, "max_length": 12}), **own)
    for graph in (again, cut):
        store.write(graph)
    assert "floors" not in mri("compare", "base", "tuned").done().out  # the same rows, and other ones
    store.write(floor)
    assert "A sham run is another model" in mri("compare", "base", "tuned", "--sham", "floor").refusal()
    assert "floors 0" in mri("compare", "base", "tuned").done().out
    assert "A floor is missing" not in mri("compare", "base", "floor").done().out
    assert "Name further runs with --run or --sham" in mri("compare", "base", "tuned", "sham").refusal()
    for graph in (floor, again, cut):
        store.delete(graph.study)


def test_studies_of_other_atlases_are_refused(mri: Mri, store: Store, studies: dict[str, StudyGraph]) -> None:
    graph = planted_graph("alone", codes=ways(), categories=LABELS, seed=9, atlas_hash="b" * 64)
    store.write(graph)
    assert (
        "alone stands on another atlas than base. Scan it with --atlas-of base"
        in mri("compare", "base", "alone").refusal()
    )
    store.delete(graph.study)


def test_components_have_no_findings_that_documents_could_confirm(mri: Mri, store: Store) -> None:
    scores = np.random.default_rng(0).normal(size=(40, 2, 2))
    moving = planted_components("claimed", scores=scores, categories=["a", "b"] * 20, threshold=0.1)
    graph = with_evidence(moving)
    store.write(graph)
    assert "claimed names no connection" in mri("confirm", "claimed", "none.csv").refusal()
    store.delete(graph.study)


def test_findings_are_confirmed_by_a_plan_that_nobody_changed(mri: Mri, store: Store, tmp_path: Path) -> None:
    found = with_evidence(made("found", 5, ways(moving=True)), seed=5)
    later = replace(
        made("new-texts", 6, ways(moving=True), corpus_hash="d" * 64, atlas_of=found.study.id),
        documents=[replace(d, text=f"new {d.ordinal} {d.ordinal * 7919 % 997} words") for d in found.documents],
    )
    for graph in (found, later):
        store.write(graph)
    plan = tmp_path / "plan.json"
    assert "says what a confirmation of found will test (SHA-256 " in mri("confirm", "found", "--plan", plan).done().out
    told = mri("confirm", "found", "new-texts", "--plan", plan, "--json").done().json
    assert told["documents"] == 180
    assert told["tests"] == len(told["claims"]) > 10
    assert told["replicated"] == sum(claim["replicated"] for claim in told["claims"])
    text = mri("confirm", "found", "new-texts").done().out
    assert f"{told['replicated']} of {told['tests']} findings of found replicate on 180 documents" in text
    rows = mri("query", "replicated-findings", "--study", "new-texts", "--format", "json").done().json
    assert len(rows) == told["tests"]
    assert "by the plan of 2" in " ".join(mri("confirm", "found", "new-texts", "--plan", plan).done().out.split())
    other = replace(
        later,
        study=replace(later.study, id="read-otherwise-00000077", name="read-otherwise", model="x", model_revision="9"),
    )
    store.write(other)
    assert "read by x and not by planted-model" in mri("confirm", "found", "read-otherwise").done().out.replace(
        "\n", " "
    )
    refused = mri("confirm", "found", "read-otherwise", "--plan", plan).refusal()
    assert "read-otherwise was read by x, and the plan names planted-model" in refused
    store.delete(other.study)
    plan.write_text(plan.read_text().replace('"more"', '"less"', 1))
    assert "was changed after it was written" in mri("confirm", "found", "new-texts", "--plan", plan).refusal()
    assert "A confirmation needs new texts" in mri("confirm", "found").refusal()
    for graph in (found, later):
        store.delete(graph.study)


def test_regions_are_matched_and_findings_asked_for_there(mri: Mri, store: Store) -> None:
    first = with_evidence(made("one", 7, ways(moving=True)), seed=7)
    renamed = with_evidence(made("two", 8, (ways(moving=True) + 1) % 3, atlas_hash="e" * 64), seed=7)
    for graph in (first, renamed):
        store.write(graph)
    told = mri("match", "one", "two", "--json").done().json
    assert told["aligned"] == [0, 1, 2]
    assert told["agreement"] == pytest.approx([1, 1, 1])
    assert all(match["jaccard"] == 1 for match in told["matches"])
    assert "over the layers the maps agree by 1" in " ".join(mri("match", "one", "two").done().out.split())
    rows = mri("query", "matched-findings", "--study", "one", "--other", "two", "--format", "json").done().json
    assert rows
    assert all(int(row["other_source"][-1]) == (int(row["source"][-1]) + 1) % 3 for row in rows)
    assert "is named twice" in mri("match", "one", "one").refusal()
    for graph in (first, renamed):
        store.delete(graph.study)
