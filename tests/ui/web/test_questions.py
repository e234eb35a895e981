"""The page Questions on a real store: what is asked by default, forms, answers, one's own Cypher."""

from __future__ import annotations

import csv
import io
import json
from itertools import pairwise
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from mri_core.records.graph import Study
from mri_core.store.store import Store
from queries.runner import run
from tests.planted import HOSTILE, planted_components
from tests.questions import CATALOG
from tests.ui.page import box, opened, saved, words
from ui.drawing.answer_graph import MOST_DRAWN, draw_connections, draw_routes
from ui.drawing.palette import ABOVE, BELOW, category_colours
from ui.web.state import answers, reading
from ui.wording.forms import csv_text, json_text

LABELS = ("animal", "mineral", "plant")
COLOURS = category_colours(LABELS)


def ask(**address: str) -> AppTest:
    return opened("questions.py", **address)


def shown(page: AppTest) -> list[dict[str, object]]:
    """The rows of the answer."""
    return page.dataframe[0].value.to_dict("records")  # type: ignore[no-any-return]


def answered(study: Study, question: str, **values: str) -> answers.Answer:
    template = CATALOG.get(question)
    return answers.answer(template, {"study": study.name, **values}, [study], timeout=60, max_rows=1000)


def test_before_anything_is_chosen_the_newest_study_answers_where_its_categories_differ(
    on_page_store: None, store: Store
) -> None:
    page = ask()
    rows = run(store, CATALOG.get("telling-connections"), {"study": "page"}).records()
    assert box(page, "Study").value == "page"
    assert [row["spread"] for row in shown(page)] == pytest.approx([row["spread"] for row in rows])
    assert page.get("bidi_component")


def test_every_question_is_offered_by_group_and_answers_with_what_the_study_offers(
    on_page_store: None, page_study: Study
) -> None:
    page = ask(study="page")
    assert [label.partition(":")[0] for label in box(page, "Question").options] == [t.group for t in CATALOG]
    waiting = []
    for template in CATALOG:
        page.query_params["question"] = template.name
        page.run()
        assert not page.exception, template.name
        assert not page.error, template.name
        if template.only is not None and template.only.unit == "token":  # it says why, and leads to another
            assert f"{template.scope} page is a scan of documents." in words(page)
        elif not page.tabs:
            waiting.append(template.name)
    assert waiting == ["regions-by-keyword"]  # it needs a word


def test_a_question_that_lacks_something_says_what(on_page_store: None) -> None:
    page = ask(study="page", question="regions-by-keyword")
    assert "as soon as it has its word, text that one of a region's words contains" in words(page)
    page.text_input[0].input("WORD2").run()
    assert page.query_params["word"] == "WORD2"
    assert {row["keywords"] for row in shown(page)} == {f"word2, layer{i}" for i in range(4)}


def test_the_form_has_the_headers_defaults_and_what_the_study_holds(on_page_store: None) -> None:
    page = ask(study="page", question="telling-connections")
    assert box(page, "**category**").options == list(LABELS)
    assert box(page, "**first layer**").options == ["embedding", "block 1", "block 2", "block 3"]
    assert "block 1, R3: word3, layer1" in box(page, "**region**").options
    assert box(page, "**diagonal**").value == "true"
    assert next(number for number in page.number_input if number.label.startswith("**limit**")).value == 150
    page = ask(study="page", question="route-of-document")
    assert box(page, "**document**").options[1].startswith("D1, mineral: text 1 about mineral")


def test_what_is_chosen_stands_in_the_address_and_an_address_chooses(on_page_store: None, store: Store) -> None:
    page = ask(study="page", question="compare-categories")
    box(page, "**versus**").select("plant").run()
    assert page.query_params["versus"] == "plant"
    again = ask(study="page", question="compare-categories", versus="plant", limit="3")
    rows = run(
        store, CATALOG.get("compare-categories"), {"study": "page", "category": "animal", "versus": "plant", "limit": 3}
    ).records()
    assert [row["difference"] for row in shown(again)] == pytest.approx([row["difference"] for row in rows])


