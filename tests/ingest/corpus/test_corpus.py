from __future__ import annotations

import csv
import hashlib
import json
import struct
import subprocess
import sys
import tracemalloc
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.corpus.corpus import Corpus, CorpusOptions, Skipped, open_corpus
from ingest.corpus.formats.columns import Columns
from tests.ingest.refusal import refused

ROWS = [("a red dog", "dog"), ("a grey cat", "cat"), ("a tall dog", "dog"), ("a wet cat", "cat"), ("a shy cat", "cat")]
HOSTILE = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1).filter(str.strip)


def write_csv(path: Path, rows: list[tuple[str, ...]], header: tuple[str, ...] = ("text", "label")) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter="\t" if path.suffix == ".tsv" else ",").writerows([header, *rows])
    return path


def write_jsonl(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def pairs(corpus: Corpus) -> list[tuple[str, str]]:
    return [(document.text, document.category) for document in corpus]


def write_text_folder(folder: Path) -> Path:
    for number, (text, label) in enumerate(ROWS):
        file = folder / label / f"{number}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", ["animals.csv", "animals.tsv", "ANIMALS.CSV"])
def test_a_delimited_file_gives_its_documents_in_order(tmp_path: Path, name: str) -> None:
    corpus = open_corpus(write_csv(tmp_path / name, ROWS))
    assert pairs(corpus) == ROWS
    assert [document.ordinal for document in corpus] == [0, 1, 2, 3, 4]
    assert corpus.source == name
    assert corpus.columns == Columns(text="text", label="label", title=None, id=None)
    assert corpus.categories == (("cat", 3), ("dog", 2))
    assert corpus.labels.tolist() == [1, 0, 1, 0, 0]
    assert corpus.documents == 5
    assert corpus.skipped == Skipped()
    assert "'cat' (3), 'dog' (2)" in corpus.warnings[0]


@pytest.mark.parametrize("name", ["animals.jsonl", "animals.ndjson"])
def test_json_lines_give_the_same_documents_as_the_csv(tmp_path: Path, name: str) -> None:
    path = write_jsonl(tmp_path / name, [{"label": label, "text": text} for text, label in ROWS])
    assert list(open_corpus(path)) == list(open_corpus(write_csv(tmp_path / "animals.csv", ROWS)))


def test_a_folder_of_text_files_is_labelled_by_its_subfolders(tmp_path: Path) -> None:
    folder = write_text_folder(tmp_path / "animals")
    nested = folder / "dog" / "wild" / "9.TXT"
    nested.parent.mkdir()
    nested.write_text("a wolf")
    for ignored in ("dog/.hidden.txt", "dog/notes.md", ".git/x.txt"):
        (folder / ignored).parent.mkdir(exist_ok=True)
        (folder / ignored).write_text("ignored")
    (folder / "README.txt").write_text("has no label")
    (folder / "dog" / "empty.txt").write_text("\n")
    corpus = open_corpus(folder)
    assert [(d.text, d.category, d.source_id) for d in corpus] == [
        ("a grey cat", "cat", "cat/1.txt"),
        ("a wet cat", "cat", "cat/3.txt"),
        ("a shy cat", "cat", "cat/4.txt"),
        ("a red dog", "dog", "dog/0.txt"),
        ("a tall dog", "dog", "dog/2.txt"),
        ("a wolf", "dog", "dog/wild/9.TXT"),
    ]
    assert corpus.skipped == Skipped(without_text=1, without_label=1)
    assert corpus.source == "animals"


def test_a_folder_is_known_by_its_own_name_even_as_a_dot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(write_text_folder(tmp_path / "animals"))
    assert open_corpus(".").source == "animals"


def test_all_options_work_on_a_folder(tmp_path: Path) -> None:
    options = CorpusOptions(text="text", label="label", id="", title="id", limit=3, categories=("cat", "dog"), seed=1)
    corpus = open_corpus(write_text_folder(tmp_path), options)
    assert corpus.documents == 3
    assert all(d.source_id is None and d.title.startswith(f"{d.category}/") for d in corpus)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_byte_order_mark_change_nothing(tmp_path: Path, newline: str, mark: str) -> None:
    lines = ['"text","label"', '"one, ""two"" ', 'three",a', "", "four,b"]
    path = tmp_path / "x.csv"
    path.write_bytes((mark + newline.join(lines) + newline).encode())
    assert pairs(open_corpus(path)) == [(f'one, "two" {newline}three', "a"), ("four", "b")]
    path = tmp_path / "x.jsonl"
    path.write_bytes(
        (mark + newline.join(['{"text": "one", "label": "a"}', "", '{"text": "two", "label": "b"}'])).encode()
    )
    assert pairs(open_corpus(path)) == [("one", "a"), ("two", "b")]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(HOSTILE, min_size=1, max_size=5), label=HOSTILE)
