"""Findings from the command to the store, and what is added later: stability, controls, evidence on components."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from mri_core.records.measures import Measure
from mri_core.store.store import Store
from tests.command import Mri
from tests.models import save_tiny

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("tidy")]
LABELS = np.arange(120) % 2


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three clear clusters; between the two layers half of `wild` leaves the first of them for the second."""
    folder = tmp_path_factory.mktemp("parting")
    generator = np.random.default_rng(8)
    first = np.arange(120) // 2 % 3
    second = np.where((first == 0) & (LABELS == 1) & (np.arange(120) % 4 == 1), 1, first)
    centres = 8 * np.eye(3, 5)
    for index, regions in enumerate((first, second)):
        np.save(folder / f"L{index}.npy", (centres[regions] + generator.normal(size=(120, 5))).astype("float32"))
    ways = zip(first, second, strict=True)
    texts = [f"{'storm' if there != here else 'meadow'} {i % 7}" for i, (here, there) in enumerate(ways)]
    with (folder / "documents.csv").open("w", newline="") as file:
        rows = zip(texts, np.array(["calm", "wild"])[LABELS], (f"author {i // 40}" for i in range(120)), strict=True)
        csv.writer(file).writerows([("text", "label", "author"), *rows])
    return folder


def kinds(measures: list[Measure]) -> set[str]:
    return {measure.kind for measure in measures}


def test_a_planted_difference_is_found_told_by_its_words_and_found_again(folder: Path, mri: Mri, store: Store) -> None:
    told = mri("ingest", "--activations", folder, "--name", "parting", "--clusters", 3, "--refits", 4, "--json")
    study = store.study(told.done().json["study"])
    assert study.fdr == "discrete"
    found = store.read(
        "MATCH (s:Region {study: $s})-[f:FLOWS_TO {category: 'wild'}]->(t:Region) WHERE s.name <> t.name "
        "RETURN f.finding, f.weight, f.q, f.effect, f.stability, f.routing_q, f.keywords, s.parting_q",
        {"s": study.id},
    ).rows
    ((finding, weight, q, effect, stability, routing_q, keywords, parting_q),) = found
    assert (finding, weight, stability, keywords) == ("more", 10, 1.0, ["storm"])
    assert max(q, routing_q, parting_q) < 0.05
    share = 10 / 120  # of a document more on either side
    assert effect == pytest.approx(np.log(((10 + share) / (51 - share)) / (share / (61 - share))))
    avoided = store.read("MATCH (:Region {study: $s})-[f:AVOIDS]->() RETURN f.category, f.finding", {"s": study.id})
    assert avoided.rows == (("calm", "less"),)
    measures = store.measures(study)
    born_with = {"confound", "detectable", "findings", "divergence", "global", "nbs", "reliability"}
    assert kinds(measures) == {*born_with, "routing_floor", "atlas_spread", "reliability_placed", "atlas_quality"}
    spreads = {measure.other: measure for measure in measures if measure.kind == "atlas_spread"}
    assert len(spreads["routing"].details["values"]) == spreads["divergence"].details["refits"] == 4
    routing = next(m.value for m in measures if (m.kind, m.other) == ("findings", "routing"))
    assert spreads["routing"].ci_low <= routing <= spreads["routing"].ci_high
    assert spreads["routing_floor"].p == pytest.approx(1 / 5)
    assert next(m for m in measures if m.kind == "routing_floor").details["refits"] == 4


def test_what_a_study_lacks_is_added_once(folder: Path, mri: Mri, store: Store) -> None:
    plain = ("ingest", "--activations", folder, "--name", "later", "--clusters", 3)
    mri(*plain).done()
    study = store.study("later")
    assert (study.revision, store.stable(study)) == (1, [])
    added = mri(*plain, "--refits", 3).done()
    assert f"{study.id}) is there already; added: stability under 3 refits." in added.out
    assert store.study("later").revision == 2
    assert len(store.stable(study)) == 2
    assert mri(*plain, "--refits", 2, "--json").done().json["added"] == []
    more = mri(*plain, "--controls").done()
    assert "added: controls." in more.out
    assert "random blocks needs the model" in more.err
    others = {measure.other: measure for measure in store.measures(study, ["control"])}
    families = ("connections", "regions", "routing", "parting")
    assert set(others) == {*(f"shuffled {family}" for family in families), "bag_of_words"}
    assert others["shuffled connections"].details["shuffles"] == 20
    assert others["bag_of_words"].value < 0.7  # the words tell who left, which few did