def test_another_question_keeps_the_category_and_another_study_does_not(on_page_store: None) -> None:
    page = ask(study="page", question="outliers", category="plant", limit="3")
    box(page, "Question").select("bottlenecks").run()
    assert box(page, "**category**").value == "plant"
    assert "limit" not in page.query_params
    box(page, "Study").select("page-grid").run()
    assert "category" not in page.query_params
    assert not page.error


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ({"question": "hub"}, "No question is called 'hub'. Near names: hubs"),
        ({"question": "hubs", "limit": "many"}, "--limit must be a whole number. It is 'many'"),
        ({"question": "hubs", "limit": "-1"}, "--limit must be 0 or more"),
        ({"question": "measures", "layer": str(2**62)}, "The page takes numbers up to"),
        ({"question": "outliers", "category": "plants"}, "No category is called 'plants'. Near names: plant"),
        ({"question": "drivers", "region": "L9/R1"}, "No region is called 'L9/R1'"),
        ({"question": "nearest-documents", "document": "D60"}, "No document is called 'D60'. page has D0 to D59"),
        ({"question": "partings", "category": "plant", "versus": "plant"}, "A category is compared with another one"),
    ],
)
def test_what_cannot_be_asked_is_told_in_one_line(on_page_store: None, address: dict[str, str], told: str) -> None:
    page = ask(study="page", **address)
    assert len(page.error) == 1
    assert told in words(page)


def test_a_cut_answer_says_so(on_page_store: None) -> None:
    page = ask(study="page", question="documents", max_rows="7")
    assert len(shown(page)) == 7
    assert "Cut: there are more than these 7 rows" in words(page)
    limited = words(ask(study="page", question="documents", limit="7"))
    assert "Cut: there are more than these 7 rows; raise limit to see them." in limited
    assert "as many rows as the limit allows" not in words(ask(study="page", question="documents", limit="61"))


def test_no_rows_are_explained_by_what_may_leave_them_out(on_page_store: None, store: Store) -> None:
    page = ask(study="page", question="specialised-regions", least_documents="1000")
    assert "No rows. These may leave out too much:" in words(page)
    assert "least documents (1000)" in words(page)
    graph = planted_components("page-of-components", scores=components(), categories=list(LABELS) * 4, seed=12)
    store.write(graph)
    try:
        page = ask(study="page-of-components", question="hubs")
        assert "page-of-components has components, which hold no documents" in words(page)
        assert shown(ask(study="page-of-components"))[0]["rho"]
    finally:
        store.delete(graph.study)


def components() -> object:
    import numpy as np

    generator = np.random.default_rng(5)
    return generator.normal(size=(12, 1, 2)) + 0.1 * generator.normal(size=(12, 3, 2))


def test_the_cypher_is_shown_with_its_parameters_and_the_command(on_page_store: None, page_study: Study) -> None:
    page = ask(study="page", question="drivers", region="L2/R3")
    params, statement, command = (block.value for block in page.code)
    assert params.startswith(":params {study: ")
    assert f'region: "{page_study.id}/L2/R3"' in params
    assert statement == CATALOG.get("drivers").statement
    assert command == "mri query drivers --study page --region L2/R3"


def test_downloads_are_the_whole_answer_as_the_command_line_has_it(on_page_store: None, page_study: Study) -> None:
    answer = answered(page_study, "regions").result
    table = list(csv.DictReader(io.StringIO(csv_text(answer))))
    assert [row["region"] for row in table] == [row["region"] for row in answer.records()]
    assert json.loads(json_text(answer.records())) == answer.records()
    assert saved(ask(study="page", question="regions")) == ["CSV", "JSON"]


def test_what_is_drawn_is_saved_as_a_picture_too(on_page_store: None) -> None:
    for drawn in ("telling-connections", "strongest-route"):
        assert saved(ask(study="page", question=drawn)) == ["PNG", "SVG", "HTML", "CSV", "JSON"]
    assert saved(ask(study="page", question="spreads")) == ["PNG", "SVG", "CSV", "JSON"]


@pytest.mark.parametrize(
    ("versus", "colours"), [("plant", (COLOURS["animal"], COLOURS["plant"])), ("", (ABOVE, BELOW))]
)
def test_a_difference_has_the_colour_of_the_category_that_has_more_else_of_its_sign(
    on_page_store: None, page_study: Study, versus: str, colours: tuple[str, str]
) -> None:
    result = answered(page_study, "compare-categories", category="animal", versus="plant", limit="1000").result
    drawing = draw_connections(page_study, reading.ask, result, COLOURS, "animal", versus)
    assert drawing is not None
    drawn = {(stroke.source, stroke.target): stroke for stroke in drawing.strokes}
    for row in result.records():
        ends = tuple(row[end].removeprefix(f"{page_study.id}/") for end in ("source", "target"))
        stroke = drawn[ends]
        assert stroke.weight == pytest.approx(abs(row["difference"]))
        assert stroke.colour == colours[row["difference"] < 0]
    assert ("difference above 0" in drawing.legend) == (not versus)
    assert len(drawn) == len(result)