@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".parquet"])
def test_hostile_text_comes_back_as_it_was(tmp_path: Path, suffix: str, texts: list[str], label: str) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    labels = [label.strip()[:200].strip() or "x"] * len(texts)
    rows = [*zip(texts, labels, strict=True), ("another", "the other")]
    path = tmp_path / f"hostile{suffix}"
    if suffix == ".jsonl":
        write_jsonl(path, [{"text": text, "label": name} for text, name in rows])
    elif suffix == ".parquet":
        pq.write_table(pa.table({"text": [r[0] for r in rows], "label": [r[1] for r in rows]}), path)
    else:
        write_csv(path, rows)
    # both Unicode forms of a label are one category
    assert pairs(open_corpus(path)) == [(text, unicodedata.normalize("NFC", name)) for text, name in rows]


@pytest.mark.parametrize(
    "text", ["</script><b>", "'; DETACH DELETE n //", "🦊 שלום עולם", "a\nb\r\nc", " padded ", "a" * 200_000]
)
def test_what_users_type_is_kept_as_it_is(tmp_path: Path, text: str) -> None:
    corpus = open_corpus(write_csv(tmp_path / "x.csv", [(text, "a"), ("other", "b")]))
    assert next(iter(corpus)).text == text


@pytest.mark.parametrize(
    ("header", "text", "label"),
    [
        (("Content", "CATEGORY"), "Content", "CATEGORY"),
        (("body", "sentence", "target", "class"), "sentence", "class"),
        (("label", "document", "text", "category"), "text", "label"),
        (("\u2009Body ", " Target"), "Body", "Target"),
    ],
)
def test_columns_are_guessed_by_name_in_a_fixed_order(
    tmp_path: Path, header: tuple[str, ...], text: str, label: str
) -> None:
    rows = [tuple(f"{name.strip()} {row}" for name in header) for row in range(2)]
    corpus = open_corpus(write_csv(tmp_path / "x.csv", rows, header))
    assert (corpus.columns.text, corpus.columns.label) == (text, label)
    assert pairs(corpus) == [(f"{text} 0", f"{label} 0"), (f"{text} 1", f"{label} 1")]