def test_a_model_with_blocks_drawn_anew_is_a_control(mri: Mri, store: Store, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus.csv"
    rows = [(f"{'cats purr' if i % 2 else 'dogs bark'} {i} times", "ab"[i % 2]) for i in range(40)]
    with corpus.open("w", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *rows])
    model = save_tiny("gpt2", tmp_path / "gpt2")
    mri("ingest", corpus, "--name", "blocks", "--model", model, "--controls", "--clusters", 4).done()
    found = store.measures(store.study("blocks"), ["control"])
    layers = [m.layer for m in found if m.other == "random_blocks divergence"]
    assert layers == list(range(store.study("blocks").layers))
    observed = {m.layer: m.value for m in store.measures(store.study("blocks"), ["divergence"])}
    untrained = {m.layer: m.value for m in found if m.other == "random_blocks divergence"}
    assert untrained[0] == pytest.approx(observed[0])  # the embedding is the same
    assert {m.other: m.value for m in found if m.other in ("bag_of_words", "embeddings")} == {
        "bag_of_words": 1,
        "embeddings": 1,
    }
    for measure in found:
        if (measure.other or "").startswith("random_blocks"):
            values = measure.details["values"]
            assert len(set(measure.details["seeds"])) == len(values) == 5
            assert (measure.value, measure.ci_low, measure.ci_high) == (
                pytest.approx(np.mean(values)),
                min(values),
                max(values),
            )
    (row,) = (
        row
        for row in mri("query", "controls", "--study", "blocks", "--format", "json").done().json
        if row["family"] == "connections"
    )
    assert row["random_blocks_low"] <= row["random_blocks"] <= row["random_blocks_high"]
    assert "re-initialised" in mri("show", "blocks", "--full").done().out


def test_copies_of_one_authors_texts_are_no_evidence_where_the_author_is_told(
    folder: Path, mri: Mri, store: Store
) -> None:
    options = ("--clusters", 3, "--group", "author")
    mri("ingest", "--activations", folder, "--name", "grouped", *options).done()
    found = store.measures(store.study("grouped"), ["findings"])
    assert {m.other: m.details.get("fdr") for m in found}["connections"] == "discrete"
    kept = store.read("MATCH (d:Document {study: $s}) RETURN DISTINCT d.group", {"s": store.study("grouped").id})
    assert sorted(row[0] for row in kept.rows) == ["author 0", "author 1", "author 2"]
    refusal = mri("ingest", "--activations", folder, "--name", "refused", *options, "--fdr", "bh").refusal()
    assert "--fdr bh" in refusal


def test_components_that_move_together_in_one_category_only_are_found(mri: Mri, store: Store, tmp_path: Path) -> None:
    generator = np.random.default_rng(3)
    hidden = generator.normal(size=(200, 2)) * [5, 2]
    later = np.where((np.arange(200) % 2)[:, None], hidden, hidden * [1, -1])
    later += 0.5 * generator.normal(size=(200, 2))  # what is copied to the last digit differs in any digit
    for index, rows in enumerate((hidden, later)):
        np.save(tmp_path / f"L{index}.npy", rows.astype("float32"))
    (tmp_path / "documents.csv").write_text("label\n" + "calm\nwild\n" * 100)
    options = ("--atlas", "components", "--components", 2, "--no-standardize")
    mri("ingest", "--activations", tmp_path, "--name", "moving", *options).done()
    study = store.study("moving")
    found = store.read(
        "MATCH (s:Region {study: $s})-[f:FLOWS_TO]->(t:Region) WHERE f.finding IS NOT NULL "
        "RETURN s.name, t.name, f.category, f.finding, f.q ORDER BY f.category",
        {"s": study.id},
    ).rows
    assert [row[:2] for row in found] == [found[0][:2]] * 2
    assert {row[3] for row in found} == {"more", "less"}
    assert max(row[4] for row in found) < 1e-6
    (counted,) = store.measures(study, ["findings"])
    assert (counted.value, counted.details["tests"], counted.details["fdr"]) == (1, 4, "bh")
    again = mri("ingest", "--activations", tmp_path, "--name", "moving", *options, "--controls", "--json").done()
    assert (again.json["added"], store.study("moving").revision) == ([], study.revision)  # without texts there are none
