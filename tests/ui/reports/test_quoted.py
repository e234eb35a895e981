"""What is quoted of a document."""

from __future__ import annotations

from ui.reports.overview import Told
from ui.reports.summary import text_told


def test_a_document_without_a_stored_text_is_named_alone() -> None:
    assert text_told({"title": "law-plain-26", "excerpt": ""}) == "law-plain-26"
    assert text_told({"title": "law-plain-26", "excerpt": "The moon"}) == "law-plain-26: The moon"
    assert text_told({"title": "The moo…", "excerpt": "The moon shines"}) == "The moon shines"


def test_the_first_screen_has_one_line_of_a_text_and_a_report_more() -> None:
    told = Told("", "word " * 40, "law", "L0/R0", "L1/R1")
    assert told.line == f"{'word ' * 17}word…"
