"""A region is called by its number and its words, and by as many of them as there is room for."""

from __future__ import annotations

import pytest

from ui.wording.labels import ends_with_words, region_label, short_label, with_names, with_words, words_of

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


def test_the_name_that_a_reader_gave_stands_first_among_the_words_in_quotation_marks() -> None:
    named = words_of("night sky", WORDS)
    assert region_label("3", named) == 'R3: "night sky", court, judge, …'
    assert short_label("3", named, 30) == 'R3: "night sky", court, judge'
    assert short_label("3", named, 12) == 'R3: "night …'
    assert words_of(None, WORDS) == words_of("", WORDS) == WORDS


def test_a_name_that_was_written_past_our_checks_neither_breaks_a_line_nor_turns_it_round() -> None:
    assert words_of("a\nb\u202ec\x1b[31m", ()) == ('"a b\\u202ec\\x1b[31m"',)


def test_the_ends_of_a_connection_have_their_names() -> None:
    row = {"source": "s/L0/R1", "target": "s/L1/R2", "source_keywords": [], "target_keywords": ["oven"]}
    (named,) = with_names([row], {"s/L1/R2": "baking"})
    assert ends_with_words("s", named, 2) == ("L0/R1 (no characteristic words)", 'L1/R2 ("baking", oven)')
    assert named == row | {"source_reader_name": None, "target_reader_name": "baking"}
    assert with_names([row], {}) == [row]
