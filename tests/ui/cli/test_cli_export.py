"""`mri export` and `mri import`, from a folder to another."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import networkx as nx
import pytest

from mri_core.store.embedded import lifecycle
from mri_core.store.store import Store
from tests.command import Mri
from tests.planted import planted_graph

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def planted(store: Store) -> Iterator[str]:
    graph = planted_graph("given-away", seed=81)
    store.write(graph)
    yield "given-away"
    store.delete(graph.study)


def test_a_study_is_written_in_each_format(mri: Mri, planted: str, tmp_path: Path) -> None:
    for form in ("graphml", "gexf", "csv", "parquet", "json", "cypher", "bundle"):
        result = mri("export", planted, form, "-o", tmp_path / form).done()
        assert result.out.startswith(f"Wrote {tmp_path / form}: ")
        assert mri("export", planted, form, "-o", tmp_path / form).done().out == result.out  # replaced
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        ["graphml", "gexf", "csv", "parquet", "json", "cypher", "bundle"]
    )
    graph = nx.node_link_graph(json.loads((tmp_path / "json").read_text()), edges="edges")
    counts = f"{len(graph):,} nodes, {graph.number_of_edges():,} relationships."
    assert mri("export", planted, "json", "-o", tmp_path / "json").done().out.endswith(f"{counts}\n")


def test_regions_alone_and_texts_left_out_are_asked_for(mri: Mri, planted: str, tmp_path: Path) -> None:
    mri("export", planted, "graphml", "-o", tmp_path / "regions.graphml", "--regions-only", "--quiet").done()
    graph = nx.read_graphml(tmp_path / "regions.graphml")
    assert {kind for _, kind in graph.nodes(data="node_type")} == {"Region"}
    mri("export", planted, "json", "-o", tmp_path / "private.json", "--no-excerpts").done()
    assert "about animal" not in (tmp_path / "private.json").read_text()


def test_a_bundle_is_imported_into_a_store_that_is_made_for_it(mri: Mri, planted: str, tmp_path: Path) -> None:
    mri("export", planted, "bundle", "-o", tmp_path / "study.mri").done()
    other = tmp_path / "other"
    try:
        result = mri("import", tmp_path / "study.mri", "--store", other).done()
        assert result.out.startswith("given-away (given-away-00000051): imported, checksum ")
        again = mri("import", tmp_path / "study.mri", "--store", other, "--quiet").done()
        assert again.out == result.out.replace("imported", "is there already")
        shown = mri("query", "regions", planted, "--format", "json", "--store", other).done().json
        assert shown == mri("query", "regions", planted, "--format", "json").done().json
    finally:
        lifecycle.stop(other)


def test_what_cannot_be_exported_or_imported_is_one_line(mri: Mri, planted: str, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").touch()
    (tmp_path / "corpus").write_text("text,label\n")
    for arguments, words in (
        (("export", planted, "graphlm", "-o", tmp_path / "a"), "Near names: graphml"),
        (("export", planted, "networkx", "-o", tmp_path / "a"), "In a notebook: mri.to_networkx(STUDY)"),
        (("export", "given-awya", "json", "-o", tmp_path / "a"), "given-away"),
        (("export", planted, "csv", "-o", tmp_path / "mine"), "other files, such as thesis.tex"),
        (("export", planted, "json", "-o", tmp_path / "none" / "a"), "There is no folder"),
        (("export", planted, "json", "-o", tmp_path / "corpus"), "corpus holds something else"),
        (("export", planted, "json", "-o", tmp_path / "corpus.csv"), "Name it corpus.json"),
        (("export", planted, "cypher", "-o", tmp_path / "a", "--regions-only"), "holds a whole study"),
        (("import", tmp_path / "none.mri"), "There is no file"),
    ):
        assert words in mri(*arguments).refusal()
    assert not (tmp_path / "a").exists()
    assert (tmp_path / "corpus").read_text() == "text,label\n"
    mri("export", planted, "json", "-o", tmp_path / "corpus", "--replace").done()
