"""The tables of a report: a preview on the page, the whole as CSV, and what of it was limited."""

from __future__ import annotations

import csv
import io

import pandas as pd
import pytest

from tests.planted import HOSTILE
from ui.publishing.tables import MOST, answer_frame, cell, data_table


@pytest.mark.parametrize(
    ("value", "told"),
    [(None, ""), (pd.NA, ""), (float("nan"), ""), (1_234, "1,234"), (0.25, "0.250"), (1e-9, "1.0e-09"), (True, "yes")],
)
def test_a_value_is_shown_as_elsewhere(value: object, told: str) -> None:
    assert cell(value) == told


def test_whole_numbers_stay_whole_beside_unknown_ones_and_only_numbers_are_on_the_right() -> None:
    table = data_table("key", "title", pd.DataFrame({"layer": [0, None], "name": ["a", "b"], "found": [True, False]}))
    assert table.rows == [["0", "a", "yes"], ["", "b", "no"]]
    assert table.numeric == [True, False, False]
    assert table.csv.splitlines()[1] == "0,a,True"


def test_what_is_left_out_of_the_page_and_of_the_file_is_said() -> None:
    table = data_table("key", "title", pd.DataFrame({"row": range(MOST + 7)}), 3)
    assert len(table.rows) == 3
    assert len(table.csv.splitlines()) == MOST + 1
    assert table.told == "The file has the first 5,000 of 5,007 rows. The first 3 of 5,000 rows; all are in the file."
    assert data_table("key", "title", pd.DataFrame({"row": [1]})).told == ""


def test_hostile_texts_are_read_back_from_the_file() -> None:
    table = data_table("key", "title", pd.DataFrame({"text": HOSTILE}))
    read = [row["text"] for row in csv.DictReader(io.StringIO(table.csv, newline=""))]
    assert read == HOSTILE


def test_regions_are_named_within_their_study() -> None:
    frame = answer_frame([{"region": "news-0/L1/R2", "words": ["a", "b"], "other": 1}], "news-0", without=["other"])
    assert frame.to_dict("records") == [{"region": "L1/R2", "words": "a, b"}]
