"""Labels that are crossed, and documents that belong together."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from ingest.analysis.analyse import read_documents
from ingest.corpus.corpus import CorpusOptions, open_corpus
from mri_core.errors import UsageError
from tests.ingest.refusal import refused

HEADER = ("text", "topic", "register", "author")
ROWS = [
    ("the court met", "law", "plain", "ann"),
    ("the court convened", "law", "stiff", "ann"),
    ("boil the water", "food", "plain", "bob"),
    ("bring it to a boil", "food", "stiff", ""),
    ("stir the soup", "food", "plain", "bob"),
]
CROSSED = CorpusOptions(label=("topic", "register"))


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write(tmp_path / "crossed.csv", ROWS)


def write(path: Path, rows: list[tuple[str, ...]]) -> Path:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])
    return path


def test_two_labels_make_their_crossed_categories(corpus: Path) -> None:
    opened = open_corpus(corpus, CROSSED)
    assert opened.categories == (("food/plain", 2), ("food/stiff", 1), ("law/plain", 1), ("law/stiff", 1))
    assert [document.category for document in opened][:2] == ["law/plain", "law/stiff"]
    assert opened.columns.labels == ("topic", "register")


def test_a_row_that_lacks_one_of_its_labels_is_left_out(tmp_path: Path) -> None:
    opened = open_corpus(write(tmp_path / "gap.csv", [*ROWS, ("no register", "law", " ", "")]), CROSSED)
    assert (opened.documents, opened.skipped.without_label) == (5, 1)


def test_a_level_that_could_be_taken_for_two_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "stroke.csv", [*ROWS, ("either", "law/food", "plain", "")])
    with refused("A label that is crossed with another has no '/'", "topic"):
        open_corpus(path, CROSSED)
    assert open_corpus(path, CorpusOptions(label="topic")).documents == 6


@pytest.mark.parametrize("label", [("topic", "topic"), ("topic", "nowhere"), ("topic", "text")])
def test_labels_that_cannot_be_crossed_are_refused(corpus: Path, label: tuple[str, str]) -> None:
    with pytest.raises(UsageError, match=r"column"):
        open_corpus(corpus, CorpusOptions(label=label))


def test_documents_of_a_group_share_its_number_and_one_without_is_alone(corpus: Path) -> None:
    opened = open_corpus(corpus, CorpusOptions(label="topic", group="author"))
    assert [document.group for document in opened] == ["ann", "ann", "bob", None, "bob"]
    read = read_documents(opened)
    assert read.labels.tolist() == [1, 1, 0, 0, 0]
    assert read.groups.tolist() == [0, 0, 2, 3, 2]
    assert read_documents(open_corpus(corpus, CorpusOptions(label="topic"))).groups is None


def test_other_groups_are_another_corpus(corpus: Path, tmp_path: Path) -> None:
    moved = write(tmp_path / "moved.csv", [(*row[:3], "eve" if row[3] == "ann" else row[3]) for row in ROWS])
    grouped = CorpusOptions(label="topic", group="author")
    assert open_corpus(corpus, grouped).content_hash != open_corpus(moved, grouped).content_hash
    alone = CorpusOptions(label="topic")
    assert open_corpus(corpus, alone).content_hash == open_corpus(moved, alone).content_hash
