"""A region of the graph is expanded in place: what is added, what stays where it is, and what stands in the address."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mri_core.store.store import Store
from queries.runner import EVERY_ROW
from tests.planted import random_codes
from tests.ui.page import opened, press, words
from ui.drawing.expanding import expanded_picture
from ui.drawing.picture import picture
from ui.drawing.view import View
from ui.reports.answers import Answers

pytestmark = pytest.mark.engine

CELLS = random_codes(60, 4, 30, 1)  # of the study `page-grid`


def scan(**address: str) -> AppTest:
    return opened("scan.py", **{"study": "page-grid", "connections": "25"} | address)


def taken(region: str) -> Counter[tuple[str, str]]:
    """Documents of each connection that leaves or reaches a region, counted from the planted codes."""
    steps = [(f"L{i}/R{a}", f"L{i + 1}/R{b}") for way in CELLS for i, (a, b) in enumerate(pairwise(way))]
    return Counter(step for step in steps if region in step)


def drawn(page: AppTest, region: str) -> list[int]:
    """Documents of the connections of a region in the table of those drawn, in its order."""
    layer, _, name = region.partition("/R")
    title = "embedding" if layer == "L0" else f"block {layer[1:]}"
    table = next(frame.value for frame in page.dataframe if "from layer" in frame.value)
    ends = [(table[f"{end} layer"] == title) & (table[f"{end} region"] == name) for end in ("from", "to")]
    return table.loc[ends[0] | ends[1], "documents"].tolist()


def busiest() -> str:
    """The region in the middle with the most connections."""
    return max((f"L{i}/R{c}" for i in (1, 2) for c in np.unique(CELLS[:, i])), key=lambda region: len(taken(region)))


def test_a_region_is_expanded_by_the_connections_of_most_documents_until_all_are_drawn(on_page_store: None) -> None:
    region = busiest()
    known = taken(region)
    page = scan(region=region)
    before = drawn(page, region)
    left = len(known) - len(before)
    assert f"{len(before)} of its {len(known)} connections are drawn." in words(page)
    page = press(page, f"Expand by {min(10, left)}")
    assert page.query_params["expanded"] == f"{region}*{min(10, left)}"
    after = drawn(page, region)
    assert after[: len(before)] == before
    assert after[len(before) :] == sorted(after[len(before) :], reverse=True)
    page = scan(region=region, expanded=f"{region}*{left}")
    assert sorted(drawn(page, region)) == sorted(known.values())
    assert next(button for button in page.button if button.label == "Expand all").disabled
    page = press(page, "Collapse")
    assert drawn(page, region) == before
    assert "expanded" not in page.query_params


def test_an_expanded_region_stays_expanded_in_another_panel_until_all_is_collapsed(on_page_store: None) -> None:
    region = busiest()
    page = scan(expanded=f"{region}*2")
    assert "Added: 2 further connections of expanded regions" in words(page)
    page = press(page, "Collapse all")
    assert "Added" not in words(page)


def test_an_unknown_region_is_not_expanded_and_the_page_says_so(on_page_store: None) -> None:
    page = scan(expanded="L1/R77*3")
    assert "No region is called 'L1/R77'" in words(page) + "".join(error.value for error in page.error)
    assert "Added" not in words(page)


@pytest.mark.parametrize("name", ["page", "page-grid"])
def test_what_was_drawn_stays_where_it_is_and_no_two_regions_share_a_place(
    on_page_store: None, store: Store, name: str
) -> None:
    study, ask = store.study(name), Answers(store, max_rows=EVERY_ROW)
    view = View(connections=25)
    before = picture(study, ask, view)
    for region in (before.links[0].source, before.links[-1].target, before.links[3].source):
        view = view.expand(region, 50)
        after = expanded_picture(study, ask, view)
        assert after.links[:25] == before.links
        assert {key: after.places[key] for key in before.places} == before.places
        assert {end for link in after.links for end in (link.source, link.target)} <= set(after.places)
        assert len({(cell.column, cell.row) for cell in after.places.values()}) == len(after.places)
        picked = expanded_picture(study, ask, view.on(after.links[-1].target))
        assert picked.places == after.places