def test_connections_of_a_category_have_its_colour_and_many_are_left_to_the_table(
    on_page_store: None, page_study: Study, store: Store
) -> None:
    result = answered(page_study, "connections").result
    drawing = draw_connections(page_study, reading.ask, result, COLOURS)
    assert drawing is not None
    pairs = {(row["source"], row["target"]) for row in result.records()}
    assert len(drawing.strokes) == len(pairs) <= MOST_DRAWN
    assert {stroke.colour for stroke in drawing.strokes} == set(COLOURS.values())
    grid = store.study("page-grid")
    wide = answered(grid, "connections").result
    drawing = draw_connections(grid, reading.ask, wide, COLOURS)
    assert drawing is not None
    pairs = {(row["source"], row["target"]) for row in wide.records()}
    assert len(drawing.strokes) + drawing.left_out == len(pairs)


def test_a_route_is_drawn_from_layer_to_layer_over_the_telling_connections(
    on_page_store: None, page_study: Study
) -> None:
    result = answered(page_study, "route-of-document", document="D7").result
    drawing = draw_routes(page_study, reading.ask, result, COLOURS, "mineral")
    assert drawing is not None
    steps = [stroke for stroke in drawing.strokes if stroke.colour == COLOURS["mineral"]]
    way = [row["region"].removeprefix(f"{page_study.id}/") for row in result.records()]
    assert [(stroke.source, stroke.target) for stroke in steps] == list(pairwise(way))
    assert len(drawing.strokes) > len(steps)


def test_several_routes_are_drawn_the_first_boldest(on_page_store: None, page_study: Study) -> None:
    result = answered(page_study, "routes-through-region", region="L1/R3", category="plant", routes="2").result
    drawing = draw_routes(page_study, reading.ask, result, COLOURS, "plant")
    assert drawing is not None
    steps = [stroke for stroke in drawing.strokes if stroke.colour == COLOURS["plant"]]
    assert len(steps) == 6
    assert min(step.weight for step in steps[:3]) > max(step.weight for step in steps[3:])
    assert len({stroke.id for stroke in drawing.strokes}) == len(drawing.strokes)


def test_a_heatmap_is_drawn_and_a_region_picked_in_a_graph_is_told(on_page_store: None) -> None:
    page = ask(study="page", question="spreads")
    assert len(page.get("vega_lite_chart")) + len(page.get("arrow_vega_lite_chart")) == 1
    assert "Colour: effective_regions (effective number of regions" in words(page)
    page = ask(study="page", question="telling-connections", picked="L1/R3")
    assert "block 1, region 3:" in words(page)
    page = ask(study="page", question="telling-connections", picked="L1/R2>L2/R2")
    assert "to block 2, R2" in words(page)


def test_questions_of_a_folder_stand_beside_ours_and_a_broken_one_is_told(
    on_page_store: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MRI_QUERIES", str(tmp_path))
    ours = tmp_path / "hostile-words.cypher"
    text = CATALOG.get("categories").path.read_text("utf-8")
    ours.write_text(text.replace("// title: Categories of a study", f"// title: {HOSTILE[6]} {HOSTILE[7]}"))
    page = ask(study="page", question="hostile-words")
    assert {row["category"] for row in shown(page)} == set(LABELS)
    ours.write_text(text.replace("// view", "// viwe").replace("// group: study", "// group: studies"))
    page = ask(study="page")
    assert "There is no group 'studies'" in words(page)
    assert shown(page)


def test_hostile_labels_words_and_titles_are_data(on_page_store: None) -> None:
    for question in ("telling-connections", "documents", "spreads", "nearest-documents", "regions"):
        page = ask(study="page-hostile", question=question)
        marked_up = [e.value for e in (*page.markdown, *page.caption, *page.subheader, *page.error)]
        marked_up += [e.label for e in (*page.selectbox, *page.text_input, *page.number_input, *page.tabs)]
        assert not any(hostile in text for hostile in HOSTILE for text in marked_up)
        assert any(str(value) in HOSTILE for row in shown(page) for value in row.values()) or question == "regions"


def test_an_empty_store_shows_how_to_make_the_first_study(bare_folder: Path) -> None:
    assert next(iter(ask().code)).value == "mri demo"
