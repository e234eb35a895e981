"""What became of tokens by category, against counts by hand; and when categories are told to differ."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from ingest.corpus.corpus import Corpus, open_corpus
from ingest.corpus.given import open_given
from ingest.extract.records import TokenFacts
from ingest.extract.token_report import given_token_report, token_report, token_warnings


def corpus(folder: Path, rows: Sequence[tuple[str, str]]) -> Corpus:
    with (folder / "corpus.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("label", "text"), *rows])
    return open_corpus(folder / "corpus.csv")


ROWS = [("b", "one two"), ("a", "one  two\nthree"), ("b", "one"), ("a", "one two three four five")]
FACTS = TokenFacts(
    read=np.array([3, 4, 0, 6]),
    cut=np.array([0, 0, 2, 6]),
    unread=np.array([False, False, True, False]),
    sinks=np.array([[0, 1], [1, 1], [0, 0], [1, 0]]),
    unknown=np.array([0, 1, 0, 2]),
)


def test_tokens_are_told_by_category(tmp_path: Path) -> None:
    assert token_report(corpus(tmp_path, ROWS), FACTS) == {
        "cut": {"a": 1, "b": 1},
        "sinks_left_out": [2, 2],
        "without_tokens": 1,
        "tokens": 13,
        "by_category": {
            "a": {
                "cut_share": 0.5,
                "tokens_per_word": (4 + 6 + 6) / 8,
                "unknown_share": 3 / 10,
                "sinks_left_out": [1.0, 0.5],
                "without_tokens": 0,
            },
            "b": {
                "cut_share": 0.5,
                "tokens_per_word": (3 + 2) / 3,
                "sinks_left_out": [0.0, 0.5],
                "without_tokens": 1,
            },
        },
    }


def test_of_given_activations_what_is_known_is_told(tmp_path: Path) -> None:
    documents = corpus(tmp_path, ROWS)
    assert given_token_report(documents, None) == {}
    told = given_token_report(documents, np.array([3, 4, 2, 12]))
    assert told == {"by_category": {"a": {"tokens_per_word": 2.0}, "b": {"tokens_per_word": 5 / 3}}}


def test_words_without_spaces_between_them_are_counted(tmp_path: Path) -> None:
    told = given_token_report(corpus(tmp_path, [("a", "今日は天気"), ("b", "I am - here!")]), np.array([6, 3]))
    assert told == {"by_category": {"a": {"tokens_per_word": 2.0}, "b": {"tokens_per_word": 1.0}}}


def test_without_texts_there_are_no_words_to_count_by(tmp_path: Path) -> None:
    for layer in ("L0.npy", "L1.npy"):
        np.save(tmp_path / layer, np.eye(2, dtype=np.float32))
    (tmp_path / "documents.csv").write_text("label,tokens\na,3\nb,4\n", encoding="utf-8")
    given = open_given(tmp_path)
    assert given_token_report(given.documents, given.activations.tokens) == {}


@pytest.mark.parametrize(
    ("facts", "lines"),
    [
        ({"a": {"tokens_per_word": 1.25, "cut_share": 0.1}, "b": {"tokens_per_word": 1.0, "cut_share": 0.0}}, ()),
        (
            {"a": {"tokens_per_word": 1.26, "cut_share": 0.0}, "b": {"tokens_per_word": 1.0, "cut_share": 0.11}},
            (
                "The categories differ in tokens per word: 1.26 in 'a', 1.00 in 'b'.",
                "The categories differ in truncated texts: 11% of 'b', 0% of 'a'.",
            ),
        ),
        ({"a": {"tokens_per_word": 9.0}, "b": {}}, ()),
    ],
)
def test_categories_far_apart_are_warned_of(facts: dict[str, dict[str, float]], lines: tuple[str, ...]) -> None:
    assert token_warnings({"by_category": facts}) == lines
    assert token_warnings({}) == ()


def test_facts_are_stored_in_one_table_and_read_from_those_of_versions_that_counted_less() -> None:
    again = TokenFacts.of_table(FACTS.table())
    for name in ("read", "cut", "unread", "sinks", "unknown"):
        np.testing.assert_array_equal(getattr(again, name), getattr(FACTS, name))
    older = np.array([[3, 0, 1, 0], [4, 2, 0, 1]], dtype=np.int32)
    np.testing.assert_array_equal(TokenFacts.of_table(older).unread, [True, False])
    np.testing.assert_array_equal(TokenFacts.of_table(older).unknown, [0, 0])


@pytest.mark.parametrize(("share", "warned"), [(0.05, False), (0.051, True), (0.98, True)])
def test_categories_that_the_tokenizer_does_not_know_are_warned_of(share: float, warned: bool) -> None:
    lines = token_warnings({"by_category": {"en": {}, "th": {"unknown_share": share}}})
    assert bool(lines) is warned
    assert not warned or f"{share:.0%} of the tokens in 'th'" in lines[0]


def test_words_without_a_token_and_tags_that_are_nowhere_are_warned_of() -> None:
    assert token_warnings({"tokens_cut": 942, "texts_cut": 4, "max_length": 100}) == (
        "Tokens beyond the 100 that the model takes of a text are not placed: 942, of 4 texts.",
    )
    assert token_warnings({"pieceless": {"NEG": 31, "DET": 2}, "unplaced": {"NEG": 40}}) == (
        "Words without a token of their own, which are not placed: 31 of 'NEG', 2 of 'DET'. The tokenizer joins them "
        "with the word before, or leaves them out.",
        "Tags of which no word is placed, and which are no categories of the study: 40 of 'NEG'.",
    )


def test_texts_without_a_token_are_warned_of() -> None:
    (line,) = token_warnings({"without_tokens": 3})
    assert line.startswith("Texts without a token of their own")
    assert token_warnings({"without_tokens": 0}) == ()
