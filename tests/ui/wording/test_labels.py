"""A region is called by its number and its words, and by as many of them as there is room for."""

from __future__ import annotations

import pytest

from ui.wording.labels import ends_with_words, region_label, short_label, with_words

WORDS = ("court", "judge", "oven", "salt")


def test_a_label_is_the_number_and_the_first_words_and_says_that_there_are_more() -> None:
    assert region_label("3", WORDS) == "R3: court, judge, oven, …"
    assert region_label("3", WORDS, 4) == "R3: court, judge, oven, salt"
    assert region_label("3", ()) == "R3: no characteristic words"


@pytest.mark.parametrize(
    ("budget", "label"),
    [(30, "R3: court, judge, oven"), (16, "R3: court, judge"), (9, "R3: court"), (8, "R3: cou…"), (6, "R3")],
)
def test_a_short_label_has_the_words_that_fit(budget: int, label: str) -> None:
    assert short_label("3", WORDS, budget) == label


def test_a_short_label_without_words_is_the_number() -> None:
    assert short_label("3", (), 30) == "R3"


def test_wide_letters_count_for_two() -> None:
    assert short_label("3", ("銀河系", "星"), 11) == "R3: 銀河系"


def test_where_an_id_is_typed_again_its_words_stand_in_brackets() -> None:
    assert with_words("L2/R3", WORDS, 2) == "L2/R3 (court, judge)"
    row = {"source": "s/L0/R1", "target": "s/L1/R2", "source_keywords": [], "target_keywords": ["oven"]}
    assert ends_with_words("s", row, 2) == ("L0/R1 (no characteristic words)", "L1/R2 (oven)")
