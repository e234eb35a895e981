"""What is held out is a seeded, stratified part of the documents, with groups whole, and the rest is all others."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from ingest.corpus.corpus import CorpusOptions, open_corpus
from mri_core.errors import CorpusError, UsageError


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "texts.csv"
    rows = [f"text {i} of it,{('a', 'b', 'b', 'c')[i % 4]},book {i // 5}" for i in range(200)]
    path.write_text("\n".join(["text,label,book", *rows]) + "\n")
    return path


def part(source: Path, **options: object) -> list[tuple[str, str, str | None]]:
    chosen = CorpusOptions(**options)  # type: ignore[arg-type]
    return [(document.text, document.category, document.group) for document in open_corpus(source, chosen)]


def test_the_two_parts_are_all_documents_and_share_none(source: Path) -> None:
    kept, held = part(source, holdout=0.3), part(source, holdout=0.3, held_out=True)
    assert sorted(kept + held) == sorted(part(source))
    assert Counter(label for _, label, _ in held) == {"a": 15, "b": 30, "c": 15}
    assert part(source, holdout=0.3) == kept
    assert part(source, holdout=0.3, seed=1) != kept


def test_a_group_is_in_one_part(source: Path) -> None:
    kept, held = (part(source, holdout=0.5, group="book", held_out=way) for way in (False, True))
    assert {group for *_, group in kept}.isdisjoint({group for *_, group in held})
    assert len(kept) + len(held) == 200


def test_a_sample_is_split_after_it_is_drawn_and_what_is_left_out_is_counted(source: Path) -> None:
    corpus = open_corpus(source, CorpusOptions(limit=100, holdout=0.2))
    assert (corpus.documents, corpus.skipped.over_limit, corpus.skipped.held_out) == (80, 100, 20)
    assert corpus.rows == 200


@pytest.mark.parametrize("share", [0, 1, -0.5, 2])
def test_a_share_lies_between_none_and_all(source: Path, share: float) -> None:
    with pytest.raises(UsageError, match="share between 0 and 1"):
        part(source, holdout=share)


def test_parts_without_a_category_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "few.csv"
    path.write_text("text,label\none,a\ntwo,b\nthree,b\nfour,b\n")
    with pytest.raises(CorpusError, match="no document of 'a'"):
        part(path, holdout=0.5)
    with pytest.raises(UsageError, match="There is no --holdout"):
        part(path, held_out=True)
