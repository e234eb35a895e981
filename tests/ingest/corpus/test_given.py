from __future__ import annotations

import csv
import json
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from ingest.corpus.corpus import CorpusOptions, Skipped
from ingest.corpus.given import open_given
from mri_core.chunks import ROWS as CHUNK
from mri_core.errors import UsageError
from tests.ingest.refusal import refused

ROWS = [("one", "a"), ("two", "b"), ("three", "a"), ("four", "b")]


def write_documents(folder: Path, rows: list[tuple[str, ...]], header: tuple[str, ...] = ("text", "label")) -> None:
    with (folder / "documents.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])


@pytest.fixture
def layers() -> list[np.ndarray]:
    generator = np.random.default_rng(5)
    return [generator.normal(size=(4, width)).astype("float32") for width in (3, 5, 5)]


@pytest.fixture
def folder(tmp_path: Path, layers: list[np.ndarray]) -> Path:
    given = tmp_path / "given"
    given.mkdir()
    for index, layer in enumerate(layers):
        np.save(given / f"L{index}.npy", layer)
    write_documents(given, ROWS)
    return given


def test_given_activations_are_the_saved_arrays_memory_mapped(folder: Path, layers: list[np.ndarray]) -> None:
    given = open_given(folder)
    assert len(given.activations.layers) == 3
    for found, saved in zip(given.activations.layers, layers, strict=True):
        assert isinstance(found, np.memmap)
        np.testing.assert_array_equal(found, saved)
        assert not found.flags.writeable
    assert given.activations.tokens is None


def test_the_documents_are_a_corpus_that_can_be_read_again(folder: Path) -> None:
    documents = open_given(folder).documents
    assert [(d.ordinal, d.text, d.category) for d in documents] == [(i, *row) for i, row in enumerate(ROWS)]
    assert list(documents) == list(documents)
    assert documents.categories == (("a", 2), ("b", 2))
    assert documents.documents == 4
    assert documents.source == "given"
    assert documents.skipped == Skipped()


def test_labels_alone_are_enough(folder: Path) -> None:
    write_documents(folder, [(label,) for _, label in ROWS], ("label",))
    documents = list(open_given(folder).documents)
    assert [document.text for document in documents] == ["", "", "", ""]
    assert [document.title for document in documents] == ["document 0", "document 1", "document 2", "document 3"]


def test_a_row_without_text_keeps_its_place(folder: Path) -> None:
    write_documents(folder, [("one", "a"), (" ", "b"), ("three", "a"), ("four", "b")])
    assert [document.text for document in open_given(folder).documents] == ["one", "", "three", "four"]


def test_other_columns_may_be_named(folder: Path) -> None:
    rows = [(text, label, "x", "same") for text, label in ROWS]
    write_documents(folder, rows, ("words", "kind", "label", "id"))
    documents = open_given(folder, CorpusOptions(text="words", label="kind", id="")).documents
    assert [(d.text, d.category, d.source_id) for d in documents] == [(*row, None) for row in ROWS]


@pytest.mark.parametrize(
    "options", [CorpusOptions(limit=2), CorpusOptions(categories=("a", "b")), CorpusOptions(match="length")]
)
def test_a_part_of_the_documents_cannot_be_asked_for(folder: Path, options: CorpusOptions) -> None:
    with refused("scanned whole", kind=UsageError):
        open_given(folder, options)


def test_a_column_that_is_not_there_is_a_usage_error(folder: Path) -> None:
    with refused("no column called 'kind'", "text, label", kind=UsageError):
        open_given(folder, CorpusOptions(label="kind"))


def test_json_lines_carry_titles_ids_and_token_counts(folder: Path) -> None:
    (folder / "documents.csv").unlink()
    rows = [{"label": i % 2, "title": f"T{i}", "id": i, "tokens": 10 + i, "text": f"text {i}"} for i in range(4)]
    (folder / "documents.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    given = open_given(folder)
    third = list(given.documents)[2]
    assert (third.title, third.source_id, third.category, third.text) == ("T2", "2", "0", "text 2")
    assert given.activations.tokens is not None
    assert given.activations.tokens.tolist() == [10, 11, 12, 13]


def test_half_precision_fortran_order_and_mixed_types_are_read(folder: Path, layers: list[np.ndarray]) -> None:
    np.save(folder / "L0.npy", layers[0].astype("float16"))
    np.save(folder / "L1.npy", np.asfortranarray(layers[1]))
    given = open_given(folder)
    assert [layer.dtype for layer in given.activations.layers] == [np.float16, np.float32, np.float32]
    np.testing.assert_array_equal(given.activations.layers[1], layers[1])


def test_more_than_ten_layers_are_in_the_order_of_their_numbers(folder: Path) -> None:
    for index in range(12):
        np.save(folder / f"L{index}.npy", np.full((4, 2), index, dtype="float32"))
    assert [layer[0, 0] for layer in open_given(folder).activations.layers] == list(range(12))


def test_other_files_in_the_folder_do_not_matter(folder: Path) -> None:
    before = open_given(folder).documents.content_hash
    for name in ("notes.txt", "Lx.npy", "labels.npy", "L0.npy.bak"):
        (folder / name).write_text("ignored")
    assert open_given(folder).documents.content_hash == before


@pytest.mark.parametrize(
    "change",
    [
        lambda layers, rows: layers[1].__setitem__((3, 4), 0.25),
        lambda layers, rows: layers.reverse(),
        lambda layers, rows: layers.__setitem__(0, layers[0].astype("float16")),
        lambda layers, rows: layers.__setitem__(0, np.hstack([layers[0], layers[0]])),
        lambda layers, rows: layers.pop(),
        lambda layers, rows: rows.__setitem__(0, ("ONE", "a", "5")),
        lambda layers, rows: rows.__setitem__(0, ("one", "a", "6")),
    ],
    ids=["a value", "the order", "the type", "the width", "a layer", "a text", "a token count"],
)
def test_the_content_hash_covers_documents_arrays_and_tokens(tmp_path: Path, layers: list[np.ndarray], change) -> None:
    hashes = set()
    for name in ("before", "again", "after"):
        rows = [(*row, "5") for row in ROWS]
        if name == "after":
            change(layers, rows)
        (tmp_path / name).mkdir()
        for index, layer in enumerate(layers):
            np.save(tmp_path / name / f"L{index}.npy", layer)
        write_documents(tmp_path / name, rows, ("text", "label", "tokens"))
        hashes.add(open_given(tmp_path / name).documents.content_hash)
    assert len(hashes) == 2


def test_the_content_hash_does_not_depend_on_how_an_array_lies_on_disk(folder: Path, layers: list[np.ndarray]) -> None:
    before = open_given(folder).documents.content_hash
    np.save(folder / "L1.npy", np.asfortranarray(layers[1]))
    assert open_given(folder).documents.content_hash == before


@pytest.mark.parametrize(
    ("array", "facts"),
    [
        (np.zeros((4, 3), "float64"), ["float16 or float32", "float64"]),
        (np.zeros((4, 3), "int32"), ["float16 or float32", "int32"]),
        (np.zeros((4, 3), ">f4"), ["float16 or float32", ">f4"]),
        (np.zeros((4, 3), "complex64"), ["complex64"]),
        (np.zeros((4, 3), [("x", "f4")]), ["float16 or float32"]),
        (np.full((4, 3), None), ["pickled"]),
        (np.zeros(4, "float32"), ["documents × width", "(4,)"]),
        (np.zeros((4, 3, 2), "float32"), ["(4, 3, 2)"]),
        (np.zeros((), "float32"), ["()"]),
        (np.zeros((4, 0), "float32"), ["(4, 0)"]),
        (np.zeros((0, 3), "float32"), ["(0, 3)"]),
        (np.zeros((5, 3), "float32"), ["L1.npy has 5", "documents.csv 4"]),
        (np.zeros((3, 3), "float16"), ["L1.npy has 3", "documents.csv 4"]),
    ],
)
def test_an_array_that_is_no_layer_is_refused_by_file(folder: Path, array: np.ndarray, facts: list[str]) -> None:
    np.save(folder / "L1.npy", array, allow_pickle=True)
    with refused("L1.npy", *facts):
        open_given(folder)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_values_that_are_not_finite_are_refused_by_file_and_row(folder: Path, value: float, dtype: str) -> None:
    layer = np.zeros((4, 3), dtype)
    layer[2:, 1] = value
    np.save(folder / "L2.npy", layer)
    with refused("L2.npy", str(value), "row 2", "column 1"):
        open_given(folder)


def test_a_nan_far_behind_the_first_chunk_is_found_in_its_row(folder: Path) -> None:
    rows = 12 * CHUNK
    write_documents(folder, [("t", "ab"[i % 2]) for i in range(rows)])
    layer = np.zeros((rows, 1024), "float32")
    for index in range(3):
        np.save(folder / f"L{index}.npy", layer)
    layer[rows - 7, 1000] = np.nan
    np.save(folder / "L0.npy", layer)
    del layer
    tracemalloc.start()
    with refused("L0.npy", f"row {rows - 7}", "column 1000"):
        open_given(folder)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * CHUNK * 1024 * 4  # of a file of twelve chunks


@pytest.mark.parametrize("content", [b"", b"\x93NUMPY", b"PK\x03\x04", b"1.0,2.0\n", b"\x80\x04]\x94."])
def test_a_file_that_is_no_array_is_refused(folder: Path, content: bytes) -> None:
    (folder / "L1.npy").write_bytes(content)
    with refused("L1.npy", "whole .npy file"):
        open_given(folder)


@pytest.mark.parametrize("kept", [4, 60, 130, -1])
def test_a_truncated_array_is_refused(folder: Path, kept: int) -> None:
    content = (folder / "L1.npy").read_bytes()
    (folder / "L1.npy").write_bytes(content[:kept])
    with refused("L1.npy", "cut short"):
        open_given(folder)


def test_a_folder_in_place_of_an_array_is_refused(folder: Path) -> None:
    (folder / "L1.npy").unlink()
    (folder / "L1.npy").mkdir()
    with refused("L1.npy"):
        open_given(folder)


@pytest.mark.parametrize(
    ("removed", "facts"),
    [
        (["L1.npy"], ["without a gap", "L1.npy is missing next to L2.npy"]),
        (["L0.npy"], ["L0.npy is missing"]),
        (["L1.npy", "L2.npy"], ["at least two layers", "given has 1"]),
        (["L0.npy", "L1.npy", "L2.npy"], ["at least two layers", "none"]),
        (["documents.csv"], ["documents.csv or documents.jsonl", "neither"]),
    ],
)
def test_a_folder_with_a_file_missing_is_refused(folder: Path, removed: list[str], facts: list[str]) -> None:
    for name in removed:
        (folder / name).unlink()
    with refused(*facts):
        open_given(folder)


def test_layers_numbered_with_leading_zeros_are_refused(folder: Path) -> None:
    for index in range(3):
        (folder / f"L{index}.npy").rename(folder / f"L0{index}.npy")
    with refused("L0.npy is missing next to L00.npy, L01.npy, L02.npy"):
        open_given(folder)


def test_two_files_of_documents_are_refused(folder: Path) -> None:
    (folder / "documents.jsonl").write_text("{}\n")
    with refused("given has both"):
        open_given(folder)


@pytest.mark.parametrize(
    ("header", "rows", "facts"),
    [
        (("text",), [("one",)], ["label", "--label"]),
        (("label",), [("a",), ("b",), (" ",), ("c",)], ["has a label", "line 4 of documents.csv"]),
        (("label",), [("a",)] * 4, ["at least two categories", "given has one"]),
        (("label",), [("a",), ("b",)], ["L0.npy has 4 and documents.csv 2"]),
        (("label",), [], ["no rows"]),
        (("label", "id"), [("a", "1"), ("b", "2"), ("a", "3"), ("b", "1")], ["'1'", "line 2", "line 5"]),
        (("label", "tokens"), [("a", "3"), ("b", "0"), ("a", "3"), ("b", "1")], ["tokens", "line 3", "has 0"]),
        (("label", "tokens"), [("a", "3"), ("b", "-1"), ("a", "3"), ("b", "1")], ["tokens", "line 3", "has -1"]),
        (("label", "tokens"), [("a", "3"), ("b", "2.5"), ("a", "3"), ("b", "1")], ["tokens", "line 3", "has 2.5"]),
        (("label", "tokens"), [("a", "3"), ("b", ""), ("a", "3"), ("b", "1")], ["tokens", "line 3", "none"]),
        (("label", "tokens"), [("a", "3"), ("b", "9" * 40), ("a", "3"), ("b", "1")], ["tokens", "line 3"]),
        (("label", "tokens"), [("a", "3"), ("b", "²"), ("a", "3"), ("b", "1")], ["tokens", "line 3"]),
    ],
)
def test_bad_documents_are_refused_by_what_is_wrong(
    folder: Path, header: tuple[str, ...], rows: list[tuple[str, ...]], facts: list[str]
) -> None:
    write_documents(folder, rows, header)
    with refused(*facts):
        open_given(folder)


def test_documents_that_change_after_opening_are_told(folder: Path) -> None:
    given = open_given(folder)
    write_documents(folder, [*ROWS[:3], ("changed", "b")])
    with refused("given changed"):
        list(given.documents)


@pytest.mark.parametrize("name", ["nope", "given/L0.npy"])
def test_a_folder_that_is_not_there_is_refused(folder: Path, name: str) -> None:
    with refused("No such folder", name):
        open_given(folder.parent / name)
