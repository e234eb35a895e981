"""The pages' logic on a real store: what is shown, what is chosen, what is deleted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mri_core.records.graph import Study
from mri_core.store import open_store
from mri_core.store.embedded import lifecycle
from mri_core.store.store import Store
from tests.planted import HOSTILE, planted_components, planted_graph, random_codes
from tests.ui.page import box, opened, press, start, words

LABELS = ("animal", "mineral", "plant")


def scan(**address: str) -> AppTest:
    return opened("scan.py", **address)


def numbers(page: AppTest) -> object:
    """The table of the connections drawn: the last on the page."""
    return page.dataframe[-1].value


def test_an_empty_store_shows_how_to_make_the_first_study(bare_folder: Path) -> None:
    for page in (start(), scan()):
        assert next(iter(page.code)).value == "mri demo"
        assert not page.dataframe


def test_the_list_has_every_study_with_its_counts(on_page_store: None, page_study: Study) -> None:
    table = start().dataframe[0].value.set_index("name")
    assert {"page", "page-grid", "page-hostile"} <= set(table.index)
    assert table.loc["page", "documents"] == 60
    assert table.loc["page", "connections"] == page_study.connections


def test_a_study_is_deleted_only_when_asked_twice(on_page_store: None, store: Store) -> None:
    doomed = planted_graph("page-doomed", seed=9).study
    store.write(planted_graph("page-doomed", seed=9))
    page = start()
    box(page, "Study").select(doomed.id).run()
    press(page, "Delete study …")
    assert "page-doomed" in words(page)
    press(page, "Keep it")
    assert store.is_ready(doomed.id)
    press(page, "Delete study …")
    press(page, "Delete it")
    assert not store.is_ready(doomed.id)
    assert "page-doomed" not in set(page.dataframe[0].value["name"])
    assert store.study("page").name == "page"


def test_the_newest_study_is_shown_where_the_address_names_none(on_page_store: None) -> None:
    assert box(scan(), "Study").value == "page"


def test_of_several_studies_the_box_says_how_many_there_are_and_whether_it_shows_the_newest(
    on_page_store: None, store: Store
) -> None:
    count = len(list(store.studies()))
    assert box(scan(), "Study").label == f"Study, the newest of {count}"
    assert box(scan(study="page-grid"), "Study").label == f"Study, one of {count}"


def test_an_unknown_study_is_told_with_near_names(on_page_store: None) -> None:
    page = scan(study="page-gird")
    assert "No study is called 'page-gird'. Near names: page-grid" in words(page)
    box(page, "Study").select("page-grid").run()
    assert "60 documents of 3 categories" in words(page)


def test_the_graph_shows_the_connections_that_differ_most(on_page_store: None) -> None:
    table = numbers(scan(study="page", connections="25"))
    graph = planted_graph("page")
    shares = np.zeros((len(graph.regions), len(graph.regions), 3))
    flows = graph.connectome.flows
    shares[flows.source, flows.target, flows.category] = flows.share
    spread = np.sort((shares.max(axis=2) - shares.min(axis=2)).ravel())[::-1]
    assert table["difference of shares"].tolist() == pytest.approx(spread[:25].tolist())


def test_components_are_a_table_of_what_moves_together(on_page_store: None, store: Store) -> None:
    scores = np.random.default_rng(3).normal(size=(60, 1, 3)) + np.random.default_rng(4).normal(size=(60, 3, 3))
    graph = planted_components("page-components", scores=scores, categories=list(LABELS) * 20, seed=8)
    store.write(graph)
    try:
        page = scan(study="page-components")
        table = numbers(page)
        assert "Components hold no documents" in words(page)
        assert table["rho"].abs().tolist() == pytest.approx(sorted(np.abs(graph.connectome.flows.weight))[::-1])
        assert set(numbers(scan(study="page-components", category="plant"))["category"]) == {"plant"}
        one = numbers(scan(study="page-components", region="L1/R2"))
        assert ((one["from"] == "block 1, component 2") | (one["to"] == "block 1, component 2")).all()
        assert 0 < len(one) < len(table)
    finally:
        store.delete(graph.study)


def test_connections_that_stay_can_be_hidden(on_page_store: None) -> None:
    assert (lambda t: (t["from region"] == t["to region"]).any())(numbers(scan(study="page")))
    assert not (lambda t: (t["from region"] == t["to region"]).any())(numbers(scan(study="page", stay="no")))


def test_a_region_is_told_by_its_words_categories_neighbours_and_documents(on_page_store: None) -> None:
    page = scan(study="page", region="L1/R3")
    graph = planted_graph("page")
    region = next(r for r in graph.regions if (r.layer, r.name) == (1, "3"))
    assert f"block 1, region 3: {region.documents} documents" in words(page)
    assert "word3, layer1" in words(page)
    exemplars = [list(graph.documents)[ordinal].text for ordinal in region.exemplars]
    assert all(text in words(page) for text in exemplars)
    ends = [frame.value for frame in page.dataframe if "of this region" in frame.value]
    assert len(ends) == 2
    assert all(set(frame["region"]) <= set("01234") and frame["documents"].sum() <= region.documents for frame in ends)
    assert [heading.value for heading in page.markdown if "Strongest" in heading.value] == [
        "**Strongest connections in**",
        "**Strongest connections out**",
    ]


@pytest.mark.parametrize(("region", "missing"), [("L0/R1", "in"), ("L3/R1", "out")])
def test_the_outermost_layers_have_connections_on_one_side(on_page_store: None, region: str, missing: str) -> None:
    page = scan(study="page", region=region)
    assert f"**Strongest connections {missing}**" not in [heading.value for heading in page.markdown]


def test_a_connection_is_told_by_its_documents(on_page_store: None) -> None:
    codes = random_codes(60, 4, 5, 0)
    passing = np.flatnonzero((codes[:, 1] == 2) & (codes[:, 2] == 2))
    page = scan(study="page", source="L1/R2", target="L2/R2")
    assert f"{len(passing)} documents" in words(page)
    shown = [f"text {i} about {LABELS[i % 3]}" for i in passing if f"text {i} about {LABELS[i % 3]}" in words(page)]
    assert len(shown) == min(len(passing), 10)


def test_focus_leaves_only_the_neighbourhood(on_page_store: None) -> None:
    page = scan(study="page", region="L1/R3")
    next(toggle for toggle in page.toggle if toggle.label.startswith("Focus")).set_value(True).run()
    table = next(frame.value for frame in page.dataframe if "from layer" in frame.value)
    touches = (table["from layer"].eq("block 1") & table["from region"].eq("3")) | (
        table["to layer"].eq("block 1") & table["to region"].eq("3")
    )
    assert len(table)
    assert touches.all()
    assert page.query_params["focus"] == "yes"


def test_a_region_chosen_in_the_box_stands_in_the_address(on_page_store: None) -> None:
    page = scan(study="page")
    box(page, "Region").select("L2/R4").run()
    assert page.query_params["region"] == "L2/R4"
    assert "block 2, region 4" in words(page)
    press(page, "Close")
    assert "region" not in page.query_params


def test_one_category_is_set_against_the_others(on_page_store: None) -> None:
    graph = planted_graph("page")
    shares = np.zeros((len(graph.regions), len(graph.regions), 3))
    flows = graph.connectome.flows
    shares[flows.source, flows.target, flows.category] = flows.share
    difference = np.abs(shares[..., 2] - shares[..., :2].mean(axis=2)).max()
    page = scan(study="page", category="plant")
    assert numbers(page)["difference of shares"].iloc[0] == pytest.approx(difference)
    assert "plant differs most" in words(page)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ({"region": "L1/R33"}, "No region is called 'L1/R33'"),
        ({"source": "L1/R0", "target": "L9/R0"}, "No region is called 'L9/R0'"),
        ({"category": "plants"}, "No category is called 'plants'. Near names: plant"),
    ],
)
def test_what_the_study_does_not_have_is_told(on_page_store: None, address: dict[str, str], told: str) -> None:
    page = scan(study="page", **address)
    assert told in words(page)
    assert len(numbers(page))


@pytest.mark.parametrize(
    "address",
    [
        {"connections": "-5", "measure": "x", "first": "99", "last": "0"},
        {"source": "L1/R0"},
        {"source": "L0/R0", "target": "L3/R0"},
        {"focus": "yes"},
    ],
)
def test_a_strange_address_shows_the_graph_all_the_same(on_page_store: None, address: dict[str, str]) -> None:
    assert len(numbers(scan(study="page", **address)))


def test_layers_can_be_left_out(on_page_store: None) -> None:
    table = numbers(scan(study="page", first="1", last="2"))
    assert set(table["from layer"]) == {"block 1"}
    assert set(table["to layer"]) == {"block 2"}


def test_a_grid_is_drawn_and_its_regions_are_told(on_page_store: None) -> None:
    page = scan(study="page-grid", region="L1/R7")
    assert "block 1, region 7" in words(page)


def test_hostile_words_are_shown_as_they_are_and_never_as_markup(on_page_store: None) -> None:
    page = scan(study="page-hostile", region="L1/R2")
    assert HOSTILE[1] in words(page)
    marked_up = [element.value for element in (*page.markdown, *page.caption, *page.subheader, *page.error)]
    assert not any(hostile in text for hostile in HOSTILE for text in marked_up)


@pytest.mark.slow  # an engine stops and starts
@pytest.mark.engine
def test_the_page_recovers_when_the_engine_has_stopped(bare_folder: Path) -> None:
    with open_store(bare_folder) as store:
        store.write(planted_graph("back", seed=5))
    page = scan(study="back")
    lifecycle.stop(bare_folder)
    page.query_params["region"] = "L1/R2"
    page.run()
    assert "block 1, region 2" in words(page)
    assert not page.error


def test_what_is_wrong_with_the_store_is_one_line_with_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "letters.txt").write_text("not a store")
    monkeypatch.setenv("MRI_STORE", str(tmp_path))
    page = start()
    assert len(page.text) == 1
    assert "\n" not in page.text[0].value
    assert str(tmp_path) in page.text[0].value
