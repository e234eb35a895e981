"""The page Overview: where a study opens, in words and two pictures, with the ways to what lies behind."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mri_core.store.store import Store
from tests.planted import planted_components
from tests.ui.evidence import hostile, weighed
from tests.ui.page import opened, press, start, words
from ui.web.widgets.head import ANSWERS

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("on_page_store")]
PAGES = ("studies", "new_scan", "overview", "scan", "compare", "questions", "documents", "live", "trust")


def overview(**address: str) -> AppTest:
    return opened("overview.py", **address)


def links(page: AppTest) -> list[str]:
    return [link.proto.label for link in page.get("page_link")]


def test_a_study_opens_on_what_was_found_how_far_to_trust_it_and_what_is_next(store: Store) -> None:
    graph = weighed("page-first", 27)
    store.write(graph)
    try:
        page = overview(study="page-first")
        told = words(page)
        assert "page-first: 60 documents of planted.csv in 3 categories" in told
        assert "40 of 90 connections differ between the categories" in told
        assert [line[:3] for line in told.splitlines() if line[1:3] == ". "] == ["1. ", "2. ", "3. "]
        assert "Controls: shuffled labels 0.2, random blocks 11" in told
        assert links(page).count("In the graph") == 3
        assert "How 60 documents of 3 categories go through" in told
        assert len(page.get("vega_lite_chart") or page.get("arrow_vega_lite_chart")) == 1
        assert page.code[0].value.startswith("mri show page-first --full\nmri compare page-first ")
    finally:
        store.delete(graph.study)


def test_the_button_of_studies_opens_it() -> None:
    page = press(start(), "Open study")
    assert page.query_params["study"] == "page"
    assert "How far to trust it" in "".join(line.value for line in page.markdown)


def test_components_are_told_without_a_graph(store: Store) -> None:
    scores = np.random.default_rng(3).normal(size=(60, 1, 3)) + np.random.default_rng(4).normal(size=(60, 3, 3))
    graph = planted_components("page-moving", scores=scores, categories=["a", "b", "c"] * 20, seed=28)
    store.write(graph)
    try:
        page = overview(study="page-moving")
        assert "move together" in words(page)
        assert "In the graph" not in links(page)
    finally:
        store.delete(graph.study)


def test_hostile_names_are_shown_as_they_are_and_never_as_markup(store: Store) -> None:
    graph = hostile("page-hostile-first", 29)
    store.write(graph)
    try:
        page = overview(study="page-hostile-first")
        assert "</script><script>" in words(page)
        marked_up = [element.value for element in (*page.markdown, *page.caption, *page.subheader)]
        assert not any("<script>" in text or "onerror" in text for text in marked_up)
    finally:
        store.delete(graph.study)


@pytest.mark.parametrize("file", PAGES)
def test_every_page_says_first_what_it_answers_and_whose_page_it_is(file: str) -> None:
    page = opened(f"{file}.py", study="page")
    assert page.caption[0].value in {f"**{title}.** {answers}" for title, answers in ANSWERS.items()}
    assert page.markdown[0].value == "**LLM-MRI Graph**"
