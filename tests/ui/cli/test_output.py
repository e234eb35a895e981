"""What commands and the page print alike."""

from __future__ import annotations

from ui.web.widgets.job_cards import outcome_in_words
from ui.wording.forms import unchanged


def test_a_scan_that_found_its_study_there_tells_what_the_study_got_besides() -> None:
    assert unchanged("news (news-0a1b2c3d)", ()) == "Nothing changed: news (news-0a1b2c3d) is there already."
    assert unchanged("news", ["controls", "words"]) == "news is there already; added: controls, words."


def test_the_page_tells_it_in_the_same_words() -> None:
    outcome = {"status": "unchanged", "name": "news", "added": ["controls"]}
    assert outcome_in_words(outcome) == "news is there already; added: controls."
