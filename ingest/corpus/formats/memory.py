"""Readers of what a notebook has in memory: tables, lists of records, and texts with their labels."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from ingest.corpus.formats.arrow_readers import BATCH_ROWS, ArrowTableReader, DatasetReader, split_reader
from ingest.corpus.formats.held import hold
from ingest.corpus.formats.reader import Reader
from ingest.corpus.formats.token_columns import columns_of
from mri_core.errors import CorpusError, UsageError
from mri_core.records.corpus import excerpt

FORMS = (
    "a pandas DataFrame, a Dataset, an Arrow table, a list of dicts, or a list of texts with label= a list of labels"
)
SHOWN = 40  # characters of an index
MISSING = ("NAType", "NaTType")  # of pandas, which may be in a list where pandas is not imported
CELLS = ("label", "title", "id", "group")  # options that may hold a value for each text


def held_corpus(corpus: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    """Holds a corpus that is in memory; returns the options of a scan that name it and its columns.

    Args:
        corpus: a pandas DataFrame; a Dataset, or a DatasetDict with a split called train; another table that Arrow can
            read; a list of dicts; a dict of columns; or texts as a list, an array or a Series.
        options: of the scan; with texts, `CELLS` hold a value for each, and then name the column that these make.

    Raises:
        CorpusError: the corpus is none of these.
        UsageError: values are given with a table, or do not match the texts.
        MriError: what `columns_of` and `hold` raise.
    """
    named: dict[str, Any] = {name: options.get(name) for name in ("text", *CELLS)}
    reader = _table_reader(corpus)
    if reader is None:
        cells = {name: named[name] for name in CELLS if not isinstance(named[name], str | None)}
        reader = _texts_reader(corpus, cells)
        named |= {name: name for name in cells}
    else:
        named = as_names(named)
    columns = columns_of(reader, options.get("unit", "document"), options.get("tags"), **named)
    return {**named, "corpus": hold(reader, columns)}


def as_names(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options of columns as a scan takes them: a name each, of labels several.

    Raises:
        UsageError: one holds values, which are those of a column.
    """
    return {name: _as_names(name, value) for name, value in options.items()}


def _as_names(option: str, value: Any) -> Any:
    if isinstance(value, str | None):
        return value
    if option == "label" and isinstance(value, tuple | list) and all(isinstance(name, str) for name in value):
        return tuple(value)
    fact = f"{option}= is a {type(value).__name__}, and the corpus has columns"
    raise UsageError("What a table's documents are labelled by is one of its columns", fact, "Add it, and name it")


class FrameReader:
    """A pandas DataFrame; its index is no column, and is shown with the number of a row."""

    name = "DataFrame"
    notes: tuple[str, ...] = ()

    def __init__(self, frame: Any) -> None:
        self._frame = frame
        self.columns = tuple(map(str, frame.columns))

    def rows(self, wanted: Sequence[str]) -> Iterator[tuple[str, list[Any]]]:
        """The wanted cells of each row; what pandas calls missing is None."""
        picks = [self.columns.index(name) for name in wanted]
        for start in range(0, len(self._frame), BATCH_ROWS):
            block = self._frame.iloc[start : start + BATCH_ROWS]
            columns = [_present(block.iloc[:, pick]) for pick in picks]
            for number, (index, *cells) in enumerate(zip(block.index, *columns, strict=True), start + 1):
                yield f"row {number} (index {excerpt(str(index), SHOWN)}) of {self.name}", cells


class RecordsReader:
    """A list of dicts, one for each document; a missing key is a missing cell, as in JSON Lines.

    Raises:
        CorpusError: one of them is another value.
    """

    name = "records"
    notes: tuple[str, ...] = ()

    def __init__(self, records: Sequence[Any]) -> None:
        for number, record in enumerate(records, 1):
            if not isinstance(record, Mapping):
                fact = f"Number {number} of {len(records)} is a {type(record).__name__}"
                raise CorpusError("Records are dicts, one for each document", fact)
        self._records = records
        self.columns = tuple(dict.fromkeys(str(key) for record in records for key in record))

    def rows(self, wanted: Sequence[str]) -> Iterator[tuple[str, list[Any]]]:
        """The wanted values of each."""
        for number, record in enumerate(self._records, 1):
            yield f"row {number} of {self.name}", [_plain(record.get(name)) for name in wanted]


