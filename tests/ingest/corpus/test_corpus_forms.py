"""Files as their users have them: what spreadsheets, hubs and other tools write, row by row."""

from __future__ import annotations

import bz2
import datetime
import decimal
import gzip
import json
import lzma
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from ingest.corpus.corpus import PLAIN, CorpusOptions, open_corpus
from ingest.corpus.preview import preview
from mri_core.errors import UsageError
from tests.ingest.refusal import refused

ROWS = [("one, two", "a"), ('say "three"', "b"), ("four; five", "a"), ("six\tseven", "b")]
CSV = 'text,label\n"one, two",a\n"say ""three""",b\nfour; five,a\nsix\tseven,b\n'
OBJECTS = [{"text": text, "label": label} for text, label in ROWS]
LINES = "".join(json.dumps(row) + "\n" for row in OBJECTS)
COLUMNS = {"text": [text for text, _ in ROWS], "label": [label for _, label in ROWS]}


def rows_of(path: Path, options: CorpusOptions = PLAIN) -> list[tuple[str | None, str]]:
    return [(document.text, document.category) for document in open_corpus(path, options)]


def zstd(content: bytes) -> bytes:
    return bytes(pa.Codec("zstd").compress(content, asbytes=True))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.csv", CSV.encode()),
        ("bom.csv", b"\xef\xbb\xbf" + CSV.encode()),
        ("utf16.csv", CSV.encode("utf-16")),
        ("windows.csv", CSV.replace("\n", "\r\n").encode()),
        ("mac.csv", CSV.replace("\n", "\r").encode()),
        ("stated.csv", b"sep=,\r\n" + CSV.encode()),
        ("semicolons.csv", b'text;label\none, two;a\n"say ""three""";b\n"four; five";a\nsix\tseven;b\n'),
        ("stated.csv", b'sep=;\ntext;label\none, two;a\n"say ""three""";b\n"four; five";a\nsix\tseven;b\n'),
        ("tabs.csv", b'text\tlabel\none, two\ta\n"say ""three"""\tb\nfour; five\ta\n"six\tseven"\tb\n'),
        ("bars.csv", b'text|label\none, two|a\n"say ""three"""|b\nfour; five|a\nsix\tseven|b\n'),
        ("empty-columns.csv", b'text,label,,\n"one, two",a,,\n"say ""three""",b,,\nfour; five,a,,\nsix\tseven,b,,\n'),
        ("trailing.csv", b'text,label\n"one, two",a,\n"say ""three""",b,\nfour; five,a\nsix\tseven,b\n'),
        ("x.csv.gz", gzip.compress(CSV.encode())),
        ("x.csv.bz2", bz2.compress(CSV.encode())),
        ("x.csv.xz", lzma.compress(CSV.encode())),
        ("x.CSV.GZ", gzip.compress(CSV.encode("utf-16"))),
        ("x.csv.zst", zstd(CSV.encode())),
        ("x.jsonl.zst", zstd(LINES.encode())),
        ("x.jsonl.gz", gzip.compress(LINES.encode())),
        ("lines.json", LINES.encode()),
        ("array.json", json.dumps(OBJECTS, indent=1).encode()),
        ("array.json.gz", gzip.compress(json.dumps(OBJECTS).encode())),
        ("inside.json", json.dumps({"version": 1, "data": OBJECTS}).encode()),
        ("columns.json", json.dumps(COLUMNS).encode()),
        (
            "split.json",
            json.dumps(
                {"columns": list(COLUMNS), "index": [0, 1], "data": list(zip(*COLUMNS.values(), strict=True))}
            ).encode(),
        ),
        (
            "pandas.json",
            json.dumps({name: dict(enumerate(column)) for name, column in COLUMNS.items()}).encode(),
        ),
    ],
)
def test_the_same_rows_are_read_from_every_form(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert rows_of(path) == ROWS


def test_a_separator_that_the_name_does_not_say_is_reported_and_can_be_named(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("text;label\none;a\ntwo, three;b\n")
    assert open_corpus(path).notes == ("x.csv is separated by semicolons, and read so.",)
    path.write_text("text#label\none#a\ntwo#b\n")
    with refused("text#label", "--separator"):
        open_corpus(path)
    assert rows_of(path, CorpusOptions(separator="#")) == [("one", "a"), ("two", "b")]
    assert preview(path, separator="#").columns == ("text", "label")
    with refused("one character", "'##'", kind=UsageError):
        open_corpus(path, CorpusOptions(separator="##"))
    lines = tmp_path / "x.jsonl"
    lines.write_text(LINES)
    with refused("--separator", "x.jsonl is neither", kind=UsageError):
        open_corpus(lines, CorpusOptions(separator="tab"))


@pytest.mark.parametrize(("suffix", "separator"), [("tsv", "\t"), ("csv", ","), ("csv", ";")])
def test_quotes_that_are_letters_swallow_no_row(tmp_path: Path, suffix: str, separator: str) -> None:
    said = {5: ('"We should leave now', "b"), 9: ('and she agreed."', "b"), 20: ('"All" of it', "a")}
    rows = [said.get(i, (f"plain sentence number {i}", "ab"[i % 2])) for i in range(40)]
    if suffix == "csv":  # there a quote that closes within a field is an error as before
        rows[20] = ("all of it", "a")
    path = tmp_path / f"glue.{suffix}"
    path.write_text("".join(f"{text}{separator}{label}\n" for text, label in [("sentence", "label"), *rows]))
    assert rows_of(path) == rows
    assert "Quotes in glue" in open_corpus(path).notes[-1]


@pytest.mark.parametrize("padded", [range(1), range(40)])
def test_empty_fields_at_the_end_of_a_line_hide_no_swallowed_row(tmp_path: Path, padded: range) -> None:
    said = {5: '"We should leave now', 9: 'and she agreed."'}
    path = tmp_path / "x.tsv"
    rows = [(said.get(i, f"sentence {i}"), "ab"[i % 2]) for i in range(40)]
    lines = [f"{text}\t{label}" + "\t" * (i in padded) for i, (text, label) in enumerate(rows)]
    path.write_text("text\tlabel\n" + "\n".join(lines) + "\n")
    assert rows_of(path) == rows


def test_a_row_is_swallowed_behind_any_number_of_texts_with_line_breaks(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    texts = "".join(f'"Street {i}, Town\nCountry",a\nplain,{"ab"[i % 2]}\n' for i in range(1100))
    path.write_text("text,label\n" + texts)
    assert open_corpus(path).documents == 2200
    path.write_text("text,label\n" + texts + '"one,a\ntwo,b\nthree",a\n')
    with refused("line 3302 of x.csv runs over 3 lines that are rows"):
        open_corpus(path)


def test_line_breaks_in_quoted_texts_are_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text('text,label\n"Hello, world\ngoodbye, now",a\nplain,b\n"tab\there\nand, here",b\n')
    corpus = open_corpus(path)
    assert [document.text for document in corpus] == ["Hello, world\ngoodbye, now", "plain", "tab\there\nand, here"]
    assert corpus.notes == ()
    path = tmp_path / "x.tsv"
    path.write_text('text\tlabel\n"Hello\nworld"\ta\nplain\tb\n')
    assert [document.text for document in open_corpus(path)] == ["Hello\nworld", "plain"]


def test_rows_are_documents_and_what_was_left_out(tmp_path: Path) -> None:
    path = tmp_path / "late.jsonl"
    rows = [{"text": f"text {i}", **({"label": "ab"[i % 2]} if i >= 1000 else {})} for i in range(1100)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    corpus = open_corpus(path)
    assert (corpus.rows, corpus.documents, corpus.skipped.without_label) == (1100, 100, 1000)
    sample = open_corpus(path, CorpusOptions(limit=10))
    assert (sample.rows, sample.documents, sample.skipped.over_limit) == (1100, 10, 90)


def write_texts(folder: Path, *paths: str) -> Path:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(f"text of {path}")
    return folder


def test_folders_of_splits_are_no_labels(tmp_path: Path) -> None:
    names = [f"{split}/{label}/{i}.txt" for split in ("train", "test") for label in ("pos", "neg") for i in range(3)]
    corpus = open_corpus(write_texts(tmp_path / "films", *names, "test/README.md"))
    assert corpus.categories == (("neg", 6), ("pos", 6))
    assert corpus.notes == (
        "test, train are splits, and all are read: the labels are the folders in them.",
        "Not read, as they are no .txt files: 1 file in films.",
    )


def test_labels_that_are_called_as_splits_are_labels_where_they_hold_the_texts(tmp_path: Path) -> None:
    corpus = open_corpus(write_texts(tmp_path / "rail", "train/1.txt", "train/2.txt", "bus/old/1.txt", "bus/2.txt"))
    assert corpus.categories == (("bus", 2), ("train", 2))
    assert corpus.notes == ("Texts in folders within their label's folder, which count to that label: 1.",)


def shard(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pa.Table.from_pylist(rows), path)


def test_shards_of_one_split_are_one_corpus(tmp_path: Path) -> None:
    for number in range(3):
        shard(tmp_path / f"set/data/train-0000{number}-of-00003.parquet", OBJECTS[number::3])
    assert rows_of(tmp_path / "set") == [ROWS[0], ROWS[3], ROWS[1], ROWS[2]]
    (tmp_path / "set/dataset_infos.json").write_text('{"default": {"splits": {}}}')
    assert len(rows_of(tmp_path / "set")) == 4
    shard(tmp_path / "set/data/test-00000-of-00001.parquet", OBJECTS)
    corpus = open_corpus(tmp_path / "set")
    assert (corpus.source, corpus.documents) == ("set/train", 4)
    assert corpus.notes == ("Read: 3 of the 4 files of set, the split train.",)
    assert open_corpus(tmp_path / "set/data/test-00000-of-00001.parquet").documents == 4


def test_what_a_shard_lacks_is_a_missing_cell(tmp_path: Path) -> None:
    (tmp_path / "train-0.jsonl").write_text(LINES)
    (tmp_path / "train-1.jsonl").write_text(json.dumps({"text": "more", "label": "b", "title": "T"}) + "\n")
    assert [document.title for document in open_corpus(tmp_path)] == [text.replace("\t", " ") for text, _ in ROWS] + [
        "T"
    ]


def test_a_licence_next_to_tables_makes_no_folder_of_texts(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/train.csv").write_text(CSV)
    (tmp_path / "data/LICENSE.txt").write_text("Do as you like.")
    assert rows_of(tmp_path) == ROWS


@pytest.mark.parametrize(
    ("files", "facts"),
    [
        (["train.jsonl", "train.jsonl.gz"], ["A table is read once", "train.jsonl and train.jsonl.gz"]),
        (["en/train.jsonl", "fr/train.jsonl"], ["several datasets", "en, fr"]),
        (["dev.jsonl", "test.jsonl"], ["one split", "validation, test"]),
        (["train.jsonl", "train.csv"], ["several formats", ".csv, .jsonl"]),
    ],
)
def test_a_folder_that_leaves_a_choice_is_refused(tmp_path: Path, files: list[str], facts: list[str]) -> None:
    for name in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(CSV if name.endswith("csv") else LINES)
    with refused(*facts):
        open_corpus(tmp_path)


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ([datetime.date(2020, 1, 1), datetime.date(2021, 1, 1)], ["2020-01-01", "2021-01-01"]),
        ([datetime.datetime(2020, 1, 1), datetime.datetime(2021, 1, 1, 7, 5)], ["2020-01-01", "2021-01-01 07:05:00"]),
        ([decimal.Decimal("1.00"), decimal.Decimal("2.50")], ["1", "2.50"]),
        ([True, False], ["false", "true"]),
        ([datetime.time(7, 5), datetime.time(8)], ["07:05:00", "08:00:00"]),
        (pa.array(["x", "y"]).dictionary_encode(), ["x", "y"]),
        (pa.array([1, 2], pa.int8()), ["1", "2"]),
        (pa.array([1.0, 2.5], pa.float32()), ["1", "2.5"]),
    ],
)
def test_typed_labels_are_named_as_a_csv_names_them(tmp_path: Path, values: Any, names: list[str]) -> None:
    path = tmp_path / "x.parquet"
    parquet.write_table(pa.table({"text": ["one", "two"], "label": values}), path)
    assert [name for name, _ in open_corpus(path).categories] == names


def test_both_unicode_forms_of_a_label_are_one_category(tmp_path: Path) -> None:
    composed, parted = (unicodedata.normalize(form, "café") for form in ("NFC", "NFD"))
    path = tmp_path / "x.csv"
    path.write_text(f"text,label\n{parted},{composed}\n{composed},{parted}\ntwo,thé\n")
    corpus = open_corpus(path)
    assert corpus.categories == ((composed, 2), ("thé", 1))
    assert [document.text for document in corpus] == [parted, composed, "two"]  # texts are the model's, as they are
    assert corpus.notes == ("Written in more than one Unicode form, and taken for one category each: 'café'.",)
    chosen = open_corpus(path, CorpusOptions(categories=(parted, "thé")))
    assert chosen.content_hash == corpus.content_hash


def write_labels(path: Path, label: Callable[[int], object], count: int) -> Path:
    path.write_text("text,label\n" + "".join(f"text {i},{label(i)}\n" for i in range(count)))
    return path


@pytest.mark.parametrize(
    ("label", "facts"),
    [
        (lambda i: i / 7, ["200 different labels of 200 documents", "all of them numbers", "--bins N"]),
        (lambda i: f"user {i}", ["200 different labels", "--top N"]),
        (lambda i: f"a{i % 50};b{i}" if i % 2 else f"a{i % 50}", ["different labels", "--top N"]),
        (lambda i: f"a{i % 9};b{i % 11}", ["99 different labels", "several labels in one cell", "--group"]),
    ],
)
def test_labels_that_are_no_categories_are_refused_with_what_to_do(
    tmp_path: Path, label: Callable[[int], object], facts: list[str]
) -> None:
    with refused(*facts):
        open_corpus(write_labels(tmp_path / "x.csv", label, 200))


def test_thousands_of_categories_are_refused_however_large(tmp_path: Path) -> None:
    with refused("1,001 different labels"):
        open_corpus(write_labels(tmp_path / "x.csv", lambda i: f"c{i % 1001}", 6006))


def test_bins_are_quantiles_that_part_no_equal_labels(tmp_path: Path) -> None:
    path = write_labels(tmp_path / "x.csv", lambda i: i / 4, 12)  # 0 to 2.75
    corpus = open_corpus(path, CorpusOptions(bins=3))
    assert corpus.categories == (("1: 0 to 0.75", 4), ("2: 1 to 1.75", 4), ("3: 2 to 2.75", 4))
    assert [document.category[0] for document in corpus] == list("111122223333")
    path = write_labels(tmp_path / "tied.csv", lambda i: max(0, i - 6), 12)  # 7 times 0, then 1 to 5
    assert open_corpus(path, CorpusOptions(bins=4)).categories == (("1: 0", 7), ("2: 1 to 2", 2), ("3: 3 to 5", 3))
    path = write_labels(tmp_path / "same.csv", lambda i: 3, 12)
    with refused("labels that differ", "All labels are the same"):
        open_corpus(path, CorpusOptions(bins=2))
    with refused("--bins is of labels that are numbers", "line 5 of words.csv has 'x3'"):
        open_corpus(write_labels(tmp_path / "words.csv", lambda i: f"x{i}" if i == 3 else i, 9), CorpusOptions(bins=2))


def test_bins_read_decimal_commas(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("text;label\none;0,5\ntwo;1,5\nthree;2\nfour;10\n")
    names = [name for name, _ in open_corpus(path, CorpusOptions(bins=2)).categories]
    assert names == ["1: 0.5 to 1.5", "2: 2 to 10"]


def test_the_most_frequent_categories_are_read_and_the_rest_counted(tmp_path: Path) -> None:
    path = write_labels(tmp_path / "x.csv", lambda i: "aaabbbcccd"[i % 10] if i < 40 else f"user {i}", 200)
    corpus = open_corpus(path, CorpusOptions(top=2))
    assert corpus.categories == (("a", 12), ("b", 12))
    assert (corpus.rows, corpus.skipped.other_categories) == (200, 176)
    for options in (CorpusOptions(top=1), CorpusOptions(bins=1), CorpusOptions(top=2, categories=("a", "b"))):
        with refused("--top" if options.top else "--bins", kind=UsageError):
            open_corpus(path, options)


def test_doubtful_labels_are_warned_of(tmp_path: Path) -> None:
    labels = ["Joy", "joy", "joy;anger", "anger", "NaN", "fear\u200b", "fear"]
    corpus = open_corpus(write_labels(tmp_path / "x.csv", lambda i: labels[i % 7], 70))
    assert corpus.documents == 70
    alike, unseen, missing, several = corpus.warnings
    assert "'Joy', 'joy'" in alike
    assert "'fear'" in unseen
    assert "'NaN'" in missing
    assert "'joy;anger'" in several
