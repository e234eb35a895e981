from __future__ import annotations

import gzip
import lzma
import os
from pathlib import Path

import pyarrow as pa
import pytest

from ingest.corpus.corpus import CorpusOptions, open_corpus
from mri_core.errors import UsageError
from tests.ingest.refusal import refused

GOOD = b"text,label,id\none,a,1\ntwo,b,2\n"


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.csv"
    path.write_bytes(GOOD)
    return path


@pytest.mark.parametrize(
    ("name", "content", "facts"),
    [
        ("x.csv", b"", ["x.csv is empty"]),
        ("x.csv", b"\n\n", ["x.csv is empty"]),
        ("x.csv", "\ufeff".encode(), ["x.csv is empty"]),
        ("x.jsonl", b"", ["x.jsonl is empty"]),
        ("x.jsonl", b"\n \n", ["x.jsonl is empty"]),
        ("x.csv", b"text,label\n", ["x.csv has no rows"]),
        ("x.csv", b"text,label\n ,a\n,b\n", ["All 2 texts of x.csv are empty"]),
        ("x.csv", b"text,label\none,\ntwo,\n", ["No row of x.csv"]),
        ("x.csv", b"text,label\none,a\ntwo,a\n", ["at least two categories", "x.csv has one, 'a'", "--label"]),
        ("x.csv", b"text,label\none,a\n\ntwo,b,c\n", ["Line 4 of x.csv has 3 and the header 2"]),
        ("x.csv", b'text,label\n"one\nmore",a\ntwo\n', ["Line 4 of x.csv has 1 and the header 2"]),
        ("x.tsv", b"text\tlabel\none,a\n", ["Line 2 of x.tsv has 1 and the header 2"]),
        ("x.csv", b'text,label\none,a\n"two,b\nthree,b\n', ["The row that begins on line 3 of x.csv"]),
        ("x.csv", b'text,label\n"one" more,a\n', ["The row that begins on line 2 of x.csv"]),
        ("x.csv", b"text,label\none,a\r\rtwo,b\n", ["The row that begins on line 2 of x.csv"]),
        ("x.csv", b"text,label\none,a\ncaf\xe9,b\n", ["UTF-8", "line 3", "0xe9"]),
        ("x.csv", b"caf\xe9,label\n", ["UTF-8", "line 1", "0xe9"]),
        ("x.csv", "text,label\none,a\n".encode("utf-16")[:-1], ["UTF-16", "x.csv is neither"]),
        ("x.csv", "text,label\none,a\n".encode("utf-16-le"), ["NUL", "line 1"]),
        ("x.csv", b"text,label\none,a\nt\0wo,b\n", ["NUL", "line 3"]),
        ("x.csv", b"text,text,label\none,a,b\n", ["x.csv has two called 'text'"]),
        ("x.csv", b"first,second\none,a\n", ["text, content, sentence, document or body", "first, second", "--text"]),
        ("x.csv", b"text,second\none,a\n", ["label, category, class or target", "text, second", "--label"]),
        ("x.csv", b"text,label\none," + b"x" * 201 + b"\n", ["1 to 200 characters", "line 2 of x.csv", "201"]),
        (
            "x.csv",
            b"id,text,label\n7,one,a\n8,two,b\n 7,three,a\n",
            ["'7'", "line 2 of x.csv", "line 4 of x.csv", "--id"],
        ),
        ("x.jsonl", b'{"text": "one", "label": "a"}\n{"text": \n', ["Line 2 of x.jsonl"]),
        ("x.jsonl", b'\n{"text": "one"}\n["one", "a"]\n', ["Line 3 of x.jsonl", "object"]),
        ("x.jsonl", b"[" * 100_000 + b"\n", ["Line 1 of x.jsonl"]),
        ("x.jsonl", b'{"text": ' + b"1" * 5000 + b"}\n", ["Line 1 of x.jsonl"]),
        ("x.jsonl", b'{"text": "caf\xe9", "label": "a"}\n', ["UTF-8", "line 1"]),
        ("x.jsonl", b'{"text": "one\\u0000", "label": "a"}\n', ["NUL", "line 1 of x.jsonl", "'text'"]),
        ("x.jsonl", b'{"text": "one", "label": "\\ud83d"}\n', ["surrogate", "line 1 of x.jsonl", "'label'"]),
        ("x.jsonl", b'{"text": "one", "label": ["a"]}\n', ["line 1 of x.jsonl", "'label'", "list"]),
        ("x.jsonl", b'{"text": {"en": "one"}, "label": "a"}\n', ["line 1 of x.jsonl", "'text'", "dict"]),
        ("x.json", b"[]", ["x.json is empty"]),
        ("x.json", b"[1, 2]", ["an array of objects", "x.json is an array of values"]),
        ("x.json", b"[[1, 2], [3, 4]]", ["x.json is an array of arrays"]),
        ("x.json", b'{"text": ["a", "b"], "label": ["c"]}', ["have not the same rows: text 2, label 1"]),
        ("x.json", b'{"a": [{"t": 1}], "b": [{"t": 1}]}', ["several arrays of rows: a, b"]),
        ("x.xlsx", b"PK", [".jsonl", "x.xlsx is none of these", "Save the sheet as CSV"]),
        ("x.csv.gz", b"text", ["x.csv.gz cannot be read", "gzip"]),
        ("x.csv.zst", b"text", ["x.csv.zst cannot be read"]),
        ("x.csv.gz", gzip.compress(GOOD * 99)[:-9], ["x.csv.gz cannot be read"]),
        ("x.csv.xz", lzma.compress(GOOD * 99)[:-9], ["x.csv.xz cannot be read"]),
        ("x.csv.zst", bytes(pa.Codec("zstd").compress(GOOD * 99, asbytes=True))[:-9], ["x.csv.zst cannot be read"]),
        ("x.csv", b"one;more\nx;a\n", ["A text column is called", "a label column is called", "--text and --label"]),
        ("x.csv", b"words,label\none,a\n", ["words, label", "Is it --text words?"]),
        (
            "x.csv",
            b'text,label,n\nu,a,1\nv,b,1\n"one,a,1\ntwo,b,1\nthree",b,1\n"w,w",a,1\n',
            ["line 4 of x.csv runs over 3"],
        ),
        ("x", b"text", [".csv", "x is none of these"]),
        ("x.parquet", b"", ["x.parquet cannot be read"]),
        ("x.parquet", b"text,label\none,a\n", ["x.parquet cannot be read"]),
    ],
)
def test_a_bad_file_is_refused_by_what_is_wrong(tmp_path: Path, name: str, content: bytes, facts: list[str]) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with refused(*facts):
        open_corpus(path)


