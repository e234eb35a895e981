"""Shares in words, and which others they are compared with."""

from __future__ import annotations

import pytest

from ui.reports.token_regions import within_told
from ui.wording.evidence import percent, shares


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
