"""Questions about documents where the graph holds a sample of them: right for all, or said to be of the sample."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mri_core.errors import UsageError
from mri_core.records.graph import Study
from mri_core.store.store import Store
from queries.emptiness import why_empty
from queries.runner import run
from queries.sampled import of_sample, of_sample_cypher, of_sample_in
from tests.planted import planted_graph, random_codes
from tests.questions import ABOUT_DOCUMENTS, CATALOG

LISTING = [  # every question that lists or counts documents
    "documents",
    "documents-of-connection",
    "documents-of-region",
    "drift",
    "moved-documents",
    "nearest-documents",
    "outliers",
    "triangles",
]
OF_ALL = ("agreement", "matched-regions")
SHARED = {"documents_hash": "d" * 64, "atlas_hash": "a" * 64}
STORED = np.arange(60) % 4 == 0
OTHERS = np.arange(60) % 6 == 0


@pytest.fixture(scope="module")
def studies(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Study]]:
    """The same documents with all nodes, with some, and in another study with some others."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MRI_CACHE", str(tmp_path_factory.mktemp("cache")))
        moved = random_codes(60, 4, 5, 0)
        moved[::3, 2] = (moved[::3, 2] + 1) % 5
        graphs = {
            "whole": planted_graph("whole", **SHARED),
            "some": planted_graph("some", **SHARED),
            "moved": planted_graph("moved", codes=moved, seed=3, **SHARED),
            "whole-moved": planted_graph("whole-moved", codes=moved, seed=3, **SHARED),
        }
        for name, stored in {"some": STORED, "moved": OTHERS}.items():
            study = replace(graphs[name].study, documents_stored=int(stored.sum()))
            graphs[name] = replace(graphs[name], stored=stored, study=study)
        for graph in graphs.values():
            store.write(graph)
        yield {name: store.study(name) for name in graphs}
        for graph in graphs.values():
            store.delete(graph.study)


def asked(store: Store, question: str, **values: object) -> list[dict[str, object]]:
    return run(store, CATALOG.get(question), values).records()


def ordinals(rows: list[dict[str, object]], column: str = "document") -> list[int]:
    return [int(str(row[column]).rpartition("D")[2]) for row in rows]


def test_a_question_says_what_it_is_of_if_and_only_if_it_lists_or_counts_documents(studies: dict[str, Study]) -> None:
    some = studies["some"]
    said = [template.name for template in CATALOG if of_sample(template, [some])]
    assert said == sorted(LISTING, key=said.index)
    assert set(said) == set(LISTING)
    line = of_sample(CATALOG.get("documents"), [some])
    assert line == (
        "some stores 15 of its 60 documents: documents are listed and counted among these; regions, connections and "
        "categories count all."
    )
    assert of_sample(CATALOG.get("documents"), [studies["whole"]]) == ""
    reading = [t.name for t in ABOUT_DOCUMENTS if ":PASSES" in t.statement or ":Document" in t.statement]
    assert set(reading) == {*LISTING, *OF_ALL, "route-of-document"}


@pytest.mark.parametrize("question", ["documents-of-region", "documents-of-connection", "documents"])
def test_lists_hold_the_stored_documents_of_those_that_all_would(
    store: Store, studies: dict[str, Study], question: str
) -> None:
    ends = {"documents-of-region": {"region": "L1/R2"}, "documents": {"category": "plant"}}
    values = ends.get(question, {"source": "L1/R2", "target": "L2/R2"})
    whole, some = (asked(store, question, study=name, **values) for name in ("whole", "some"))
    listed = [ordinal for ordinal in ordinals(whole) if STORED[ordinal]]
    assert sorted(ordinals(some)) == sorted(listed)
    assert 0 < len(listed) < len(whole)


def test_one_document_is_found_by_its_place_and_one_that_is_not_stored_is_refused(
    store: Store, studies: dict[str, Study]
) -> None:
    (row,) = asked(store, "documents", study="some", document="D8")
    assert ordinals([row]) == [8]
    for question in ("route-of-document", "nearest-documents", "documents"):
        with pytest.raises(UsageError, match=r"some stores 15 of its 60 documents, others than D9. The file of all"):
            asked(store, question, study="some", document="D9")


