"""The tab Matrix on a real store: its numbers are those of the documents and of the graph."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mri_core.store.store import Store
from queries.runner import EVERY_ROW
from tests.planted import planted_components, planted_graph, random_codes, with_evidence
from tests.ui.page import box, opened, saved, words
from ui.drawing.connectivity import Connectivity, Matrix, connectivity, of_most_documents
from ui.drawing.picture import picture
from ui.drawing.view import View
from ui.reports.answers import Answers

pytestmark = pytest.mark.engine

LABELS = ("animal", "mineral", "plant")
CODES = random_codes(60, 4, 5, 0)  # of the study `page`
TAKEN = Counter(
    (f"L{i}/R{a}", f"L{i + 1}/R{b}", LABELS[document % 3])
    for document, way in enumerate(CODES)
    for i, (a, b) in enumerate(pairwise(way))
)


def scan(**address: str) -> AppTest:
    return opened("scan.py", **{"tab": "matrix", "study": "page", "step": "1"} | address)


def matrix(page: AppTest) -> dict[tuple[str, str], float]:
    """The numbers of the table, by the regions of row and column."""
    table = page.dataframe[0].value
    head, *columns = table.columns
    return {(row[head], column): row[column] for row in table.to_dict("records") for column in columns}


def drawn(store: Store, name: str, wanted: Matrix) -> Connectivity:
    return connectivity(store.study(name), Answers(store, max_rows=EVERY_ROW), wanted)


def test_a_cell_counts_the_documents_that_go_from_its_row_to_its_column(on_page_store: None) -> None:
    page = scan()
    assert "Rows are the regions of block 1, columns those of block 2; the numbers are: documents." in words(page)
    numbers = matrix(page)
    assert len(numbers) == 25
    for (source, target), documents in numbers.items():
        assert documents == sum(TAKEN[source, target, label] for label in LABELS)
    assert sum(numbers.values()) == 60
    assert len(page.get("vega_lite_chart")) == 1
    assert saved(page) == ["PNG", "SVG", "CSV", "CSV, a row for each pair"]


def test_of_a_category_its_own_documents_count_and_its_shares_differ_from_the_others(on_page_store: None) -> None:
    assert all(
        documents == TAKEN[source, target, "plant"]
        for (source, target), documents in matrix(scan(category="plant")).items()
    )
    for (source, target), difference in matrix(scan(category="plant", value="spread")).items():
        shares = {label: TAKEN[source, target, label] / 20 for label in LABELS}
        assert difference == pytest.approx(shares["plant"] - (shares["animal"] + shares["mineral"]) / 2)
    for (source, target), difference in matrix(scan(category="plant", value="spread", versus="animal")).items():
        assert difference == pytest.approx((TAKEN[source, target, "plant"] - TAKEN[source, target, "animal"]) / 20)


def test_the_shares_of_a_row_add_up_to_one(on_page_store: None) -> None:
    totals: Counter[str] = Counter()
    for (source, _), part in matrix(scan(value="part")).items():
        totals[source] += part
    assert list(totals.values()) == pytest.approx([1] * 5)


@pytest.mark.parametrize("category", ["", "plant"])
@pytest.mark.parametrize("name", ["page", "page-grid"])
def test_its_numbers_are_those_of_the_graph(on_page_store: None, store: Store, name: str, category: str) -> None:
    study, ask = store.study(name), Answers(store, max_rows=EVERY_ROW)
    graph = picture(study, ask, View(category=category, connections=3000))
    cells: dict[tuple[str, str], float] = {}
    documents: dict[tuple[str, str], int] = {}
    for step in ("0", "1", "2"):
        shown = drawn(store, name, Matrix(step, "spread", category))
        cells |= {ends: shown.number(*ends) or 0 for ends in shown.cells}
        documents |= {ends: cell.documents for ends, cell in drawn(store, name, Matrix(step)).cells.items()}
    assert {(link.source, link.target) for link in graph.links} == set(cells)
    for link in graph.links:
        ends = link.source, link.target
        assert abs(cells[ends]) == pytest.approx(link.spread, abs=1e-12)
        assert documents[ends] == link.documents
        assert cells[ends] <= 0 if link.less else cells[ends] >= 0


def test_by_default_it_is_of_the_layers_between_which_most_is_found(on_page_store: None, store: Store) -> None:
    graph = with_evidence(planted_graph("matrix-found", seed=23))
    store.write(graph)
    try:
        flows = graph.connectome.flows
        assert flows.evidence is not None
        found = Counter(graph.regions[int(source)].layer for source in flows.source[flows.evidence.finding != 0])
        most = max(sorted(found), key=found.__getitem__)
        page = scan(study="matrix-found", step="")
        assert {source.partition("/")[0] for source, _ in matrix(page)} == {f"L{most}"}
        assert box(page, "Layers").value == str(most)
    finally:
        store.delete(graph.study)


def test_all_layers_stand_in_one_matrix_where_they_are_small(on_page_store: None) -> None:
    page = scan(step="all")
    numbers = matrix(page)
    assert len(numbers) == 15 * 15
    assert sum(numbers.values()) == 180
    assert "all" not in box(scan(study="page-grid"), "Layers").options


def test_rows_and_columns_are_those_of_the_graph_or_by_similarity(on_page_store: None, store: Store) -> None:
    study, ask = store.study("page"), Answers(store, max_rows=EVERY_ROW)
    places = picture(study, ask, View()).places
    shown = drawn(store, "page", Matrix("1"))
    for spots in (shown.rows, shown.columns):
        rows = [places[spot.id].row for spot in spots]
        assert rows == sorted(rows)
    similar = drawn(store, "page", Matrix("1", sort="similar"))
    assert {spot.id for spot in similar.rows} == {spot.id for spot in shown.rows}
    assert similar.cells == shown.cells
    page = scan(sort="similar")
    assert [source for source, _ in list(matrix(page))[::5]] == [spot.id for spot in similar.rows]


def test_of_many_regions_those_of_most_documents_are_shown_and_the_rest_is_counted(
    on_page_store: None, store: Store
) -> None:
    whole = drawn(store, "page-grid", Matrix("1"))
    shown = of_most_documents(whole, 10)
    least = min(spot.size for spot in shown.rows)
    assert all(spot.size <= least for spot in whole.rows if spot not in shown.rows)
    assert len(shown.rows) == len(shown.columns) == 10
    assert f"10 of {len(whole.rows)} rows and 10 of {len(whole.columns)} columns" in shown.left_out
    assert whole.left_out == ""


def test_a_category_without_documents_in_a_region_has_no_share_of_it(on_page_store: None, store: Store) -> None:
    codes = np.array([[0, 0], [0, 1], [1, 1], [1, 1]])
    graph = planted_graph("matrix-parted", codes=codes, categories=["a", "a", "b", "b"], seed=41)
    store.write(graph)
    try:
        shown = drawn(store, "matrix-parted", Matrix("0", "part", "a"))
        assert shown.number("L0/R0", "L1/R1") == 0.5
        assert shown.number("L0/R1", "L1/R1") is None
        assert shown.number("L0/R1", "L1/R0") == 0
    finally:
        store.delete(graph.study)


def test_components_have_none(on_page_store: None, store: Store) -> None:
    scores = np.random.default_rng(3).normal(size=(60, 3, 3))
    graph = planted_components("matrix-components", scores=scores, categories=list(LABELS) * 20, seed=8)
    store.write(graph)
    try:
        assert "components, which hold no documents" in words(scan(study="matrix-components"))
    finally:
        store.delete(graph.study)