@pytest.mark.parametrize("name", ["csv", "text", "json", "parquet", "imagefolder"])
def test_a_format_of_datasets_is_no_dataset_and_reads_no_file_around(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret.csv").write_bytes(GOOD)
    with refused(f"'{name}' is a format"):
        open_corpus(name)


@pytest.mark.parametrize("name", ["nope.csv", "./nope", "/nope/nope", "nope\\nope", "a/b/c", "here/nope", "nope.xlsx"])
def test_a_path_that_is_not_there_is_refused_without_asking_a_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with refused("No such file or folder", ".parquet"):
        open_corpus(name)


@pytest.mark.parametrize(
    ("options", "facts"),
    [
        (CorpusOptions(text="txet"), ["no column called 'txet'", "text, label, id", "--text"]),
        (CorpusOptions(label="kind"), ["no column called 'kind'", "text, label, id", "--label"]),
        (CorpusOptions(title="Title"), ["no column called 'Title'", "text, label, id", "--title"]),
        (CorpusOptions(id="key"), ["no column called 'key'", "text, label, id", "--id"]),
        (CorpusOptions(text="text", label="text"), ["two columns", "'text'"]),
        (CorpusOptions(categories=("a", "bb")), ["'bb'", "b"]),
        (CorpusOptions(categories=("a", "zebra")), ["'zebra'", "There are: a, b"]),
        (CorpusOptions(limit=1), ["It is 1", "2 categories"]),
        (CorpusOptions(limit=0), ["It is 0"]),
        (CorpusOptions(limit=-5), ["It is -5"]),
    ],
)
def test_an_option_that_does_not_fit_is_a_usage_error(good: Path, options: CorpusOptions, facts: list[str]) -> None:
    with refused(*facts, kind=UsageError):
        open_corpus(good, options)


def test_choosing_a_single_category_is_refused(good: Path) -> None:
    with refused("at least two categories", "'a'", "--categories"):
        open_corpus(good, CorpusOptions(categories=("a", "a")))


def test_many_columns_are_listed_in_short(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text(",".join(f"c{i}" for i in range(300)) + "\n")
    with refused("c0, c1", "c19 and 280 more"):
        open_corpus(path)


def test_duplicate_ids_are_accepted_where_no_ids_are_wanted(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"id,text,label\n7,one,a\n7,two,b\n")
    assert [document.source_id for document in open_corpus(path, CorpusOptions(id=""))] == [None, None]


@pytest.mark.parametrize("path", ["a", "a/b"])
def test_a_folder_without_text_files_is_refused(tmp_path: Path, path: str) -> None:
    (tmp_path / path).mkdir(parents=True)
    with refused("subfolder", "a has no .txt files"):
        open_corpus(tmp_path / "a")


def test_text_files_outside_any_subfolder_have_no_label(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("one")
    with refused("labelled"):
        open_corpus(tmp_path)


@pytest.mark.parametrize(("content", "fact"), [(b"one\ntwo caf\xe9", "0xe9"), (b"one\n\0", "NUL")])
def test_a_text_file_of_another_encoding_is_named_with_its_line(tmp_path: Path, content: bytes, fact: str) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "one.txt").write_bytes(content)
    with refused("a/one.txt", "line 2", fact):
        open_corpus(tmp_path)


def test_a_folder_of_activations_is_pointed_to_its_option(tmp_path: Path) -> None:
    (tmp_path / "L0.npy").touch()
    with refused("--activations"):
        open_corpus(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_refused(good: Path) -> None:
    good.chmod(0)
    with refused("good.csv cannot be read", "Permission denied"):
        open_corpus(good)


def test_a_hostile_file_name_cannot_break_the_line(tmp_path: Path) -> None:
    path = tmp_path / "a\n\x1b[31m.csv"
    path.write_bytes(b"")
    with refused("is empty"):
        open_corpus(path)
