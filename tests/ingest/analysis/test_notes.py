"""What an ingest warns of where documents stand in groups."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ingest.analysis.notes import (
    group_count,
    group_lines,
    iterated_axes,
    permuted_sample,
    single_regions,
    weightless_columns,
)
from ingest.corpus.corpus import CorpusOptions, open_corpus
from ingest.corpus.groups import groups_of
from ingest.corpus.labels import label_notes
from mri_core.records.arrays import Atlas, AtlasSpec, LayerAtlas
from mri_core.records.graph import Region

LONE = "categories all documents stand in one group: what differs there may be that group's own"
LABELS = np.array([0, 0, 0, 1, 1, 1, 1])


@pytest.mark.parametrize(
    ("groups", "told"),
    [
        (
            [0, 0, 0, 1, 1, 1, 1],
            [f"Of 2 {LONE}", "Nothing can be found at 5 %"],
        ),
        ([0, 0, 1, 2, 2, 3, 4], ["Nothing can be found at 5 %"]),
        ([0, 1, 1, 1, 1, 1, 1], ["1 of 7 documents can show no difference", "Nothing can be found at 5 %"]),
        ([0, 0, 1, 1, 1, 1, 1], ["2 of 7 documents can show no difference", "Nothing can be found at 5 %"]),
        ([0, 0, 0, 0, 0, 0, 0], []),
    ],
)
def test_documents_whose_labels_stay_are_told(groups: list[int], told: list[str]) -> None:
    lines = group_lines(LABELS, np.array(groups), AtlasSpec())
    assert [line.partition(",")[0] for line in lines] == told


def test_they_are_told_in_what_the_study_counts() -> None:
    lines = group_lines(LABELS, np.array([0, 0, 0, 1, 1, 1, 1]), AtlasSpec(), "tokens")
    lines += group_lines(LABELS, np.array([0, 1, 1, 1, 1, 1, 1]), AtlasSpec(), "tokens")
    assert lines[0].startswith("Of 2 categories all tokens stand in one group")
    assert any(line.startswith("1 of 7 tokens can show no difference") for line in lines)
    assert not any("document" in line for line in lines)


@pytest.mark.parametrize(
    ("labels", "ways"), [([0, 0, 1, 1], 3), ([0, 0, 0, 1, 1], 10), ([0, 0, 0, 1, 1, 1], 10), ([0] * 3 + [1] * 4, None)]
)
def test_too_few_ways_to_permute_are_told_with_their_number(labels: list[int], ways: int | None) -> None:
    lines = group_lines(np.repeat(labels, 2), np.repeat(np.arange(len(labels)), 2), AtlasSpec())
    assert [f"permuted to {ways} results" in line for line in lines] == ([True] if ways else [])


def test_groups_do_nothing_between_components() -> None:
    (line,) = group_lines(LABELS, np.arange(7) // 2, AtlasSpec(kind="components"))
    assert "taken as independent" in line


@pytest.mark.parametrize(
    ("group", "report"), [("author", {"groups": 3}), ("number", {"groups": 4}), (None, {})], ids=str
)
def test_groups_are_counted_a_document_without_one_as_one(
    tmp_path: Path, group: str | None, report: dict[str, int]
) -> None:
    file = tmp_path / "texts.csv"
    file.write_text("text,label,author,number\na b,x,ann,1\nb c,x,ann,2\nc d,y,bob,3\nd e,y,,4\n")
    corpus = open_corpus(file, CorpusOptions(group=group))
    assert group_count(corpus, groups_of(corpus)) == report


def test_regions_of_one_document_and_columns_without_weight_are_in_the_report() -> None:
    regions = [Region(2, str(n), 0, 0, n, 0, "a", (), ()) for n in (0, 1, 5, None)]
    assert single_regions(regions) == {"regions_of_one_document": ["L2/R1"]}
    assert single_regions(regions[2:]) == {}
    scales = ([1, 1, 2], [1, np.inf, np.inf], [np.inf, np.inf, np.inf])
    layers = tuple(LayerAtlas(np.zeros(3), np.array(scale), np.eye(3), np.ones(3)) for scale in scales)
    assert weightless_columns(Atlas(AtlasSpec(), layers)) == {"weightless_columns": [0, 2, 0]}
    assert weightless_columns(Atlas(AtlasSpec(), layers[:1])) == {}


def test_the_largest_error_of_axes_found_by_iteration_is_in_the_report() -> None:
    exact = LayerAtlas(np.zeros(3), np.ones(3), np.eye(3), np.ones(3))
    layers = (exact, replace(exact, axes_error=2e-7), replace(exact, axes_error=1e-7))
    assert iterated_axes(Atlas(AtlasSpec(), layers)) == {"axes_error": 2e-7}
    assert iterated_axes(Atlas(AtlasSpec(), layers[:1])) == {}


@pytest.mark.parametrize(
    ("labels", "choices", "told"),
    [
        (["a", "b", "c"], (None, None), []),
        (["0", "1"], (None, None), []),
        (["1", "2", "3.5"], (None, None), ["The 3 labels are numbers, each taken for a category of its own"]),
        (["1: 0 to 2", "2: 3 to 9"], (2, None), ["Labels are numbers, grouped by quantiles into 2 categories"]),
        (["a", "b"], (None, 2), ["Only the 2 most frequent labels are categories"]),
    ],
)
def test_what_was_done_with_labels_is_noted(
    labels: list[str], choices: tuple[int | None, int | None], told: list[str]
) -> None:
    notes = label_notes(dict.fromkeys(labels, 9), *choices)
    assert len(notes) == len(told)
    assert all(note.startswith(start) for note, start in zip(notes, told, strict=True))


def test_what_was_tested_on_a_sample_is_in_the_report() -> None:
    assert permuted_sample(None, None) == {}
    alone, grouped = (permuted_sample(199_998, groups)["permuted"] for groups in (None, np.zeros(3)))
    assert alone == {"documents": 199_998, "tests": ["Network-Based Statistic", "p of the layers"]}
    assert grouped["tests"] == ["Network-Based Statistic", "reliability"]
