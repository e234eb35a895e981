"""Shares in words, and which others they are compared with."""

from __future__ import annotations

import pytest

from ui.reports.alignment import alignment_words
from ui.reports.token_regions import within_told
from ui.wording.evidence import in_tenths, percent, shares


@pytest.mark.parametrize(
    ("share", "told"),
    [
        (0, "none"),
        (0.0004, "<0.1%"),
        (0.0006, "0.1%"),
        (0.0066, "0.7%"),
        (0.01, "1%"),
        (0.994, "99%"),
        (0.9951, "99.5%"),
        (0.9996, ">99.9%"),
        (1, "all"),
    ],
)
def test_a_share_is_never_rounded_to_nothing_or_to_all(share: float, told: str) -> None:
    assert percent(share) == told


@pytest.mark.parametrize(
    ("value", "told"), [(1.2, "120%"), (1.0004, "100%"), (2.345, "234.5%"), (-0.3, "-30%"), (-0.0001, "0%")]
)
def test_what_is_less_than_nothing_or_more_than_all_is_said_as_it_is(value: float, told: str) -> None:
    assert percent(value) == told


@pytest.mark.parametrize(
    ("level", "told"), [(0.95, "95%"), (0.973, "97.3%"), (0.9988, "99.9%"), (0.99999, ">99.9%"), (0.0996, "10%")]
)
def test_the_level_of_an_interval_has_a_decimal_where_it_is_not_whole(level: float, told: str) -> None:
    assert in_tenths(level) == told


@pytest.mark.parametrize(("residual", "told"), [(1.2, "12% to 120%"), (0.12, "12%")])
def test_squares_that_an_alignment_leaves_may_be_more_than_the_spread(residual: float, told: str) -> None:
    halves = {"fitted": 30, "judged": 30, "unaligned": 0.5, "residual_unaligned": 1.5}
    layers = [
        {"layer": layer, "value": 0.9, "details": {**halves, "residual": left}}
        for layer, left in enumerate((0.12, residual))
    ]
    assert alignment_words(layers, "base").endswith(f"of the spread: {told}; without the alignment 150%")


@pytest.mark.parametrize(
    ("before", "told"),
    [
        ([], "13% of its tokens against 1% of all others"),
        (["VERB"], "13% of its tokens against 1% of all others without VERB"),
        (["a\nb", "VERB"], "13% of its tokens against 1% of all others without a b and VERB"),
        (["a", "b", "c"], "13% of its tokens against 1% of all others without the 3 named before it"),
    ],
)
def test_shares_say_which_others_they_are_not_compared_with(before: list[str], told: str) -> None:
    assert shares(0.13, 0.01, "tokens", before) == told


def test_what_stands_within_types_says_where_the_finding_itself_is_of_fewer_others() -> None:
    row = {"within": 0.0, "within_q": 0.01, "named_before": []}
    assert within_told(row) == "within token types odds 1 times (q 0.010)"
    row["named_before"] = ["VERB"]
    assert within_told(row) == "within token types, against all others, odds 1 times (q 0.010)"
    row["within_q"] = 0.5
    assert within_told(row) == "not within token types, against all others (q 0.500)"
