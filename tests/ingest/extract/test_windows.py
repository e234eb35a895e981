"""What stands around a token in its text, as it is shown: cut between words, or characters where there are none."""

from __future__ import annotations

import pytest

from ingest.extract.token_corpus import WINDOW, window

FAMILY = "\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}"  # one character as a reader sees it


@pytest.mark.parametrize(
    ("before", "token", "after", "shown"),
    [
        ("he sat by the ", "bank", " of the river", "he sat by the «bank» of the river"),
        (f"{'word ' * 9}by ", "it", f" and{' word' * 9}", f"…{'word ' * 7}by «it» and{' word' * 7}…"),
        ("山" * 50, "水", "火" * 50, f"…{'山' * WINDOW}«水»{'火' * WINDOW}…"),
        ("u" * 50 + " ", "a", " " + "v" * 50, f"…{'u' * 39} «a» {'v' * 39}…"),
        ("u" * 50 + " to ", "a", " b " + "v" * 50, "…to «a» b…"),
        (FAMILY * 20, "x", FAMILY * 20, f"…{FAMILY * 13}«x»{FAMILY * 13}…"),
        ("a\nb\n", "c", "\nd", "a b «c» d"),
    ],
)
def test_a_context_is_cut_between_words_or_where_there_are_none_between_characters(
    before: str, token: str, after: str, shown: str
) -> None:
    assert window(before + token + after, len(before), len(before) + len(token)) == shown
