"""One line that states the rule, the fact and the remedy, whatever the user's text holds."""

import pytest

from mri_core.errors import CorpusError, MriError, UsageError, one_line, unknown_name
from tests.planted import HOSTILE


def test_rule_fact_and_remedy_become_sentences_of_one_line():
    error = MriError("A corpus has two categories", "news.csv has one", "Name another with --label")
    assert str(error) == "A corpus has two categories. news.csv has one. Name another with --label."
    assert (error.rule, error.fact, error.remedy) == (
        "A corpus has two categories",
        "news.csv has one",
        "Name another with --label",
    )


def test_parts_that_are_left_out_leave_no_gap_and_sentences_that_end_stay():
    assert str(MriError("Something failed", "", "Try again!")) == "Something failed. Try again!"
    assert str(MriError("Is it there?")) == "Is it there?"


def test_a_wrong_request_ends_with_2_and_failed_work_with_1():
    assert UsageError("").exit_status == 2
    assert CorpusError("").exit_status == MriError("").exit_status == 1


def test_near_names_are_told_before_all_names():
    assert "Near names: layers; there are: drivers, hubs, layers." in str(
        unknown_name("question", "layerz", ["layers", "hubs", "drivers"])
    )
    assert "There are: a, b." in str(unknown_name("column", "zzz", ["b", "a"]))
    assert "There is no study yet." in str(unknown_name("study", "x", []))
    assert unknown_name("study", "x", []).exit_status == 2


def test_a_long_list_of_names_is_cut_and_the_rest_counted():
    message = str(unknown_name("column", "zzz", [f"c{i:02}" for i in range(50)]))
    assert "c00, c01" in message
    assert "c19 and 30 more." in message
    assert "c20" not in message


@pytest.mark.parametrize("text", [*HOSTILE, "\x1b[2J", "\u202eright", "a\u2028b", "\x9b1m", "tab\tand\r\nline"])
def test_any_text_stays_on_one_line_that_commands_no_terminal(text):
    line = one_line(text)
    assert line.isprintable()
    assert str(MriError("A rule", text)).isprintable()


def test_words_and_emoji_of_every_script_stay_readable():
    assert one_line("👩‍🔬 مرحبا  بالعالم\n שלום") == "👩‍🔬 مرحبا بالعالم שלום"
    assert one_line("\x1b[31mred") == "\\x1b[31mred"
