"""The page Documents on a real store: search, one document's path, those that share it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mri_core.store.store import Store
from tests.planted import HOSTILE, planted_components, planted_graph, random_codes
from tests.ui.page import box, opened, press, words
from ui.web.state.searching import Search, read, write

LABELS = ("animal", "mineral", "plant")
CODES = random_codes(60, 4, 5, 0)  # of the study `page`


def documents(**address: str) -> AppTest:
    return opened("documents.py", **address)


def listed(page: AppTest) -> list[str]:
    return list(page.dataframe[0].value["document"])


def test_before_anything_is_chosen_the_first_document_of_the_newest_study_shows_its_path(on_page_store: None) -> None:
    page = documents()
    assert box(page, "Study").value == "page"
    assert listed(page) == [f"D{i}" for i in range(10)]
    assert "60 documents, listed 1 to 10." in words(page)
    assert "text 0 about animal" in words(page)
    assert page.get("bidi_component")
    steps = page.dataframe[1].value
    layers = ("embedding", "block 1", "block 2", "block 3")
    assert list(steps["region"]) == [f"{layer}, R{CODES[0, i]}" for i, layer in enumerate(layers)]
    assert list(steps["keywords"]) == [f"word{CODES[0, i]}, layer{i}" for i in range(4)]


def test_documents_are_found_by_text_and_category(on_page_store: None) -> None:
    page = documents(study="page")
    page.text_input[0].input("TEXT 1").run()
    box(page, "Category").select("mineral").run()
    wanted = [f"D{i}" for i in range(60) if str(i).startswith("1") and i % 3 == 1]
    assert listed(page) == wanted
    assert f"{len(wanted)} documents of mineral with 'TEXT 1', listed 1 to {len(wanted)}." in words(page)
    assert page.query_params["text"] == "TEXT 1"
    assert page.query_params["category"] == "mineral"
    page.text_input[0].input("no such thing").run()
    assert "No document of page of mineral has 'no such thing'" in words(page)
    assert not page.dataframe


def test_the_list_is_turned_page_by_page_and_ends(on_page_store: None) -> None:
    page = press(documents(study="page"), "Next")
    assert listed(page) == [f"D{i}" for i in range(10, 20)]
    assert page.query_params["page"] == "2"
    assert listed(press(page, "Previous")) == [f"D{i}" for i in range(10)]
    page = documents(study="page", page="99")
    assert listed(page) == [f"D{i}" for i in range(50, 60)]
    assert next(button for button in page.button if button.label == "Next").disabled


def test_a_document_of_the_address_is_shown_wherever_the_list_stands(on_page_store: None) -> None:
    page = documents(study="page", document="D41", text="animal")
    assert "D41, plant\ntext 41 about plant" in words(page)
    shared = (CODES[41] == CODES).sum(axis=1)
    nearest = page.dataframe[2].value
    order = sorted((i for i in range(60) if i != 41 and shared[i]), key=lambda i: (-shared[i], i))[:20]
    assert list(nearest["neighbour"]) == [f"D{i}" for i in order]
    assert list(nearest["shared"]) == [shared[i] for i in order]
    box(page, "Document").select("D0").run()
    assert page.query_params["document"] == "D0"
    assert "text 0 about animal" in words(page)


def test_a_title_that_only_repeats_the_text_is_not_told_twice(on_page_store: None, store: Store) -> None:
    assert list(documents(study="page").dataframe[0].value.columns) == ["document", "category", "excerpt"]
    graph = planted_graph("page-titled", seed=15)
    named = replace(graph, documents=tuple(replace(each, title=f"No. {i}") for i, each in enumerate(graph.documents)))
    store.write(named)
    try:
        page = documents(study="page-titled", document="D7")
        assert page.dataframe[0].value["title"].tolist() == [f"No. {i}" for i in range(10)]
        assert "D7, mineral: No. 7" in words(page)
    finally:
        store.delete(named.study)


def test_a_region_of_the_path_that_is_picked_is_told(on_page_store: None) -> None:
    region = CODES[7, 2]
    assert f"block 2, region {region}:" in words(documents(study="page", document="D7", picked=f"L2/R{region}"))


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ({"document": "D60"}, "No document is called 'D60'"),
        ({"document": "D007"}, "No document is called 'D007'"),
        ({"document": "<b>"}, "No document is called '<b>'"),
        ({"category": "plants"}, "No category is called 'plants'. Near names: plant"),
        ({"study": "pages"}, "No study is called 'pages'"),
    ],
)
def test_what_is_not_there_is_told(on_page_store: None, address: dict[str, str], told: str) -> None:
    page = documents(**{"study": "page", **address})
    assert len(page.error) == 1
    assert told in words(page)


def test_documents_of_components_have_no_path_and_the_page_says_so(on_page_store: None, store: Store) -> None:
    scores = np.random.default_rng(3).normal(size=(12, 3, 2))
    graph = planted_components("page-pathless", scores=scores, categories=list(LABELS) * 4, seed=14)
    store.write(graph)
    try:
        page = documents(study="page-pathless")
        assert len(listed(page)) == 10
        assert "page-pathless has components, which hold no documents: none has a path here" in words(page)
        assert not page.get("bidi_component")
    finally:
        store.delete(graph.study)


@pytest.mark.parametrize(
    ("page", "asked"),
    [("documents.py", {"text": "text 1"}), ("questions.py", {"question": "nearest-documents"})],
)
def test_a_document_of_a_page_s_list_is_never_another_whose_own_id_is_its_place(
    on_page_store: None, store: Store, tidy: None, page: str, asked: dict[str, str]
) -> None:
    graph = planted_graph("twins", codes=CODES)
    rows = tuple(replace(each, source_id="D7" if each.ordinal == 3 else None) for each in graph.documents)
    store.write(replace(graph, documents=rows))
    shown = opened(page, study="twins", document="D7", **asked)
    told = words(shown) + " ".join(code.value for code in shown.code)
    assert "of more than one" not in told
    assert "is the place of one" not in told
    assert ("text 7 about" if page == "documents.py" else f"--document {graph.study.id}/D7") in told


def test_a_grid_draws_a_path_too(on_page_store: None) -> None:
    assert documents(study="page-grid", document="D3").get("bidi_component")


def test_hostile_texts_are_found_and_shown_as_they_are(on_page_store: None) -> None:
    for hostile in (HOSTILE[1], HOSTILE[2], HOSTILE[6], HOSTILE[7].partition("http")[0]):
        page = documents(study="page-hostile", text=hostile)
        assert len(listed(page)) == 10
        assert hostile in words(page)
        marked_up = [element.value for element in (*page.markdown, *page.caption, *page.subheader, *page.error)]
        assert not any(hostile in text for text in marked_up)


def test_an_empty_store_shows_how_to_make_the_first_study(bare_folder: Path) -> None:
    assert next(iter(documents().code)).value == "mri demo"


@pytest.mark.parametrize(
    "search", [Search(), Search("demo", "a & b=c#?", "law", 3, "D12", "L1/R2>L2/R3", "topic"), Search(document="D0")]
)
def test_an_address_looks_for_what_was_looked_for(search: Search) -> None:
    assert read(write(search)) == search


def test_a_page_that_is_none_is_the_first() -> None:
    assert [read({"page": page}).page for page in ("-1", "0", "x", "12345678901")] == [1, 1, 1, 1]


def test_where_the_graph_holds_a_sample_the_pages_say_so_and_a_document_of_the_others_is_refused(
    on_page_store: None, store: Store, tidy: None
) -> None:
    graph = planted_graph("sampled", codes=CODES)
    stored = np.arange(60) % 4 == 0
    study = replace(graph.study, documents_stored=15, created_at="2027-01-01T00:00:00+00:00")
    store.write(replace(graph, stored=stored, study=study))
    among = "sampled stores 15 of its 60 documents"
    page = documents(study="sampled", document="D8")
    assert listed(page) == [f"D{i}" for i in range(0, 40, 4)]
    assert f"15 documents, listed 1 to 10. {among}, which are searched." in words(page)
    assert f"{among}, and these are among them." in words(page)
    assert "text 8 about plant" in words(page)
    page = documents(study="sampled", document="D9")
    assert f"{among}, others than D9" in words(page)
    page = opened("scan.py", study="sampled", region="L1/R2")
    assert "60 documents (15 of them in the graph) of 3 categories." in words(page)
    assert f"{among}, and these are among them." in "\n".join(caption.value for caption in page.caption)
    page = opened("questions.py", study="sampled", question="triangles")
    assert f"{among}: documents are listed and counted among these" in words(page)
    page = opened("questions.py", study="sampled", question="hubs")
    assert among not in words(page)
    assert "60 documents (15 of them in the graph) of planted.csv" in words(opened("overview.py", study="sampled"))
