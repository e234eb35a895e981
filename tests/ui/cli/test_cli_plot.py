"""`mri plot`: studies of every kind as pictures, and what it refuses."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from mri_core.records.measures import Measure
from mri_core.store.store import Store
from tests.command import Mri
from tests.planted import HOSTILE, planted_components, planted_graph, random_codes, with_evidence
from tests.ui.evidence import tried, weighed

pytestmark = pytest.mark.engine

BEGINS = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF", ".html": b"<html"}


@pytest.fixture(scope="module", autouse=True)
def _studies(store: Store) -> Iterator[None]:
    scores = np.random.default_rng(0).normal(size=(40, 3, 3))
    graphs = (
        planted_graph("drawn", categories=[HOSTILE[i % 3] for i in range(60)]),
        with_evidence(planted_graph("cells", codes=random_codes(60, 12, 9, 1), seed=1, atlas="grid", resolution=9)),
        planted_graph("parted", codes=np.repeat([[0], [1], [0]] * 20, 3, axis=1), seed=2),
        planted_components("moving", scores=scores, categories=["a", "b"] * 20, threshold=0.1),
    )
    for graph in graphs:
        store.write(graph)
    yield
    for graph in graphs:
        store.delete(graph.study)


@pytest.mark.parametrize("kind", ["heatmap", "graph", "matrix", "layers", "compare"])
@pytest.mark.parametrize(("study", "pair"), [("drawn", HOSTILE[:2]), ("cells", ["animal", "plant"])])
def test_every_kind_is_drawn(mri: Mri, tmp_path: Path, kind: str, study: str, pair: list[str]) -> None:
    file = tmp_path / "picture.png"
    named = [word for name in pair for word in ("--category", name)] if kind == "compare" else []
    assert mri("plot", study, "--kind", kind, *named, "-o", file).done().out == f"Wrote {file}.\n"
    assert file.read_bytes().startswith(BEGINS[".png"])


def test_interventions_are_drawn_those_of_least_q_or_those_of_a_region(mri: Mri, store: Store, tmp_path: Path) -> None:
    file = tmp_path / "cause.svg"
    plot = ("plot", "weighed", "--kind", "intervention", "-o", file)
    graph = weighed("weighed", 31)
    store.write(graph)
    try:
        untried = mri(*plot).refusal()
        assert "Nothing was tried in weighed" in untried
        assert "mri intervene weighed --findings 5" in untried
        store.add_interventions(graph.study, tried())
        mri(*plot).done()
        drawn = file.read_text()
        assert [word in drawn for word in ("Erasing L0/R1", "Adding L1/R0", "Moving texts of L0/R2")] == [True] * 3
        assert "change of the share of texts" in drawn
        mri(*plot, "--region", "L1/R0").done()
        assert "Adding L1/R0" in file.read_text()
        assert "Erasing" not in file.read_text()
        assert "Nothing was tried on L2/R0 of weighed" in mri(*plot, "--region", "L2/R0").refusal()
        assert "Near names: L1/R2, L1/R1, L1/R0" in mri(*plot, "--region", "L1/R").refusal()
    finally:
        store.delete(graph.study)


def test_a_matrix_as_csv_has_a_row_for_each_source_and_a_column_for_each_target(mri: Mri, tmp_path: Path) -> None:
    codes, file = random_codes(60, 12, 9, 1), tmp_path / "matrix.csv"
    mri("plot", "cells", "--kind", "matrix", "--layer", "4", "-o", file).done()
    head, *rows = csv.reader(file.open(encoding="utf-8", newline=""))
    assert head[0] == "documents"
    for source, *cells in rows:
        here = codes[codes[:, 4] == int(source.removeprefix("L4/R"))]
        for target, documents in zip(head[1:], cells, strict=True):
            assert int(documents) == np.count_nonzero(here[:, 5] == int(target.removeprefix("L5/R")))
    mri("plot", "cells", "--kind", "matrix", "--category", "plant", "--category", "animal", "-o", file).done()
    assert next(csv.reader(file.open(encoding="utf-8", newline="")))[0] == "share of plant − share of animal"


@pytest.mark.parametrize("ending", BEGINS)
def test_the_file_s_name_says_its_form(mri: Mri, tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"graph{ending}"
    mri("plot", "drawn", "--kind", "graph", "--category", HOSTILE[1], "--connections", "7", "-o", file).done()
    assert file.read_bytes().startswith(BEGINS[ending])


def test_a_saved_page_has_the_connections_asked_for_and_says_what_it_shows(mri: Mri, tmp_path: Path) -> None:
    file = tmp_path / "graph.html"
    mri("plot", "cells", "--kind", "graph", "--connections", "7", "-o", file).done()
    page = file.read_text("utf-8")
    assert "the first 7 connections" in page
    edges = re.search(r"edges = new vis\.DataSet\((\[.*\])\);", page)
    assert edges is not None
    assert len(json.loads(edges.group(1))) == 7


def test_probes_are_drawn_where_a_study_was_probed(mri: Mri, store: Store, tmp_path: Path) -> None:
    file = tmp_path / "layers.svg"
    mri("plot", "cells", "--kind", "layers", "-o", file).done()
    assert "balanced accuracy" not in file.read_text()
    store.add_measures(
        store.study("cells"),
        [
            Measure("probe", 0.5, i, None, what, 0.4, 0.6, details={"chance": 1 / 3})
            for what in ("full", "regions")
            for i in range(12)
        ],
    )
    mri("plot", "cells", "--kind", "layers", "-o", file).done()
    assert "balanced accuracy" in file.read_text()
    assert "full activations" in file.read_text()


def test_a_category_is_compared_with_the_others_by_what_is_found(mri: Mri, tmp_path: Path) -> None:
    file = tmp_path / "findings.svg"
    mri("plot", "cells", "--kind", "compare", "--category", "plant", "--connections", "5", "-o", file).done()
    drawn = file.read_text()
    assert "log odds ratio of plant to the others" in drawn
    assert drawn.count(" → ") == 6  # the heading's, and five


def test_two_categories_are_tested_against_one_another_and_where_nothing_is_found_that_is_said(
    mri: Mri, tmp_path: Path
) -> None:
    file = tmp_path / "pair.svg"
    pair = ["--category", "animal", "--category", "mineral"]  # animals keep to region 0, minerals to region 1
    mri("plot", "parted", "--kind", "compare", *pair, "-o", file).done()
    drawn = file.read_text()
    assert "log odds ratio of animal to mineral" in drawn
    assert drawn.count(" → ") == 5  # the heading's, and two connections a step
    assert "more of animal" in drawn
    mri("plot", "cells", "--kind", "compare", *pair, "-o", file).done()
    assert "Nothing is more than chance: shares, as counted" in file.read_text()
    assert "share of animal − share of mineral" in file.read_text()


def test_of_components_layers_are_drawn_and_what_counts_documents_is_refused(mri: Mri, tmp_path: Path) -> None:
    file = tmp_path / "picture.png"
    mri("plot", "moving", "--kind", "layers", "-o", file).done()
    for kind, fact in (("heatmap", "hold no documents"), ("graph", "hold none"), ("compare", "none to count")):
        named = ["--category", "a", "--category", "b"] if kind == "compare" else []
        assert fact in mri("plot", "moving", "--kind", kind, *named, "-o", file).refusal()


@pytest.mark.parametrize(
    ("words", "fact"),
    [
        (["drawn", "--kind", "layers", "-o", "a.gif"], ".png, .svg, .pdf"),
        (["drawn", "--kind", "heatmap", "-o", "a.html"], ".png, .svg, .pdf"),
        (["drawn", "--kind", "layers", "-o", "none/a.png"], "cannot be written"),
        (["dawn", "--kind", "layers", "-o", "a.png"], "drawn"),
        (["cells", "--kind", "layers", "--category", "plant", "-o", "a.png"], "Leave the category out"),
        (["cells", "--kind", "layers", "--region", "L1/R0", "-o", "a.png"], "is of all regions"),
        (["cells", "--kind", "intervention", "--category", "plant", "-o", "a.png"], "Leave the category out"),
        (["cells", "--kind", "layers", "--connections", "5", "-o", "a.png"], "draws no connections"),
        (["cells", "--kind", "layers", "--least-stability", "0.5", "-o", "a.png"], "Leave it out"),
        (
            ["cells", "--kind", "graph", "--category", "plant", "--category", "animal", "-o", "a.png"],
            "Name one, or none",
        ),
        (["cells", "--kind", "heatmap", "--category", "plants", "-o", "a.png"], "Near names: plant"),
        (["cells", "--kind", "compare", "-o", "a.png"], "Name one"),
        (["cells", "--kind", "graph", "--layer", "1", "-o", "a.png"], "no cells of a matrix"),
        (["cells", "--kind", "heatmap", "-o", "a.csv"], ".png, .svg, .pdf"),
        (["cells", "--kind", "matrix", "--layer", "last", "-o", "a.csv"], "There are: 0, 1"),
        (["cells", "--kind", "matrix", "--colour-by", "topic", "-o", "a.csv"], "not coloured by a label"),
        (["cells", "--kind", "graph", "--colour-by", "topic", "-o", "a.png"], "are not crossed"),
        (
            [
                "cells",
                "--kind",
                "matrix",
                "--category",
                "plant",
                "--category",
                "animal",
                "--value",
                "part",
                "-o",
                "a.csv",
            ],
            "is their difference",
        ),
        (["drawn", "--kind", "compare", "--category", HOSTILE[0], "-o", "a.png"], "is found to differ"),
    ],
)
def test_what_cannot_be_drawn_is_told_and_leaves_no_file(
    mri: Mri, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], fact: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert fact in mri("plot", *words).refusal()
    assert list(tmp_path.iterdir()) == []