def test_a_column_asked_for_wins_over_the_guess(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", [("t", "l", "b1", "k1"), ("t", "l", "b2", "k2")], ("text", "label", "b", "k"))
    assert pairs(open_corpus(path, CorpusOptions(text="b", label="k"))) == [("b1", "k1"), ("b2", "k2")]


def test_a_title_is_the_title_column_else_the_id_else_the_beginning_of_the_text(tmp_path: Path) -> None:
    long = "word " * 100
    rows = [("t", "a", "A title", "7"), ("t", "b", " ", " 8 "), (f"first\n line {long}", "b", "", "")]
    path = write_csv(tmp_path / "x.csv", rows, ("text", "label", "Title", "ID"))
    first, second, third = open_corpus(path)
    assert (first.title, first.source_id) == ("A title", "7")
    assert (second.title, second.source_id) == ("8", "8")
    assert third.title == ("first line " + long)[:79].rstrip() + "…"
    assert third.source_id is None


def test_labels_may_be_words_numbers_or_truth_values(tmp_path: Path) -> None:
    labels = ["  spaced\t", 3, 4.0, 0.5, True, False, -1, "1.0"]
    path = write_jsonl(tmp_path / "x.jsonl", [{"text": "t", "label": label} for label in labels])
    expected = ["spaced", "3", "4", "0.5", "true", "false", "-1", "1.0"]
    assert [document.category for document in open_corpus(path)] == expected


def test_a_label_may_have_two_hundred_characters(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", [("t", "ж" * 200), ("t", "b")])
    assert open_corpus(path).categories == (("b", 1), ("ж" * 200, 1))


def test_rows_without_text_or_label_are_skipped_and_counted(tmp_path: Path) -> None:
    gaps: list[dict[str, object]] = [
        {"text": " \n", "label": "a"},
        {"text": None, "label": "a"},
        {"label": "a"},
        {"text": "", "label": ""},
        {"text": "t", "label": float("nan")},
        {"text": "t"},
    ]
    good: list[dict[str, object]] = [{"text": "one", "label": "a"}, {"text": "two", "label": "b"}]
    corpus = open_corpus(write_jsonl(tmp_path / "x.jsonl", [good[0], *gaps, good[1]]))
    assert pairs(corpus) == [("one", "a"), ("two", "b")]
    assert [document.ordinal for document in corpus] == [0, 1]
    assert corpus.skipped == Skipped(without_text=4, without_label=2)


def test_chosen_categories_alone_are_kept(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", [*ROWS, ("a fish", "fish"), ("a carp", "fish")])
    corpus = open_corpus(path, CorpusOptions(categories=("fish", "dog")))
    assert corpus.categories == (("dog", 2), ("fish", 2))
    assert corpus.labels.tolist() == [0, 0, 1, 1]
    assert pairs(corpus) == [ROWS[0], ROWS[2], ("a fish", "fish"), ("a carp", "fish")]
    assert corpus.skipped == Skipped(other_categories=3)


def test_no_categories_chosen_means_all(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", ROWS)
    assert pairs(open_corpus(path, CorpusOptions(categories=()))) == ROWS


def test_categories_of_few_documents_are_warned_of_with_their_number(tmp_path: Path) -> None:
    rows = [("a text", name) for name, count in (("five", 5), ("four", 4), ("the\nfish", 1)) for _ in range(count)]
    (warning,) = open_corpus(write_csv(tmp_path / "x.csv", rows)).warnings
    assert "'four' (4), 'the\\nfish' (1)." in warning
    assert "'five'" not in warning
    assert open_corpus(write_csv(tmp_path / "y.csv", [("a text", name) for name in "ab" * 5])).warnings == ()


def test_many_categories_with_one_document_are_one_short_warning(tmp_path: Path) -> None:
    rows = [("t", "long") for _ in range(500)] + [("t", f"c{i}") for i in range(100)]
    corpus = open_corpus(write_csv(tmp_path / "x.csv", rows))
    assert len(corpus.warnings) == 1
    assert "80 more" in corpus.warnings[0]
    assert len(corpus.warnings[0]) < 400


@pytest.fixture
def numbered(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "n.csv", [(f"text {i}", "abbccccccc"[i % 10]) for i in range(1000)])


def test_a_limit_takes_a_stratified_sample_in_document_order(numbered: Path) -> None:
    corpus = open_corpus(numbered, CorpusOptions(limit=50, seed=7))
    documents = list(corpus)
    positions = [int(document.text.split()[1]) for document in documents]
    assert corpus.categories == (("a", 5), ("b", 10), ("c", 35))
    assert Counter(document.category for document in documents) == dict(corpus.categories)
    assert ["abc"[label] for label in corpus.labels] == [document.category for document in documents]
    assert positions == sorted(set(positions))
    assert [document.ordinal for document in documents] == list(range(50))
    assert max(positions) > 800  # not the first rows
    assert min(positions) < 200
    assert corpus.skipped == Skipped(over_limit=950)


def test_a_sample_depends_on_its_seed_alone(numbered: Path) -> None:
    first, again, other = (open_corpus(numbered, CorpusOptions(limit=50, seed=seed)) for seed in (1, 1, 2))
    assert list(first) == list(again)
    assert first.content_hash == again.content_hash != other.content_hash
    assert list(first) != list(other)


@pytest.mark.parametrize("limit", [1000, 5000])
def test_a_limit_that_is_not_reached_keeps_everything(numbered: Path, limit: int) -> None:
    assert open_corpus(numbered, CorpusOptions(limit=limit)) == open_corpus(numbered)


def test_the_limit_counts_chosen_categories_only(numbered: Path) -> None:
    corpus = open_corpus(numbered, CorpusOptions(limit=30, categories=("a", "b")))
    assert corpus.categories == (("a", 10), ("b", 20))
    assert corpus.skipped == Skipped(other_categories=700, over_limit=270)


def test_the_content_hash_is_sha256_over_length_prefixed_fields(tmp_path: Path) -> None:
    rows = [("ein Hünd", "a", "T", "1"), ("two", "b", "", "")]
    corpus = open_corpus(write_csv(tmp_path / "x.csv", rows, ("text", "label", "title", "id")))
    expected = b""
    for field in ("a", "ein Hünd", "T", "1", "b", "two", "two"):
        expected += struct.pack("<q", len(field.encode())) + field.encode()
    expected += struct.pack("<q", -1)
    assert corpus.content_hash == hashlib.sha256(expected).hexdigest()


@pytest.mark.parametrize(
    "other",
    [
        [("ab", "c"), ("x", "z")],
        [("b", "ca"), ("x", "z")],
        [("x", "z"), ("b", "c")],
        [("b", "c"), ("x", "z"), ("x", "z")],
    ],
)
def test_the_content_hash_tells_corpora_apart(tmp_path: Path, other: list[tuple[str, str]]) -> None:
    one = open_corpus(write_csv(tmp_path / "one.csv", [("b", "c"), ("x", "z")]))
    assert one.content_hash != open_corpus(write_csv(tmp_path / "other.csv", other)).content_hash


def test_the_content_hash_does_not_depend_on_the_format(tmp_path: Path) -> None:
    one = open_corpus(write_csv(tmp_path / "one.csv", ROWS))
    other = open_corpus(write_jsonl(tmp_path / "two.jsonl", [{"body": text, "class": label} for text, label in ROWS]))
    assert one.content_hash == other.content_hash


@pytest.mark.parametrize(
    "changed",
    [[*ROWS, ("more", "dog")], ROWS[:-1], [*ROWS[:-1], ("else", "cat")], [*ROWS[:-1], (ROWS[-1][0], "dog")], []],
    ids=["longer", "shorter", "another text", "another label", "empty"],
)
def test_a_corpus_that_changed_is_told_at_the_end_of_reading(tmp_path: Path, changed: list[tuple[str, str]]) -> None:
    path = tmp_path / "x.csv"
    corpus = open_corpus(write_csv(path, ROWS))
    write_csv(path, changed)
    read = []
    with refused("x.csv changed"):
        read.extend(corpus)
    assert len(read) <= len(ROWS)  # arrays of one row a document are never overrun


def test_a_corpus_that_went_away_is_told(tmp_path: Path) -> None:
    corpus = open_corpus(write_csv(tmp_path / "x.csv", ROWS))
    (tmp_path / "x.csv").unlink()
    with refused("x.csv cannot be read", "No such file"):
        list(corpus)


def test_two_readings_may_go_on_at_once(tmp_path: Path) -> None:
    corpus = open_corpus(write_csv(tmp_path / "x.csv", ROWS), CorpusOptions(limit=4))
    assert all(one == other for one, other in zip(corpus, corpus, strict=True))


def peak_of_reading(path: Path, rows: int) -> int:
    """Bytes that Python held at most while a corpus of so many rows was opened, sampled and read."""
    with path.open("w") as file:
        for row in range(rows):
            file.write(f'{{"text": "document {row} of a long corpus", "label": "c{row % 7}", "id": "{row}"}}\n')
    tracemalloc.start()
    corpus = open_corpus(path, CorpusOptions(limit=rows // 2))
    assert sum(1 for _ in corpus) == corpus.documents == rows // 2
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


@pytest.mark.slow  # every allocation is traced
def test_a_row_more_costs_a_few_bytes_and_no_object(tmp_path: Path) -> None:
    few, many = 4_000, 24_000
    growth = peak_of_reading(tmp_path / "many.jsonl", many) - peak_of_reading(tmp_path / "few.jsonl", few)
    assert growth / (many - few) < 32  # a string takes 50; an id is kept as 8 bytes, twice while they are sorted


def test_opening_a_corpus_imports_no_heavy_library(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", ROWS)
    program = (
        "import sys; from ingest.corpus.corpus import open_corpus; import ingest.corpus.given;"
        "list(open_corpus(sys.argv[1]));"
        "print([m for m in ('pandas', 'pyarrow', 'datasets', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_shared_corpora_are_read_whole() -> None:
    folder = Path(__file__).parents[4] / "shared" / "corpora"
    if not folder.is_dir():
        pytest.skip("the shared corpora are not beside the repository")
    assert open_corpus(folder / "papers.csv").categories == (("ai", 100), ("cv", 100), ("dl", 100))
    assert open_corpus(folder / "animals.csv").documents == 163
    news = open_corpus(folder / "agnews.csv")
    assert news.documents == 7600
    assert news.columns.title == "title"


def test_texts_that_look_like_missing_ones_are_read_and_reported(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("text,label\nnan,a\nNULL ,a\nnan,b\nnanny,b\na text,a\n", encoding="utf-8")
    corpus = open_corpus(path)
    assert corpus.documents == 5
    assert "Texts that look like missing ones, read as they stand: 2 'nan', 1 'NULL'." in corpus.warnings