class ColumnsReader:
    """Columns of one length by their names, such as texts with their labels.

    Raises:
        UsageError: they differ in length, or in the index that says which of their rows belong together.
    """

    notes: tuple[str, ...] = ()

    def __init__(self, name: str, columns: Mapping[str, Any]) -> None:
        self.name = name
        _refuse_other_index(columns)
        self._columns = {column: _listed(column, cells) for column, cells in columns.items()}
        self.columns = tuple(self._columns)
        lengths = {column: len(cells) for column, cells in self._columns.items()}
        if len(set(lengths.values())) > 1:
            listed = ", ".join(f"{column} {length:,}" for column, length in lengths.items())
            raise UsageError("There is a value for each text", f"Here lengths differ: {listed}")

    def rows(self, wanted: Sequence[str]) -> Iterator[tuple[str, list[Any]]]:
        """The wanted cells of each row."""
        columns = [self._columns[name] for name in wanted]
        for number, cells in enumerate(zip(*columns, strict=True), 1):
            yield f"row {number} of {self.name}", list(cells)


def _texts_reader(corpus: Any, cells: Mapping[str, Any]) -> ColumnsReader:
    """The reader of texts, with what is given for each of them."""
    if isinstance(corpus, Iterator) or not isinstance(corpus, Iterable) or isinstance(corpus, bytes):
        fact = f"It is of the type {type(corpus).__name__}"
        raise CorpusError(f"A corpus in memory is {FORMS}", fact, "Make a list of what can be read only once")
    texts = _listed("corpus", corpus)
    first = next((text for text in texts if text is not None), None)
    if not isinstance(first, str | None):
        fact = f"It holds values of the type {type(first).__name__}"
        raise CorpusError(f"A corpus in memory is {FORMS}", fact)
    if "label" not in cells:
        raise UsageError("Texts have labels", "They came without", "Give label= a list with one for each text")
    return ColumnsReader("texts", {"text": corpus, **cells})


def _table_reader(corpus: Any) -> Reader | None:
    """The reader of what has columns; None for what has none. No library is imported to find out."""
    datasets = sys.modules.get("datasets")
    if datasets is not None and isinstance(corpus, datasets.IterableDataset | datasets.IterableDatasetDict):
        fact = f"It is an {type(corpus).__name__}, which is streamed"
        raise CorpusError("A corpus is read several times", fact, "Make a Dataset of it, or save it as a file")
    if datasets is not None and isinstance(corpus, datasets.DatasetDict):  # a dict, too
        return split_reader("DatasetDict", corpus, "Give one of them, as in dataset['test']")
    if datasets is not None and isinstance(corpus, datasets.Dataset):
        return DatasetReader("Dataset", corpus)
    if hasattr(corpus, "iloc") and hasattr(corpus, "columns"):
        return FrameReader(corpus)
    if hasattr(corpus, "__arrow_c_stream__") and not hasattr(corpus, "iloc") and hasattr(corpus, "schema"):
        return ArrowTableReader(corpus)
    if isinstance(corpus, Mapping):
        return ColumnsReader("columns", corpus)
    if isinstance(corpus, list | tuple) and corpus and isinstance(corpus[0], Mapping):
        return RecordsReader(corpus)
    return None


def _refuse_other_index(columns: Mapping[str, Any]) -> None:
    """Raises `UsageError` for Series that pandas would align otherwise than by their order."""
    series = [(name, cells.index) for name, cells in columns.items() if hasattr(cells, "iloc")]
    for name, index in islice(series, 1, None):
        if len(index) == len(series[0][1]) and not index.equals(series[0][1]):
            fact = f"{series[0][0]} and {name} are Series whose indexes differ"
            raise UsageError("Texts and labels are of the same rows", fact, "Give one DataFrame, or lists in order")


def _listed(column: str, cells: Any) -> list[Any]:
    """A column's cells as values of Python, None where one is missing.

    Raises:
        UsageError: they are no column.
    """
    if getattr(cells, "ndim", 1) != 1 or isinstance(cells, str | bytes | Mapping) or not isinstance(cells, Iterable):
        fact = f"{column}= is a {type(cells).__name__}" + (f" of {cells.ndim} axes" if hasattr(cells, "ndim") else "")
        raise UsageError("There is a value for each text", fact, "Give a list with one for each")
    return _present(cells) if hasattr(cells, "isna") else [_plain(cell) for cell in cells]


def _present(series: Any) -> list[Any]:
    """The values of a Series of pandas; None where it calls one missing."""
    gaps = series.isna().tolist()
    return [None if gap else _plain(cell) for cell, gap in zip(series.tolist(), gaps, strict=True)]


def _plain(cell: Any) -> Any:
    """A cell as a value of Python, where it is one of NumPy's; None for what NumPy and pandas call missing."""
    if type(cell).__name__ in MISSING or (isinstance(cell, float) and math.isnan(cell)):
        return None
    return cell.item() if type(cell).__module__ == "numpy" and cell.ndim == 0 else cell
