"""What an ingest warns of where documents stand in groups."""

from __future__ import annotations

import numpy as np
import pytest

from ingest.report import group_lines
from mri_core.records import AtlasSpec

LABELS = np.array([0, 0, 0, 1, 1, 1, 1])


@pytest.mark.parametrize(
    ("groups", "told"),
    [
        ([0, 0, 0, 1, 1, 1, 1], ["7 of 7 documents can show no difference"]),
        ([0, 0, 1, 2, 2, 3, 4], ["Nothing can be found at 5 %"]),
        ([0, 0, 1, 2, 2, 2, 3], ["5 of 7 documents can show no difference", "Nothing can be found at 5 %"]),
        ([0, 0, 0, 0, 0, 0, 0], []),
    ],
)
def test_documents_whose_labels_stay_are_told(groups: list[int], told: list[str]) -> None:
    lines = group_lines(LABELS, np.array(groups), AtlasSpec())
    assert [line.partition(",")[0] for line in lines] == told


@pytest.mark.parametrize(("labels", "ways"), [([0, 0, 1, 1], 6), ([0, 0, 0, 1, 1], 10), ([0, 0, 0, 1, 1, 1], None)])
def test_too_few_ways_to_permute_are_told_with_their_number(labels: list[int], ways: int | None) -> None:
    lines = group_lines(np.repeat(labels, 2), np.repeat(np.arange(len(labels)), 2), AtlasSpec())
    assert [f"only {ways} ways" in line for line in lines] == ([True] if ways else [])


def test_groups_do_nothing_between_components() -> None:
    (line,) = group_lines(LABELS, np.arange(7) // 2, AtlasSpec(kind="components"))
    assert "taken as independent" in line
