"""Commands about a study of tokens: what they count, and what they refuse in one line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mri_core.records.graph import Study
from mri_core.store.store import Store
from tests.command import Mri
from tests.planted import planted_graph
from tests.ui.token_study import token_study

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def study(store: Store) -> Iterator[Study]:
    graphs = [token_study("spoken"), planted_graph("written")]
    for graph in graphs:
        store.write(graph)
    yield graphs[0].study
    for graph in graphs:
        store.delete(graph.study)


def test_studies_have_a_column_of_tokens_where_one_counts_them(mri: Mri, store: Store, study: Study) -> None:
    head, _, *rows = mri("studies").done().out.splitlines()
    assert head.split()[3:6] == ["atlas", "tokens", "texts"]
    own = next(row.split() for row in rows if row.startswith("spoken "))
    assert own[4:6] == ["147", "12"]
    store.delete(study)
    assert "tokens" not in mri("studies").done().out.splitlines()[0].split()
    store.write(token_study("spoken"))


@pytest.mark.parametrize(
    "command",
    [
        ("match", "spoken", "written"),
        ("intervene", "spoken", "--findings", "2"),
        ("compare", "spoken", "animal", "mineral"),
        ("compare", "spoken", "written"),
        ("explain", "spoken", "--regions"),
        ("confirm", "spoken", "texts.csv"),
        ("query", "interventions", "--study", "spoken"),
    ],
)
def test_what_takes_whole_documents_is_refused_in_a_line_that_says_so(
    mri: Mri, study: Study, command: tuple[str, ...]
) -> None:
    assert "spoken is a scan of tokens" in mri(*command).refusal()


@pytest.mark.parametrize("kind", ["graph", "heatmap", "layers", "matrix"])
def test_a_picture_says_below_it_how_many_tokens_it_is_of(mri: Mri, study: Study, kind: str, tmp_path: Path) -> None:
    file = tmp_path / f"{kind}.svg"
    mri("plot", "spoken", "--kind", kind, "-o", str(file)).done()
    assert "n = 147 tokens of 12 texts" in file.read_text("utf-8")
