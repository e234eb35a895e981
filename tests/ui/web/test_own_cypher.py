"""A reader's own Cypher on the page Questions, on both engines: its answer, its picture, what the engine says to it."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from mri_core.store.bolt.failures import READ_ONLY
from mri_core.store.store import Store
from tests.ui.page import opened, words

pytestmark = pytest.mark.engine

SCHEMA = 2  # tables of the graph's nodes and relationships, above the answer


def ask(**address: str) -> AppTest:
    return opened("questions.py", **address)


def test_ones_own_cypher_answers_by_default_and_as_written(on_page_store: None) -> None:
    page = ask(study="page", cypher="")
    assert page.dataframe[SCHEMA].value.iloc[0]["layer"] in ("embedding", "block 1", "block 2", "block 3")
    page.text_area[0].input("UNWIND [1, 2] AS n RETURN n, 'a' AS letter, {k: n} AS map")
    next(button for button in page.button if button.label == "Ask").click()
    page.run()
    assert not page.exception
    assert page.dataframe[SCHEMA].value.to_dict("list") == {"n": [1, 2], "letter": ["a", "a"], "map": ["k 1", "k 2"]}
    assert "UNWIND" in str(page.query_params["cypher"])


def test_ones_own_connections_are_drawn(on_page_store: None) -> None:
    statement = (
        "MATCH (s:Region)-[e:FLOWS_TO]->(t) WHERE s.study STARTS WITH 'page-0' RETURN s.id AS source, t.id AS target"
    )
    assert ask(study="page", cypher=statement).get("bidi_component")
    assert not ask(study="page-grid", cypher=statement).get("bidi_component")


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("MATCH (n) RETRUN n", "The statement must be Cypher that the engine knows"),
        ("MATCH (n:Study) DETACH DELETE n", READ_ONLY),
        ("RETURN $x AS x", "A statement of one's own has no parameters"),
    ],
)
def test_the_engines_words_stand_in_place_and_nothing_is_written(
    on_page_store: None, store: Store, statement: str, told: str
) -> None:
    page = ask(study="page", cypher=statement)
    assert len(page.error) == 1
    assert told in words(page)
    assert len(page.dataframe) == SCHEMA
    assert page.text_area[0].value == statement
    assert store.study("page").documents == 60
