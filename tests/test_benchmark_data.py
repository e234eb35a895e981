"""The corpus with tagged words that benchmarks and documentation scan."""

import re
from collections import Counter
from itertools import chain
from pathlib import Path

import pytest

from ingest.corpus.corpus import Corpus, CorpusOptions, open_corpus

DATA = Path(__file__).parents[1] / "benchmarks" / "data"
CORPUS = DATA / "four_topics.conllup"
UNIVERSAL = set(re.findall(r"\w+", "ADJ ADP ADV AUX CCONJ DET INTJ NOUN NUM PART PRON PROPN PUNCT SCONJ VERB"))


def tagged(column: str) -> Corpus:
    return open_corpus(CORPUS, CorpusOptions(unit="token", tags=column, group="document"))


def labels(column: str) -> list[str | None]:
    return [span.label for text in tagged(column) for span in text.spans or ()]


@pytest.fixture(scope="module")
def words() -> list[list[str]]:
    """The columns of each word, as they stand in the file."""
    lines = CORPUS.read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def test_ten_documents_of_ten_sentences_are_of_each_topic():
    texts = list(open_corpus(CORPUS, CorpusOptions(label="topic", group="document")))
    assert set(Counter(text.group for text in texts).values()) == {10}
    topics = dict.fromkeys((text.group, text.category) for text in texts)
    assert Counter(topic for _, topic in topics) == {"food": 10, "politics": 10, "science": 10, "sport": 10}


def test_every_word_has_a_universal_part_of_speech_and_entities_nest(words: list[list[str]]):
    assert {part for _, part, _ in words} == UNIVERSAL
    assert len(labels("UPOS")) == len(words)
    assert set(labels("NER")) == {"PER", "ORG", "LOC", "DATE", None}  # the reader refuses tags that do not nest


def test_marks_are_punctuation_and_names_are_of_words_that_names_have(words: list[list[str]]):
    for form, part, entity in words:
        assert (part == "PUNCT") == (re.search(r"\w", form) is None), form
        assert entity == "O" or part in {"PROPN", "NOUN", "ADJ", "NUM", "ADP", "DET"}, form
        assert part != "PROPN" or form[0].isupper(), form


def test_what_the_description_counts_is_in_the_file(words: list[list[str]]):
    described = (DATA / "README.md").read_text(encoding="utf-8")
    counted = {name: int(number) for number, name in re.findall(r"(\d+) `([A-Z]+)`", described)}
    parts = Counter(part for _, part, _ in words)
    entities = Counter(entity[2:] for _, _, entity in words if entity.startswith("B-"))
    assert counted == dict(chain(parts.items(), entities.items()))
    assert f"({len(words):,} words)" in described