def test_a_route_counts_all_documents(store: Store, studies: dict[str, Study]) -> None:
    ways = [asked(store, "route-of-document", study=name, document="D8") for name in ("whole", "some")]
    numbers = [[(row["layer"], row["weight"], row["share"], row["chance"]) for row in way] for way in ways]
    assert numbers[0] == numbers[1]


def test_outliers_have_the_probabilities_of_all_documents(store: Store, studies: dict[str, Study]) -> None:
    whole, some = (asked(store, "outliers", study=name, category="plant", limit=60) for name in ("whole", "some"))
    found, means = (
        {
            (ordinal, name): row[name]
            for ordinal, row in zip(ordinals(rows), rows, strict=True)
            for name in row
            if name in ("mean", "chance")
        }
        for rows in (some, whole)
    )
    assert found == pytest.approx({key: mean for key, mean in means.items() if STORED[key[0]]}, rel=1e-12)


def test_documents_of_two_studies_are_compared_that_both_store(store: Store, studies: dict[str, Study]) -> None:
    both = STORED & OTHERS
    rows = asked(store, "drift", study="some", other="moved")
    whole = asked(store, "moved-documents", study="whole", other="whole-moved", limit=1000)
    for row in rows:
        there = ordinals([other for other in whole if other["layer"] == row["layer"]])
        assert (row["documents"], row["moved"]) == (both.sum(), sum(both[there]))
    moved = asked(store, "moved-documents", study="some", other="moved", limit=1000)
    assert sorted(ordinals(moved)) == sorted(ordinal for ordinal in ordinals(whole) if both[ordinal])


@pytest.mark.parametrize("question", OF_ALL)
def test_what_counts_pairs_of_all_documents_has_no_rows_and_names_what_has(
    store: Store, studies: dict[str, Study], question: str
) -> None:
    template = CATALOG.get(question)
    for pair in (("whole", "moved"), ("some", "whole-moved")):
        values = dict(zip(("study", "other"), pair, strict=True))
        assert run(store, template, values).rows == ()
        sampled = next(name for name in pair if studies[name].documents_stored)
        told = why_empty(store, template, values)
        assert told.startswith(f"No rows: {sampled} stores")
        assert told.endswith(f"mri match {' '.join(pair)}")
    assert run(store, template, {"study": "whole", "other": "whole-moved"}).rows


def test_of_two_studies_each_sampled_one_is_named(store: Store, studies: dict[str, Study]) -> None:
    line = of_sample_in(store, CATALOG.get("drift"), {"study": "some", "other": studies["moved"]})
    assert line.startswith("some stores 15 of its 60 documents, and moved stores 10 of its 60 documents:")


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("MATCH (d:Document) RETURN count(d)", True),
        ("MATCH ()-[p:PASSES]->(r) RETURN r.id, count(p)", True),
        ("MATCH (r:Region) RETURN r.documents AS Documents", False),
        ("MATCH (r:Region) WHERE r.name = 'Document' RETURN r", False),
    ],
)
def test_own_cypher_says_so_where_it_names_documents(studies: dict[str, Study], statement: str, said: bool) -> None:
    assert bool(of_sample_cypher(statement, list(studies.values()))) == said
    assert of_sample_cypher(statement, [studies["whole"]]) == ""


def test_the_server_s_files_lie_in_the_cache(store: Store, studies: dict[str, Study], engine) -> None:
    path = store.document_table(studies["some"].id)
    assert path.exists()
    assert path.is_relative_to(Path(engine.location)) == (engine.name == "embedded")


def test_an_overview_gives_the_documents_that_are_nodes_where_these_are_a_sample(
    store: Store, studies: dict[str, Study]
) -> None:
    facts = {name: {row["fact"]: row["value"] for row in asked(store, "overview", study=name)} for name in studies}
    assert facts["some"]["documents that are nodes"] == str(int(STORED.sum()))
    assert facts["some"]["documents"] == "60"
    assert "documents that are nodes" not in facts["whole"]
