"""`--fit-on`: an atlas fitted to a sample, from the command to the report."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mri_core.atlas.file import unpack_atlas
from mri_core.atlas.fitting import place
from mri_core.records.arrays import Activations
from mri_core.records.measures import ATLAS_SPREAD, CONTROL, FINDINGS, PROBE
from mri_core.store.store import Store
from tests.command import Mri

pytestmark = pytest.mark.engine

DOCUMENTS, FITTED = 300, 90
QUICK = ("--fit-on", FITTED, "--clusters", 5, "--json")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three layers of documents in five groups, of which each category prefers its own."""
    folder = tmp_path_factory.mktemp("given")
    generator = np.random.default_rng(0)
    labels = np.arange(DOCUMENTS) % 3
    which = np.where(generator.random(DOCUMENTS) < 0.4, labels, generator.integers(0, 5, DOCUMENTS))
    for layer in range(3):
        which = np.where(generator.random(DOCUMENTS) < 0.25, generator.integers(0, 5, DOCUMENTS), which)
        centres = generator.normal(scale=5, size=(5, 8))
        np.save(folder / f"L{layer}.npy", (centres[which] + generator.normal(size=(DOCUMENTS, 8))).astype("float32"))
    words = ("apple", "river", "stone", "cloud", "horse")
    rows = [f"{'abc'[label]},{words[group]} {i}" for i, (label, group) in enumerate(zip(labels, which, strict=True))]
    (folder / "documents.csv").write_text("\n".join(["label,text", *rows]), encoding="utf-8")
    return folder


@pytest.fixture
def alone(mri: Mri, tmp_path: Path, tidy: None) -> Mri:
    return replace(mri, cache=tmp_path / "cache")


def scan(mri: Mri, folder: Path, *options: object) -> dict[str, object]:
    return mri("ingest", "--activations", folder, "--name", "part", *QUICK, *options).done().json


def test_all_documents_are_counted_in_the_regions_of_an_atlas_of_some(alone: Mri, store: Store, folder: Path) -> None:
    made = scan(alone, folder, "--refits", 0)
    assert made["documents"] == DOCUMENTS
    study = store.study("part")
    assert json.loads(study.report)["fitted_to"] == FITTED
    assert json.loads(study.parameters)["fit_on"] == FITTED
    packed = store.atlas(study)
    assert packed is not None
    assert study.atlas_hash is not None
    rows = tuple(np.load(folder / f"L{layer}.npy") for layer in range(3))
    codes = place(unpack_atlas(packed, study.atlas_hash), Activations(rows))
    found = store.read(
        "MATCH (s:Study {name: 'part'})<-[:PART_OF]-(:Layer)<-[:IN_LAYER]-(r:Region) "
        "RETURN r.layer, r.name, r.documents"
    )
    expected = {
        (layer, str(code)): int(count)
        for layer, own in enumerate(codes.T)
        for code, count in zip(*np.unique(own, return_counts=True), strict=True)
    }
    assert {(layer, name): count for layer, name, count in found.rows} == expected
    again = scan(alone, folder, "--refits", 0)
    assert (again["status"], again["study"]) == ("unchanged", made["study"])


def test_the_size_of_the_sample_and_its_seed_make_another_study(alone: Mri, store: Store, folder: Path) -> None:
    def made(name: str, *options: object) -> object:
        given = ("ingest", "--activations", folder, "--name", name, "--refits", 0, "--clusters", 5, "--json")
        return str(alone(*given, *options).done().json["study"]).removeprefix(name)

    ids = [made("one", "--fit-on", 90), made("two", "--fit-on", 91), made("three"), made("four", "--fit-on", 300)]
    assert len(set(ids)) == 3
    assert ids[2] == ids[3]  # all of them


