"""`--match length`: as many texts of each length in every category, counted by hand."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from ingest.corpus.corpus import Corpus, CorpusOptions, Skipped, open_corpus
from ingest.corpus.length_matching import match_lengths
from ingest.corpus.summary import corpus_lines
from ingest.request import Request
from mri_core.errors import UsageError
from tests.ingest.refusal import refused

# Characters of the texts of each category: 8 (a bin of its own), 16 (another), 100 and 101 (one bin), 500.
LENGTHS = {"a": [8] * 5 + [16] * 3 + [100] * 4, "b": [8] * 2 + [16] * 6 + [101] * 4 + [500] * 3}
KEPT = [8] * 2 + [16] * 3 + [100] * 4


def write(folder: Path, lengths: dict[str, list[int]]) -> Path:
    """Texts of these lengths, each another, the categories' rows mixed."""
    rows = [(f"{number:03d}".ljust(long, "x"), name) for name in lengths for number, long in enumerate(lengths[name])]
    mixed = [rows[place] for place in np.random.default_rng(3).permutation(len(rows))]
    with (folder / "corpus.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("text", "label"), *mixed])
    return folder / "corpus.csv"


def lengths_of(corpus: Corpus) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {name: [] for name, _ in corpus.categories}
    for document in corpus:
        found[document.category].append(len(document.text))
    return {name: sorted(lengths) for name, lengths in found.items()}


def test_every_category_keeps_as_many_of_a_length_as_the_smallest_has_there(tmp_path: Path) -> None:
    corpus = open_corpus(write(tmp_path, LENGTHS), CorpusOptions(match="length"))
    assert lengths_of(corpus) == {"a": KEPT, "b": [*KEPT[:5], *[101] * 4]}
    assert corpus.categories == (("a", 9), ("b", 9))
    assert corpus.skipped == Skipped(unmatched_lengths=27 - 18)
    assert "Left out: 9 rows to match lengths." in corpus_lines(corpus)
    assert [document.ordinal for document in corpus] == list(range(18))


def test_a_bin_spans_a_quarter_of_a_doubling() -> None:
    # From 64 on bins begin at 64, 76.1, 90.5, 107.6 and 128.
    lengths = np.array([64, 76, 77, 90, 91, 107, 108, 127])
    for one, other in ((64, 76), (77, 90), (91, 107), (108, 127)):
        both = np.array([one, other])
        assert match_lengths(both, np.array([0, 1]), "ab", None, 0).documents == 2
    labels = np.arange(len(lengths)) % 2
    assert match_lengths(lengths, labels, "ab", None, 0).documents == 8


def test_a_limit_takes_the_same_lengths_of_every_category(tmp_path: Path) -> None:
    path = write(tmp_path, LENGTHS)
    for seed in range(5):
        corpus = open_corpus(path, CorpusOptions(match="length", limit=8, seed=seed))
        found = lengths_of(corpus)
        assert found["a"] == [100 if long == 101 else long for long in found["b"]]
        assert corpus.categories == (("a", 4), ("b", 4))
        assert corpus.skipped == Skipped(unmatched_lengths=9, over_limit=10)
    odd = lengths_of(open_corpus(path, CorpusOptions(match="length", limit=7)))
    more, fewer = (Counter(min(long, 100) for long in odd[name]) for name in ("a", "b"))
    assert (more.total(), fewer.total()) == (4, 3)
    assert fewer <= more
    assert open_corpus(path, CorpusOptions(match="length", limit=18)).skipped.over_limit == 0


def test_only_chosen_categories_are_matched(tmp_path: Path) -> None:
    path = write(tmp_path, LENGTHS | {"c": [500] * 9})
    corpus = open_corpus(path, CorpusOptions(match="length", categories=("b", "c")))
    assert lengths_of(corpus) == {"b": [500] * 3, "c": [500] * 3}
    assert corpus.skipped == Skipped(other_categories=12, unmatched_lengths=12 + 6)


def test_the_draw_follows_the_seed_and_makes_another_corpus(tmp_path: Path) -> None:
    path = write(tmp_path, LENGTHS)
    whole = open_corpus(path)
    one, same, other = (open_corpus(path, CorpusOptions(match="length", seed=seed)) for seed in (0, 0, 1))
    assert list(one) == list(same)
    assert len({one.content_hash, other.content_hash, whole.content_hash}) == 3
    assert one.content_hash == same.content_hash


def test_every_document_of_a_bin_is_as_likely_as_its_neighbours() -> None:
    lengths, labels = np.full(15, 50), np.array([0] * 10 + [1] * 5)
    drawn = [match_lengths(lengths, labels, "ab", None, seed).masks["a"] for seed in range(400)]
    assert {sum(mask) for mask in drawn} == {5}
    for position in range(10):
        assert 150 < sum(mask[position] for mask in drawn) < 250  # 200 expected, standard deviation 10


def test_a_category_that_would_keep_nothing_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, LENGTHS | {"long": [2000] * 9})
    with refused("'long' would keep no text", "without it each keeps 9", "--categories"):
        open_corpus(path, CorpusOptions(match="length"))
    with refused("No text of 'a' is about as long as one of 'long'", "Leave out --match"):
        open_corpus(path, CorpusOptions(match="length", categories=("a", "long")))


def test_a_limit_below_the_categories_is_refused_all_the_same(tmp_path: Path) -> None:
    with refused("It is 1", kind=UsageError):
        open_corpus(write(tmp_path, LENGTHS), CorpusOptions(match="length", limit=1))


@pytest.mark.parametrize("other", ["topic", ""])
def test_there_is_nothing_else_to_match(other: str) -> None:
    with refused("length", kind=UsageError):
        Request(name="x", corpus="x.csv", match=other).check()  # type: ignore[arg-type]
