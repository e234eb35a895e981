"""What the page Questions asks, to and from its address; and texts that Markdown must leave alone."""

from __future__ import annotations

import re

import pytest

from tests.planted import HOSTILE
from tests.questions import CATALOG
from ui.web.plain import unmarked
from ui.web.state.asking import MOST_ROWS, Asked, read, write


@pytest.mark.parametrize(
    "asked",
    [
        Asked(),
        Asked(study="demo", question="hubs", values={"limit": "5", "by": "in"}),
        Asked(question="drivers", picked="L1/R2>L2/R3", values={"region": "L2/R3"}, timeout=5, max_rows=7),
        Asked(cypher=""),
        Asked(cypher="RETURN '&=?#' AS sign"),
    ],
)
def test_an_address_asks_what_was_asked(asked: Asked) -> None:
    assert read(write(asked)) == asked


def test_limits_that_are_none_are_the_usual_ones_and_great_ones_the_greatest() -> None:
    assert read({"timeout": "soon", "max_rows": "-3"}) == Asked()
    assert read({"max_rows": "99999999"}).max_rows == MOST_ROWS


def test_another_question_keeps_only_what_the_study_holds_and_both_have() -> None:
    asked = Asked("demo", "outliers", picked="L1/R2", values={"category": "a", "limit": "3"})
    assert asked.about(CATALOG.get("bottlenecks"), CATALOG.get("outliers")).values == {"category": "a"}
    assert asked.about(CATALOG.get("hubs"), CATALOG.get("outliers")).picked == ""
    assert asked.about(CATALOG.get("studies"), CATALOG.get("outliers")).values == {}


@pytest.mark.parametrize(
    "text", [*HOSTILE, "*a* _b_ `c` ~d~ # e", ":smile: :material/delete: :red[x]", "a < b & c > d"]
)
def test_no_sign_of_a_text_is_left_to_markdown(text: str) -> None:
    escaped = unmarked(text)
    assert re.sub(r"\\(.)", r"\1", escaped.replace("\u2060", "")) == text
    assert not re.search(r"(?<!\\)[*_`~$\[<&]", escaped.replace("\\\\", ""))
    assert ":smile:" not in escaped.replace("\\", "")
