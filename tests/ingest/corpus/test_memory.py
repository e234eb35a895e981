"""Corpora in memory: what a notebook has is read as a file of the same content."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from ingest.corpus.corpus import Corpus, CorpusOptions, Skipped, open_corpus
from ingest.corpus.formats import held
from ingest.corpus.formats.memory import held_corpus
from ingest.corpus.summary import corpus_lines
from mri_core.errors import CorpusError, UsageError
from mri_core.paths import MEMORY
from tests.ingest.refusal import refused

CSV = """\
text,label,tone,author,year
A cat sat.,cats,calm,ann,1999
The court rose.,law,calm,bea,2000
A kitten ran.,cats,loud,ann,2001
,law,loud,bea,2002
The judge spoke.,law,,bea,2003
The fish is gone.,,calm,cid,2004
"""
FORMS: dict[str, Callable[[pd.DataFrame], object]] = {
    "DataFrame": lambda frame: frame,
    "Dataset": lambda frame: datasets.Dataset.from_pandas(frame),
    "DatasetDict": lambda frame: datasets.DatasetDict({"train": datasets.Dataset.from_pandas(frame)}),
    "table": lambda frame: pa.table(frame),
    "records": lambda frame: frame.to_dict("records"),
    "columns": lambda frame: frame.to_dict("list"),
}


def opened(corpus: object, **options: Any) -> Corpus:
    return open_corpus(**of_memory(corpus, options))


def of_memory(corpus: object, options: dict[str, Any]) -> dict[str, Any]:
    named = options | held_corpus(corpus, options)
    return {"source": named.pop("corpus"), "options": CorpusOptions(**named)}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "cats.csv"
    path.write_text(CSV, encoding="utf-8")
    return path


@pytest.fixture
def frame(file: Path) -> pd.DataFrame:
    return pd.read_csv(file)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("options", [{}, {"label": ("label", "tone")}, {"group": "author", "title": "tone"}])
def test_a_corpus_in_memory_has_the_documents_of_the_file_with_its_content(
    form: str, options: dict[str, Any], frame: pd.DataFrame, file: Path
) -> None:
    known = open_corpus(file, CorpusOptions(**options))
    found = opened(FORMS[form](frame), **options)
    assert found.content_hash == known.content_hash
    assert list(found) == list(known)
    assert (found.categories, found.columns, found.skipped) == (known.categories, known.columns, known.skipped)


def test_missing_cells_of_pandas_are_the_empty_cells_of_a_file_and_are_reported(frame: pd.DataFrame) -> None:
    kinds = [frame, frame.convert_dtypes(), frame.astype({"label": "category"}), frame.astype(object)]
    records = [{"text": pd.NA, "label": "law"}, {"text": "Here.", "label": np.nan}, {"text": "So.", "label": pd.NaT}]
    for kind in kinds:
        found = opened(kind)
        assert found.skipped == Skipped(without_text=1, without_label=1)
        assert "Left out: 1 row without text." in corpus_lines(found)
    assert opened([*frame.to_dict("records"), *records]).skipped == Skipped(without_text=2, without_label=3)


def test_cells_of_numpy_and_pandas_become_the_text_that_a_file_holds(frame: pd.DataFrame) -> None:
    frame["day"] = pd.to_datetime(frame["year"].astype(str) + "-01-02")
    labels = {option: [d.category for d in opened(frame, label=option)] for option in ("year", "day")}
    assert labels["year"] == ["1999", "2000", "2001", "2003", "2004"]
    assert labels["day"][0] == "1999-01-02"
    texts, numbers = ["One.", "Two.", "Three."], np.array([1.0, 2.0, np.nan])
    assert [document.category for document in opened(texts, label=numbers)] == ["1", "2"]


@pytest.mark.parametrize(
    "column", [list, tuple, np.array, lambda cells: cells], ids=["list", "tuple", "array", "Series"]
)
def test_texts_with_a_label_for_each_are_the_columns_of_a_file(
    column: Callable[[Any], Any], frame: pd.DataFrame, file: Path
) -> None:
    whole = frame.dropna()
    file.write_text(whole.to_csv(index=False), encoding="utf-8")
    cells = {"label": column(whole["label"]), "group": column(whole["author"]), "id": column(whole["year"])}
    known = open_corpus(file, CorpusOptions(group="author", id="year"))
    assert opened(column(whole["text"]), **cells).content_hash == known.content_hash


def test_the_name_of_a_corpus_in_memory_is_a_hash_of_its_rows(frame: pd.DataFrame) -> None:
    name = held_corpus(frame, {})["corpus"]
    assert name == held_corpus(frame.copy(), {})["corpus"]
    assert name.startswith(f"{MEMORY}DataFrame-")
    assert opened(frame).source == name.removeprefix(MEMORY)
    assert held_corpus(frame.iloc[::-1], {})["corpus"] != name
    assert held_corpus(frame, {"label": "tone"})["corpus"] != name


def test_the_corpora_that_were_used_last_are_found_by_name(
    frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held, "MOST", 2)
    first = held_corpus(frame, {})["corpus"]
    second = held_corpus(frame, {"label": "tone"})["corpus"]
    assert open_corpus(first).documents == 4
    held_corpus(frame, {"label": "author"})
    assert open_corpus(first).documents == 4
    with refused("as long as its process", "Call mri.ingest as before"):
        open_corpus(second)
    with refused("this process does not hold it"):
        open_corpus(f"{MEMORY}hub-name")


def test_rows_that_change_after_they_were_counted_are_refused() -> None:
    texts = [{"text": f"Text {number}", "label": "ab"[number % 2]} for number in range(4)]
    corpus = opened(texts)
    texts[1]["text"] = "another"
    with refused("stays as it is while it is read"):
        list(corpus)


TEXTS = ["One.", "Two.", "Three."]


@pytest.mark.parametrize(
    ("corpus", "options", "told"),
    [
        (TEXTS, {}, "Texts have labels. They came without"),
        (TEXTS, {"label": "topic"}, "Texts have labels. They came without"),
        (TEXTS, {"label": ["a", "b"]}, "lengths differ: text 3, label 2"),
        (TEXTS, {"label": np.zeros((3, 2))}, "label= is a ndarray of 2 axes"),
        (pd.Series(TEXTS), {"label": pd.Series(list("aab"), [2, 1, 0])}, "Series whose indexes differ"),
        ([], {"label": []}, "has no rows"),
        ([None, None], {"label": ["a", "b"]}, "All 2 texts of texts"),
        ([1, 2], {"label": ["a", "b"]}, "values of the type int"),
        ([("One.", "a")], {}, "values of the type tuple"),
        ((text for text in TEXTS), {"label": list("aab")}, "of the type generator"),
        (3, {}, "of the type int"),
        (pd.DataFrame({"text": TEXTS}), {"label": pd.Series(list("aab"))}, "label= is a Series"),
        (pd.DataFrame({"text": TEXTS, "topic": list("aab")}), {}, "Is it --label topic?"),
        (pd.DataFrame({"text": TEXTS, "label": list("aab")}), {"label": "lable"}, "Its columns: text, label"),
        ({"text": TEXTS, "label": ["a"]}, {}, "lengths differ"),
        ([{"text": "One.", "label": "a"}, "Two."], {}, "Number 2 of 2 is a str"),
        (datasets.DatasetDict({"a": datasets.Dataset.from_dict({}), "b": datasets.Dataset.from_dict({})}), {}, "a, b"),
        (datasets.Dataset.from_dict({"text": TEXTS}).to_iterable_dataset(), {}, "which is streamed"),
    ],
)
def test_what_is_no_corpus_is_refused_in_one_line(corpus: object, options: dict[str, Any], told: str) -> None:
    with pytest.raises((CorpusError, UsageError)) as refusal:
        opened(corpus, **options)
    assert told in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_message_names_the_row_as_it_is_counted_and_as_pandas_names_it(frame: pd.DataFrame) -> None:
    named = frame.set_index("author", drop=False)
    named["text"] = named["text"].astype(object)
    named.iat[2, 0] = ["two", "parts"]
    with refused("row 3 (index ann) of DataFrame, column 'text', holds a list"):
        opened(named)
    twice = frame.assign(id=[1, 2, 3, 4, 1, 5])
    with refused("'1' stands on row 1 (index 0) of DataFrame and on row 5 (index 4)"):
        opened(twice)


def test_a_separator_is_of_files(frame: pd.DataFrame) -> None:
    with refused("The corpus is in memory", kind=UsageError):
        opened(frame, separator=";")