def test_what_refits_and_controls_find_is_compared_with_the_sample(alone: Mri, store: Store, folder: Path) -> None:
    scan(alone, folder, "--refits", 3, "--controls")
    study = store.study("part")
    findings = {measure.other: measure for measure in store.measures(study, [FINDINGS])}
    sampled = {name: measure.details["in_sample"] for name, measure in findings.items()}
    assert 0 < sampled["connections"] < (findings["connections"].value or 0)
    shuffled = [measure for measure in store.measures(study, [CONTROL]) if "shuffled" in str(measure.other)]
    assert len(shuffled) == 4
    spread = store.measures(study, [ATLAS_SPREAD])
    assert all(measure.details["sample"] == FITTED for measure in spread)
    rows = alone("query", "controls", "--study", "part", "--format", "json").done().json
    assert {row["family"]: row["in_sample"] for row in rows} == sampled
    first = alone("show", "part").done().out
    assert f"of an atlas of {FITTED} documents" in " ".join(first.split())
    assert f"the sample that they were run on {sampled['connections']} connections" in " ".join(first.split())
    assert "3 refits of the sample" in first
    full = " ".join(alone("show", "part", "--full").done().out.split())
    assert f"In the sample: of {FITTED} documents that the atlas was fitted to" in full
    assert "connections (a pair of regions once for each category)." in full  # no interval of the sample's
    assert "most stable by refits of the sample first" in full


def test_refits_are_those_of_a_study_of_the_sample_alone(
    alone: Mri, store: Store, folder: Path, tmp_path: Path
) -> None:
    """The sample scanned by itself has the same atlas, and the same share of refits for each of its findings."""
    from ingest.request import Request
    from ingest.scan.opening import open_scan

    scan(alone, folder, "--refits", 4)
    sample = open_scan(Request(activations=folder, name="part", fit_on=FITTED)).sample
    assert sample is not None
    own = tmp_path / "sample"
    own.mkdir()
    for layer in range(3):
        np.save(own / f"L{layer}.npy", np.load(folder / f"L{layer}.npy")[sample])
    head, *rows = (folder / "documents.csv").read_text().splitlines()
    (own / "documents.csv").write_text("\n".join([head, *(rows[ordinal] for ordinal in sample)]), encoding="utf-8")
    alone("ingest", "--activations", own, "--name", "sample", "--clusters", 5, "--refits", 4, "--json").done()
    assert store.study("sample").atlas_hash == store.study("part").atlas_hash

    def stable(name: str) -> dict[tuple[str, str, str], float]:
        found = store.read(
            "MATCH (s:Study {name: $name})<-[:PART_OF]-(:Layer)<-[:IN_LAYER]-(a:Region)-[e:FLOWS_TO]->(b:Region) "
            "WHERE e.stability IS NOT NULL RETURN a.id, b.id, e.category, e.stability",
            {"name": name},
        )
        return {
            (source.split("/", 1)[1], target.split("/", 1)[1], category): share
            for source, target, category, share in found.rows
        }

    assert stable("sample")
    assert stable("part") == stable("sample")


@pytest.mark.parametrize(
    "sizes",
    [
        pytest.param(lambda generator: generator.integers(1, 9, DOCUMENTS), marks=pytest.mark.slow),
        lambda generator: np.array([1] * 298 + [2]),  # of which the sample may have none that hold two
    ],
    ids=["many", "one"],
)
def test_of_documents_in_groups_the_very_sample_is_read_again(
    sizes: Callable[[np.random.Generator], np.ndarray], alone: Mri, store: Store, folder: Path, tmp_path: Path
) -> None:
    own = tmp_path / "grouped"
    shutil.copytree(folder, own)
    head, *rows = (own / "documents.csv").read_text().splitlines()
    numbers = sizes(np.random.default_rng(1))
    groups = np.repeat(np.arange(len(numbers)), numbers)[:DOCUMENTS]
    lines = [f"{head},by", *(f"{row},g{group}" for row, group in zip(rows, groups, strict=True))]
    (own / "documents.csv").write_text("\n".join(lines), encoding="utf-8")
    given = ("ingest", "--activations", own, "--name", "grouped", "--group", "by", *QUICK, "--refits", 0)
    alone(*given).done()
    study = store.study("grouped")
    fitted = json.loads(study.report)["fitted_to"]
    assert FITTED <= fitted < FITTED + 3 * 8
    assert json.loads(study.parameters)["fit_on"] == FITTED
    assert f"the {fitted} documents" in alone("probe", "grouped").done().err


def test_a_probe_reads_the_sample_and_reports_it(alone: Mri, store: Store, folder: Path) -> None:
    scan(alone, folder, "--refits", 0)
    probed = alone("probe", "part").done()
    assert f"the {FITTED} documents that its atlas was fitted to, a sample of {DOCUMENTS}" in probed.err
    full = [measure for measure in store.measures(store.study("part"), [PROBE]) if measure.other == "full"]
    assert full
    assert all(0.3 < (measure.value or 0) <= 1 for measure in full)
