"""Labels of tokens: lists of words and tags, character spans, the schemes of entities, and what is chosen of them."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from datasets import ClassLabel, Dataset, Features, List, Value

from ingest.corpus.corpus import Corpus, CorpusOptions, open_corpus
from ingest.corpus.formats.memory import held_corpus
from ingest.corpus.part import part_of
from ingest.corpus.remembered import recall, remember
from mri_core.errors import CorpusError, UsageError
from mri_core.records.graph import Study
from tests.ingest.refusal import refused
from tests.planted import planted_graph

WORDS = [
    {"tokens": ["Anna", "Lind", "sings"], "tags": ["B-PER", "I-PER", "O"]},
    {"tokens": ["in", "Lund"], "tags": ["O", "B-LOC"]},
]
TAGGED = CorpusOptions(unit="token")


def lines(folder: Path, rows: Sequence[dict[str, Any]], **options: object) -> Corpus:
    path = folder / "x.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return open_corpus(path, CorpusOptions(unit="token", **options))  # type: ignore[arg-type]


def in_memory(rows: Any, **options: object) -> Corpus:
    known = {"unit": "token", **options}
    named = held_corpus(rows, known)
    columns = {key: value for key, value in named.items() if key != "corpus"}
    return open_corpus(named["corpus"], CorpusOptions(**{**known, **columns}))


def labels(corpus: Corpus) -> list[list[str | None]]:
    return [[label for *_, label in text.spans or ()] for text in corpus]


def test_words_are_a_text_with_a_space_between_them_and_each_has_its_place(tmp_path: Path) -> None:
    corpus = lines(tmp_path, WORDS)
    first, second = corpus
    assert (first.text, first.spans) == ("Anna Lind sings", ((0, 4, "PER"), (5, 9, "PER"), (10, 15, None)))
    assert (second.text, second.spans) == ("in Lund", ((0, 2, None), (3, 7, "LOC")))
    assert type(first.text) is str
    assert corpus.tags == (("LOC", 1), ("PER", 2))


def test_every_format_of_the_same_words_is_the_same_corpus(tmp_path: Path) -> None:
    corpus = lines(tmp_path, WORDS)
    frame = pd.DataFrame(WORDS)
    frame.to_parquet(tmp_path / "x.parquet")
    (tmp_path / "x.json").write_text(json.dumps(WORDS))
    names = ["O", "B-PER", "I-PER", "B-LOC"]
    codes = [{**row, "tags": [names.index(tag) for tag in row["tags"]]} for row in WORDS]
    features = Features(tokens=List(Value("string")), tags=List(ClassLabel(names=names)))
    dataset = Dataset.from_list(codes, features=features)
    dataset.to_parquet(tmp_path / "codes.parquet")
    dataset.save_to_disk(tmp_path / "saved")
    files = ("x.parquet", "x.json", "codes.parquet", "saved")
    hashes = {open_corpus(tmp_path / name, TAGGED).content_hash for name in files}
    arrays = frame.assign(tags=frame["tags"].map(np.array))
    hashes |= {in_memory(rows).content_hash for rows in (WORDS, frame, arrays, dataset, dataset.data.table)}
    assert hashes == {corpus.content_hash}


def test_a_row_without_tags_is_left_out_and_one_without_words_too(tmp_path: Path) -> None:
    corpus = lines(tmp_path, [*WORDS, {"tokens": ["x"], "tags": None}, {"tokens": [], "tags": []}])
    assert (corpus.documents, corpus.skipped.without_label, corpus.skipped.without_text) == (2, 1, 1)


def test_pieces_are_sorted_and_those_without_a_label_left_out(tmp_path: Path) -> None:
    spans = [{"start": 8, "end": 13, "label": "place"}, [0, 4, "shop"], {"start": 5, "end": 7, "label": None}]
    corpus = lines(tmp_path, [{"text": "Café in Paris", "spans": spans}, {"text": "empty", "spans": []}])
    assert [text.spans for text in corpus] == [((0, 4, "shop"), (8, 13, "place")), ()]
    assert corpus.tags == (("place", 1), ("shop", 1))


def test_pieces_of_a_dataset_have_the_names_of_their_codes() -> None:
    piece = {"start": Value("int32"), "end": Value("int32"), "label": ClassLabel(names=["a", "b"])}
    rows = [{"text": "one two", "spans": [{"start": 0, "end": 3, "label": 1}, {"start": 4, "end": 7, "label": 0}]}]
    for spans in (List(piece), {name: List(feature) for name, feature in piece.items()}):
        cells = (
            rows
            if isinstance(spans, List)
            else [{**rows[0], "spans": {"start": [0, 4], "end": [3, 7], "label": [1, 0]}}]
        )
        dataset = Dataset.from_list(cells, features=Features(text=Value("string"), spans=spans))
        assert [text.spans for text in in_memory(dataset)] == [((0, 3, "b"), (4, 7, "a"))]


def test_tokens_may_have_the_label_of_their_text(tmp_path: Path) -> None:
    rows = [{**row, "label": label} for row, label in zip(WORDS, "ab", strict=True)]
    by_name = lines(tmp_path, rows)
    assert (by_name.categories, by_name.tags) == ((("a", 1), ("b", 1)), None)
    assert [(text.text, text.spans) for text in by_name] == [("Anna Lind sings", None), ("in Lund", None)]
    assert lines(tmp_path, rows, tags="tags").tags is not None


@pytest.mark.parametrize(
    ("tags", "types"),
    [
        ("B-X I-X B-X O B-Y", "X X X _ Y"),
        ("B-X I-X E-X O S-Y", "X X X _ Y"),
        ("B-X I-X L-X O U-Y", "X X X _ Y"),
        ("B-X E-X _ S-Y O", "X X _ Y _"),
        ("B-X-1 I-X-1 O B-Y O", "X-1 X-1 _ Y _"),
        ("B I O NOUN _", "B I O NOUN _"),  # categories as they stand
        ("B-X I-X O NOUN O", "B-X I-X O NOUN O"),
        ("I-beam E-mail I-beam _ E-mail", "I-beam E-mail I-beam _ E-mail"),
    ],
)
def test_the_tags_of_entities_are_their_types_if_all_are_such(tmp_path: Path, tags: str, types: str) -> None:
    corpus = lines(tmp_path, [{"words": list("abcde"), "tags": tags.split()}], text="words")
    assert labels(corpus) == [[None if name == "_" else name for name in types.split()]]


def test_the_scheme_is_that_of_all_rows(tmp_path: Path) -> None:
    later = [*WORDS, {"tokens": ["x", "y"], "tags": ["I-PER", "NOUN"]}]
    assert labels(lines(tmp_path, later))[0] == ["B-PER", "I-PER", "O"]


def test_categories_and_top_are_of_tags_and_leave_texts_and_labels_as_they_are(tmp_path: Path) -> None:
    rows = [{"tokens": list("abcdef"), "tags": ["N", "N", "N", "V", "V", "X"]}]
    every = lines(tmp_path, rows)
    assert every.tags == (("N", 3), ("V", 2), ("X", 1))
    top, named = lines(tmp_path, rows, top=2), lines(tmp_path, rows, categories=("V", "N"))
    assert top.tags == named.tags == (("N", 3), ("V", 2))
    assert labels(top) == labels(every)
    assert top.content_hash == named.content_hash == every.content_hash
    with refused("No tag is called 'Q'", kind=UsageError):
        lines(tmp_path, rows, categories=("N", "Q"))


def test_tags_are_counted_by_their_words_as_a_scan_places_them(tmp_path: Path) -> None:
    rows = [{"text": "one two three four", "spans": [piece(0, 13, "x"), piece(14, 18, "y")]}] * 2
    assert lines(tmp_path, rows).tags == (("x", 6), ("y", 2))
    assert lines(tmp_path, [*rows, {"text": "five six seven", "spans": []}], top=2, untagged=True).tags == (
        ("untagged", 3),
        ("x", 6),
    )


def test_another_tagging_is_another_corpus(tmp_path: Path) -> None:
    other = [WORDS[0], {**WORDS[1], "tags": ["B-LOC", "B-LOC"]}]
    without = [WORDS[0], {**WORDS[1], "tags": ["B-LOC", "O"]}]
    plain = [{"text": " ".join(row["tokens"]), "label": name} for row, name in zip(WORDS, "ab", strict=True)]
    hashes = {lines(tmp_path, rows).content_hash for rows in (WORDS, other, without, [*WORDS, *other], plain)}
    assert len(hashes) == 5


def test_a_corpus_without_labels_of_tokens_has_the_hash_of_versions_before_there_were_any(tmp_path: Path) -> None:
    rows = [{"text": "one", "label": "a"}, {"text": "two", "label": "b"}]
    fields = (b"a", b"one", b"one", None, b"b", b"two", b"two", None)
    known = b"".join(struct.pack("<q", -1 if cell is None else len(cell)) + (cell or b"") for cell in fields)
    assert lines(tmp_path, rows).content_hash == hashlib.sha256(known).hexdigest()


def test_one_tag_and_the_words_without_are_two_categories(tmp_path: Path) -> None:
    rows = [{"tokens": ["a", "b"], "tags": ["N", None]}]
    assert lines(tmp_path, rows, untagged=True).tags == (("N", 1), ("untagged", 1))
    assert lines(tmp_path, rows, untagged=True, categories=("N", "untagged")).tags == (("N", 1), ("untagged", 1))
    pieces_alone = [{"text": "one two", "spans": [piece(0, 3)]}]
    assert lines(tmp_path, pieces_alone, untagged=True).tags == (("untagged", 1), ("x", 1))
    with refused("at least two categories", "have one, 'N'"):
        lines(tmp_path, rows, untagged=True, categories=("N",))
    with refused("has a tag of this name", kind=CorpusError):
        lines(tmp_path, [{"tokens": ["a", "b"], "tags": ["N", "untagged"]}], untagged=True)


def test_whole_texts_are_drawn_and_their_tags_counted(tmp_path: Path) -> None:
    rows = [{"tokens": [f"w{i}", "x"], "tags": ["N", "V"]} for i in range(10)]
    drawn = lines(tmp_path, rows, limit=4)
    assert (drawn.documents, drawn.tags, drawn.skipped.over_limit) == (4, (("N", 4), ("V", 4)), 6)
    kept, held = (lines(tmp_path, rows, holdout=0.3, held_out=way) for way in (False, True))
    assert (kept.documents, held.documents) == (7, 3)
    assert {text.text for text in kept}.isdisjoint({text.text for text in held})


def test_a_part_and_what_is_remembered_know_the_tags(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MRI_CACHE", str(tmp_path / "cache"))
    corpus = lines(tmp_path, WORDS)
    part = part_of(corpus, np.array([1]))
    assert (labels(part), part.tags) == ([[None, "LOC"]], corpus.tags)
    study: Study = planted_graph("tagged", seed=3).study
    remember(study.id, corpus, None, "key")
    found = recall(study, CorpusError("gone"))
    assert found is not None
    assert (found.tags, found.columns) == (corpus.tags, corpus.columns)


def piece(start: object, end: object, label: object = "x") -> dict[str, object]:
    return {"start": start, "end": end, "label": label}


@pytest.mark.parametrize(
    ("row", "facts"),
    [
        ({"tokens": ["a", "b"], "tags": ["N"]}, ["line 2 of x.jsonl has 2 words in 'tokens' and 1 tags in 'tags'"]),
        ({"tokens": ["a", ""], "tags": ["N", "V"]}, ["A word has characters", "line 2 of x.jsonl", "word 2"]),
        ({"tokens": ["a", None], "tags": ["N", "V"]}, ["A word has characters", "line 2 of x.jsonl"]),
        ({"tokens": "a b", "tags": ["N", "V"]}, ["line 2 of x.jsonl", "holds a text", "--text"]),
        ({"tokens": ["a"], "tags": "N"}, ["line 2 of x.jsonl", "'tags'", "a list", "JSON Lines"]),
        ({"tokens": ["a"], "tags": [["N"]]}, ["line 2 of x.jsonl", "'tags'", "a list"]),
        ({"tokens": ["a"], "tags": ["N" * 201]}, ["1 to 200 characters", "line 2 of x.jsonl"]),
        ({"tokens": ["a"], "tags": [piece(0, 1)]}, ["line 2 of x.jsonl", "holds pieces of a text"]),
    ],
)
def test_words_and_tags_that_do_not_match_are_refused_with_their_row(
    tmp_path: Path, row: dict[str, Any], facts: list[str]
) -> None:
    with refused(*facts):
        lines(tmp_path, [{"tokens": ["a", "b"], "tags": ["N", "V"]}, row])


@pytest.mark.parametrize(
    ("text", "spans", "facts"),
    [
        ("four", [piece(0, 5)], ["0 to 5", "the text has 4 characters"]),
        ("four", [piece(-1, 2)], ["-1 to 2"]),
        ("four", [piece(2, 2)], ["not empty", "2 to 2"]),
        ("four", [piece(3, 2)], ["3 to 2"]),
        ("four", [piece(2, 4), piece(0, 3, "y")], ["do not overlap", "0 to 3 (y) and 2 to 4 (x)"]),
        ("four", [piece("0", 2)], ["whole numbers", "'0'"]),
        ("four", [piece(0.5, 2)], ["whole numbers", "0.5"]),
        ("four", [piece(True, 2)], ["whole numbers", "True"]),
        ("four", [{"begin": 0}], ["{start, end, label}", "begin"]),
        ("four", "x", ["{start, end, label}", "'x'"]),
        ("cafe\u0301 x", [piece(0, 4)], ["between characters", "0 to 4 (x), and 4 is within one"]),
        ("cafe\u0301 x", [piece(4, 7)], ["and 4 is within one"]),
        ("a \u2764\ufe0f b", [piece(2, 3)], ["and 3 is within one"]),
        ("\U0001f468\u200d\U0001f469 b", [piece(0, 1)], ["and 1 is within one"]),
    ],
)
def test_pieces_that_are_none_of_their_text_are_refused_with_their_row(
    tmp_path: Path, text: str, spans: object, facts: list[str]
) -> None:
    good = {"text": "good one", "spans": [piece(0, 4, "y"), piece(5, 8)]}
    with refused("line 2 of x.jsonl", *facts):
        lines(tmp_path, [good, {"text": text, "spans": spans}])


def test_whole_characters_of_several_code_points_are_pieces(tmp_path: Path) -> None:
    corpus = lines(tmp_path, [{"text": "cafe\u0301 \u2764\ufe0f", "spans": [piece(0, 5), piece(6, 8, "y")]}])
    assert [text.spans for text in corpus] == [((0, 5, "x"), (6, 8, "y"))]


@pytest.mark.parametrize("option", [{"bins": 2}, {"match": "length"}])
def test_what_is_of_a_text_s_category_is_refused_where_tokens_have_tags(
    tmp_path: Path, option: dict[str, object]
) -> None:
    with refused("of their text or a tag of their own", f"--{next(iter(option))}", kind=UsageError):
        lines(tmp_path, WORDS, **option)


def test_a_corpus_without_labels_of_either_kind_is_refused(tmp_path: Path) -> None:
    with refused("label, category, class, target, tags, ner_tags, pos_tags or spans", "--label or --tags"):
        lines(tmp_path, [{"text": "one"}, {"text": "two"}])
