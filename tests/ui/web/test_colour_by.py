"""Studies of crossed labels in the colours of one of them: on the graph, the heatmaps and Documents."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mri_core.errors import UsageError
from mri_core.records.crossed import crossed_labels, values_of
from mri_core.records.graph import Study
from mri_core.store.store import Store
from queries.runner import EVERY_ROW
from tests.planted import planted_graph, random_codes, with_evidence
from tests.ui.page import opened, words
from ui.drawing.colouring import colouring, recoloured
from ui.drawing.palette import category_colours
from ui.drawing.picture import picture
from ui.drawing.view import View
from ui.publishing.found import figures
from ui.reports.answers import Answers

pytestmark = pytest.mark.engine

LEVELS = [(topic, register) for topic in ("law", "sea", "sky") for register in ("plain", "technical")]
CODES = random_codes(90, 4, 6, 51)
OWN = [LEVELS[(i * i + i // 7) % 6] for i in range(90)]  # of sizes that differ
REPORT = json.dumps({"columns": {"text": "text", "label": ["topic", "register"], "title": None, "id": None}})


@pytest.fixture(scope="module")
def crossed(store: Store) -> Iterator[Study]:
    graph = planted_graph("crossed", codes=CODES, categories=["/".join(own) for own in OWN], seed=51, report=REPORT)
    store.write(with_evidence(graph))
    yield store.study("crossed")
    store.delete(graph.study)


def ask(store: Store) -> Answers:
    return Answers(store, max_rows=EVERY_ROW)


def shares(documents: np.ndarray, label: int) -> dict[str, float]:
    """Of all documents of each value, the part that is among some."""
    whole = Counter(own[label] for own in OWN)
    here = Counter(OWN[i][label] for i in np.flatnonzero(documents))
    return {value: here[value] / whole[value] for value in sorted(whole)}


def captions(page: AppTest) -> str:
    return " ".join(caption.value for caption in page.caption)


def scan(**address: str) -> AppTest:
    return opened("scan.py", **{"study": "crossed"} | address)


@pytest.mark.parametrize(("label", "place"), [("topic", 0), ("register", 1)])
def test_a_region_has_the_value_of_which_it_holds_the_largest_share(
    crossed: Study, store: Store, label: str, place: int
) -> None:
    by = colouring(crossed, ask(store), label)
    assert by.colours == category_colours({own[place] for own in OWN})
    shown = recoloured(crossed, ask(store), picture(crossed, ask(store), View(order="shares")), by)
    assert len(shown.spots) == len({(i, code) for way in CODES for i, code in enumerate(way)})
    for spot in shown.spots:
        here = shares(CODES[:, spot.layer] == int(spot.name), place)
        assert here[spot.dominant or ""] == max(here.values())
        assert spot.dominance == pytest.approx(max(here.values()) / sum(here.values()))
        assert f"every {label} weighing alike" in spot.told


def test_a_connection_has_the_value_that_takes_it_most_or_that_of_the_category_it_is_drawn_for(
    crossed: Study, store: Store
) -> None:
    by = colouring(crossed, ask(store), "topic")
    plain = picture(crossed, ask(store), View(order="shares", connections=3000))
    for link in recoloured(crossed, ask(store), plain, by).links:
        (layer, a), (_, b) = ((int(end[1]), int(end.partition("/R")[2])) for end in (link.source, link.target))
        here = shares((CODES[:, layer] == a) & (CODES[:, layer + 1] == b), 0)
        assert here[link.tint or ""] == max(here.values())
    asked = picture(crossed, ask(store), View(order="shares", category="sea/plain"))
    assert {link.tint for link in recoloured(crossed, ask(store), asked, by, "sea/plain").links} == {"sea"}
    found = picture(crossed, ask(store), View(most_q=1.0))
    topics = [link.tint and link.tint.partition("/")[0] for link in found.links]
    assert any(topics)
    assert [link.tint for link in recoloured(crossed, ask(store), found, by).links] == topics


def test_a_category_has_the_colour_of_its_value_and_a_label_that_is_none_is_refused(
    crossed: Study, store: Store
) -> None:
    by = colouring(crossed, ask(store), "register")
    assert by.of_categories["law/plain"] == by.of_categories["sea/plain"] == by.colours["plain"]
    with pytest.raises(UsageError, match="No crossed label is called 'topics'"):
        colouring(crossed, ask(store), "topics")


def test_what_colours_stand_for_is_chosen_only_where_labels_are_crossed(crossed: Study, on_page_store: None) -> None:
    def labels(page: AppTest) -> list[str]:
        return [selectbox.label for selectbox in page.selectbox]

    for file in ("scan.py", "documents.py"):
        assert "Colour by" in labels(opened(file, study="crossed"))
        assert "Colour by" not in labels(opened(file, study="page"))
    page = scan(colour="topic")
    assert "Colours are the values of topic" in words(page)
    assert "No crossed label is called 'author'" in words(scan(colour="author"))
    assert "in the colour of its register" in words(opened("documents.py", study="crossed", colour="register"))


def test_heatmaps_have_a_row_for_each_value(crossed: Study, on_page_store: None) -> None:
    table = scan(tab="heatmaps", colour="register").dataframe[0].value
    assert set(table["value"]) == {"plain", "technical"}
    for row in table.to_dict("records"):
        layer = 0 if row["layer"] == "embedding" else int(row["layer"].removeprefix("block "))
        here = shares(CODES[:, layer] == int(row["region"]), 1)
        assert row["share"] == pytest.approx(here[row["value"]])
        assert row["lift"] == pytest.approx(here[row["value"]] / np.mean(list(here.values())))
    one = scan(tab="heatmaps", colour="topic", category="sea/plain").dataframe[0].value
    assert set(one["value"]) == {"sea"}


def test_what_is_said_of_colours_is_of_values_where_these_are_coloured(crossed: Study, on_page_store: None) -> None:
    of = {"colour": "register"}
    heatmaps, graph, plain = (captions(scan(**way)) for way in ({"tab": "heatmaps"} | of, of, {}))
    assert "documents of the value that are in the region" in heatmaps
    assert "a row is a category" not in heatmaps
    assert "its colour the value with the largest share there" in graph
    assert "its colour the category with the largest share there" in plain


def test_a_report_has_a_heatmap_for_each_label(crossed: Study, store: Store) -> None:
    titles = [drawn.title for drawn in figures(crossed, ask(store), ["/".join(own) for own in LEVELS])]
    assert titles[:3] == [
        "Where each category sits",
        "Where each value of topic sits",
        "Where each value of register sits",
    ]


def test_labels_are_crossed_where_a_study_says_so(crossed: Study) -> None:
    assert crossed_labels(crossed) == ("topic", "register")
    assert values_of(crossed, "register", ["law/plain", "sky/technical"]) == {
        "law/plain": "plain",
        "sky/technical": "technical",
    }
    assert crossed_labels(planted_graph(report='{"columns": {"label": "topic"}}').study) == ()
    assert crossed_labels(planted_graph().study) == ()
