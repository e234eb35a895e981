"""A name is one line and a note some, of characters that are printed."""

from __future__ import annotations

import pytest

from mri_core.errors import UsageError
from mri_core.records.annotations import LONGEST_NAME, LONGEST_NOTE, annotation, stored_name, stored_note
from tests.planted import HOSTILE


def test_a_name_is_one_line_with_single_spaces_in_composed_letters() -> None:
    assert stored_name("  sleep,   tired\tness \n") == "sleep, tired ness"
    assert stored_name("cafe\u0301") == "caf\u00e9"
    assert stored_name("\U0001f469\u200d\U0001f52c") == "\U0001f469\u200d\U0001f52c"  # a joined emoji
    assert [stored_name(text) for text in HOSTILE if "\n" not in text] == [text for text in HOSTILE if "\n" not in text]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\u2028", "\x0b"])
def test_a_name_of_two_lines_is_refused_as_it_would_be_stored_as_another(end: str) -> None:
    with pytest.raises(UsageError, match=r"A region's name is one line\. This one has 2\."):
        stored_name(f"two{end}lines")


def test_a_note_keeps_its_lines() -> None:
    assert stored_note("\n one\r\n\ttwo\rthree \n") == "one\n\ttwo\nthree"


@pytest.mark.parametrize("sign", ["\u202e", "\u2066", "\x1b", "\x00", "\u200e", "\ud800", "\ufffe"])
def test_characters_that_are_not_printed_are_refused_and_told(sign: str) -> None:
    for stored in (stored_name, stored_note):
        with pytest.raises(UsageError, match="characters that are printed") as refused:
            stored(f"a{sign}b")
        assert str(refused.value).isprintable()


def test_both_are_bounded() -> None:
    assert annotation("L0/R0", "x" * LONGEST_NAME, "y" * LONGEST_NOTE).name == "x" * LONGEST_NAME
    with pytest.raises(UsageError, match=r"up to 80 characters\. This one has 81"):
        stored_name("x" * (LONGEST_NAME + 1))
    with pytest.raises(UsageError, match=r"up to 4,000 characters\. This one has 4,001"):
        stored_note("y" * (LONGEST_NOTE + 1))
