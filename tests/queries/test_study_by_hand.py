"""A study as a whole and those beside it: examples that one can follow with a pencil."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from mri_core.store.bolt.driver import Writer
from mri_core.store.store import Store
from queries.catalog import load_catalog
from queries.runner import run
from tests.engines import Engine
from tests.planted import planted_graph
from tests.queries.answers.truth import Truth

pytestmark = pytest.mark.engine

CODES = [[0, 0, 0], [0, 0, 1], [0, 1, 1], [1, 1, 1], [1, 1, 1], [1, 1, 0], [0, 0, 0]]
OTHERS: dict[str, dict[str, Any]] = {
    "same-file-name": {"corpus_hash": "1" * 64, "model_revision": "7"},
    "another-revision": {"model_revision": "1"},
    "renamed-corpus": {"corpus": "copy.csv", "atlas": "grid", "resolution": 10},
    "another-corpus": {"corpus_hash": "2" * 64},
    "a-twin": {},
}


@pytest.fixture(scope="module", autouse=True)
def _studies(store: Store) -> Iterator[None]:
    graphs = [Truth("asked", np.array(CODES), ["sky"] * 3 + ["sea"] * 4).graph]
    graphs.append(Truth("of-one-category", np.array(CODES), ["sky"] * 7, corpus_hash="3" * 64, model="other").graph)
    graphs += [planted_graph(name, **properties) for name, properties in OTHERS.items()]
    for graph in graphs:
        store.write(graph)
    yield
    for graph in graphs:
        store.delete(graph.study)


def ask(store: Store, name: str, study: str = "asked", **values: object) -> list[tuple[Any, ...]]:
    return list(run(store, load_catalog(environment={}).get(name), {"study": study, **values}).rows)


def test_an_overview_tells_the_fewest_and_the_most_documents_of_a_category(store: Store) -> None:
    facts = dict(ask(store, "overview"))
    assert facts["documents"] == "7"
    assert facts["documents of a category"] == "3 to 4"
    assert facts["regions"] == "6"
    assert facts["most telling layer"] == "0 (embedding)"  # only sea is in region 1 there


def test_in_a_study_of_one_category_no_layer_tells_more_than_the_first(store: Store) -> None:
    facts = dict(ask(store, "overview", "of-one-category"))
    assert facts["documents of a category"] == "7 to 7"
    assert facts["most telling layer"] == "0 (embedding)"


def test_provenance_leaves_out_what_a_study_has_not(store: Store) -> None:
    assert "resolution" not in {row[0] for row in ask(store, "provenance")}
    assert ("resolution", "10", None) in ask(store, "provenance", "renamed-corpus")


def test_studies_are_related_by_the_content_of_their_corpus_and_by_their_model(store: Store) -> None:
    assert [row[:1] + row[2:5] for row in ask(store, "related-studies")] == [
        ("a-twin", True, True, True),
        ("renamed-corpus", True, True, False),
        ("another-revision", True, False, True),
        ("another-corpus", False, True, True),
    ]
    assert ask(store, "related-studies", "same-file-name") == []
    assert [row[0] for row in ask(store, "related-studies", limit=1)] == ["a-twin"]


def test_a_study_that_is_loading_is_not_related(store: Store, engine: Engine) -> None:
    writer = Writer(engine.connect())
    set_status = "MATCH (s:Study {name: 'a-twin'}) SET s.status = $status"
    try:
        writer.run(set_status, status="loading")
        assert "a-twin" not in {row[0] for row in ask(store, "related-studies")}
    finally:
        writer.run(set_status, status="ready")
        writer.close()
