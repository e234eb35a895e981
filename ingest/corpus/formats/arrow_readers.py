"""Readers of Arrow tables: Parquet files, datasets saved by Hugging Face `datasets`, and those of its hub."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.corpus.formats.splits import chosen_split
from mri_core.errors import CorpusError, unknown_name
from mri_core.records.corpus import excerpt

if TYPE_CHECKING:
    from datasets import Dataset

BATCH_ROWS = 1000
Naming = Callable[[Any], Any]  # of a cell
HUB_TIMEOUT = 10.0  # seconds


class ParquetReader:
    """A Parquet file. Labels that `datasets` wrote as ClassLabel come back as their names.

    Raises:
        CorpusError: the file is no whole Parquet file.
    """

    notes: tuple[str, ...] = ()

    def __init__(self, path: Path) -> None:
        from pyarrow.parquet import read_schema

        self.name = path.name
        self._path = path
        with _decoding(self.name):
            schema = read_schema(path)
        self.columns = tuple(schema.names)
        self._names = _names_noted(schema.metadata or {})

    def rows(self, wanted: Sequence[str]) -> Iterator[tuple[str, list[Any]]]:
        """The wanted cells of each row, read by row groups."""
        from pyarrow.parquet import ParquetFile

        with _decoding(self.name), ParquetFile(self._path) as file:
            batches = file.iter_batches(batch_size=BATCH_ROWS, columns=list(wanted))
            yield from _rows(batches, wanted, self._names, self.name)


class DatasetReader:
    """A split of a Hugging Face dataset that lies on this machine, memory-mapped."""

    def __init__(self, name: str, dataset: Dataset, revision: str = "", notes: Sequence[str] = ()) -> None:
        self.name, self.revision, self.notes = name, revision, tuple(notes)
        self.columns = tuple(dataset.column_names)
        self._dataset = dataset
        self._names = _names_of(dataset.features.to_dict())

    def rows(self, wanted: Sequence[str]) -> Iterator[tuple[str, list[Any]]]:
        """The wanted cells of each row."""
        tables = self._dataset.select_columns(list(wanted)).with_format("arrow").iter(batch_size=BATCH_ROWS)
        with _decoding(self.name):
            yield from _rows(tables, wanted, self._names, self.name)


class ArrowTableReader:
    """A table in memory that Arrow can read, of whatever library.

    Raises:
        CorpusError: its columns are of types that Arrow does not know.
    """

    name = "table"
    notes: tuple[str, ...] = ()

    def __init__(self, table: Any) -> None:
        import pyarrow

        with _decoding(self.name):
            self._table = pyarrow.table(table)
        self.columns = tuple(self._table.column_names)
        self._names = _names_noted(self._table.schema.metadata or {})

    def rows(self, wanted: Sequence[str]) -> Iterator[tuple[str, list[Any]]]:
        """The wanted cells of each row."""
        batches = self._table.select(list(wanted)).to_batches(max_chunksize=BATCH_ROWS)
        with _decoding(self.name):
            yield from _rows(batches, wanted, self._names, self.name)


def is_saved_dataset(folder: Path) -> bool:
    """Whether `save_to_disk` of `datasets` made this folder."""
    return (folder / "dataset_dict.json").is_file() or (folder / "state.json").is_file()


def saved_dataset(folder: Path) -> DatasetReader:
    """The dataset that `save_to_disk` left in a folder; of several splits the one called train, or the only one.

    Raises:
        CorpusError: the folder is damaged, or none of its splits is called train.
    """
    from datasets import DatasetDict, load_from_disk

    name = folder.resolve().name
    with _decoding(name):
        found = load_from_disk(str(folder))
    if not isinstance(found, DatasetDict):
        return DatasetReader(name, found)
    return split_reader(name, found, "Name the folder of the split itself")


def split_reader(name: str, splits: Mapping[str, Dataset], remedy: str) -> DatasetReader:
    """The split called train, or the only one; raises what `chosen_split` raises."""
    split = chosen_split(name, list(splits), remedy)
    return DatasetReader(f"{name}/{split}", splits[split], notes=_split_notes(split, list(splits)))


def hub_dataset(name: str, config: str | None, split: str | None) -> DatasetReader:
    """A dataset of the Hugging Face hub, downloaded once into the cache of `datasets`.

    Raises:
        CorpusError: it is not there, cannot be reached, or needs a configuration or split to be named.
        UsageError: it has no such split.
    """
    from datasets import load_dataset_builder
    from datasets.exceptions import DatasetsError

    _refuse_format(name)
    revision = _hub_revision(name)
    with _decoding(name):
        try:
            builder = load_dataset_builder(name, config, revision=revision)
            builder.download_and_prepare()
        except ConnectionError as error:
            raise _unreachable(name) from error
        except DatasetsError as error:
            raise CorpusError(f"{name} cannot be read as a table", excerpt(str(error))) from error
    splits = list(builder.info.splits)
    if split is not None and split not in splits:
        raise unknown_name(f"split of {name}", split, splits)
    chosen = split or chosen_split(name, splits, f"Name one, as in {name}:{splits[0]}")
    notes = () if split else _split_notes(chosen, splits)
    with _decoding(name):
        return DatasetReader(f"{name}:{chosen}", builder.as_dataset(split=chosen), revision or builder.hash, notes)


def _hub_revision(name: str) -> str | None:
    """The commit of a dataset, requested separately because `datasets` retries for 20 s without a network."""
    from huggingface_hub import HfApi, constants
    from huggingface_hub.errors import RepositoryNotFoundError

    if constants.HF_HUB_OFFLINE:
        return None
    try:
        return HfApi().dataset_info(name, timeout=HUB_TIMEOUT).sha
    except RepositoryNotFoundError as error:
        raise CorpusError(
            f"No such file, folder or dataset: {name}",
            "It is not here, and the Hugging Face hub has no dataset of this name that may be read",
            "Check the spelling; for a private or gated dataset log in with `hf auth login`",
        ) from error
    except Exception as error:  # the hub's client lets through whatever its HTTP library raises
        raise _unreachable(name) from error


def _refuse_format(name: str) -> None:
    """Raises `CorpusError` for `csv`, `text` and the like: `datasets` would read all files of the working directory."""
    from datasets.packaged_modules import _PACKAGED_DATASETS_MODULES

    if name in _PACKAGED_DATASETS_MODULES:
        fact = f"{name!r} is a format of `datasets`, and none on the hub"
        raise CorpusError(f"No such file, folder or dataset: {name}", fact, "Name the file or folder itself")


def _unreachable(name: str) -> CorpusError:
    return CorpusError(
        f"No such file or folder: {name}",
        "It could not be loaded as a dataset either: the Hugging Face hub cannot be reached",
        "Check the spelling or the network; HF_HUB_OFFLINE=1 takes datasets downloaded before",
    )


def _split_notes(split: str, splits: Sequence[str]) -> tuple[str, ...]:
    others = [name for name in splits if name != split]
    return (f"Read: the split {split}; not read: {', '.join(others)}.",) if others else ()


def _rows(
    batches: Iterable[Any], wanted: Sequence[str], names: Mapping[str, Naming], name: str
) -> Iterator[tuple[str, list[Any]]]:
    row = 0
    for batch in batches:
        columns = [list(map(names.get(column, _as_it_is), batch.column(column).to_pylist())) for column in wanted]
        for cells in zip(*columns, strict=True):
            row += 1
            yield f"row {row} of {name}", list(cells)


def _as_it_is(cell: Any) -> Any:
    return cell


def _names_noted(metadata: Mapping[bytes, bytes]) -> dict[str, Naming]:
    """The same of the features that `datasets` notes in the metadata of an Arrow schema."""
    return _names_of(json.loads(metadata.get(b"huggingface", b"{}")).get("info", {}).get("features", {}))


def _names_of(features: Mapping[str, Any]) -> dict[str, Naming]:
    """For each column whose cells hold codes of ClassLabel, what gives cells with names in their place.

    Args:
        features: of `datasets`, as it writes them.
    """
    found = {column: _naming(feature) for column, feature in features.items()}
    return {column: naming for column, naming in found.items() if naming is not None}


def _naming(feature: Any) -> Naming | None:
    if isinstance(feature, list):  # [feature] is a sequence, too
        return _of_each(_naming(feature[0]))
    if not isinstance(feature, dict):
        return None
    kind = feature.get("_type")
    if kind == "ClassLabel":
        return _of_codes(tuple(feature["names"]))
    inner = feature.get("feature")
    if kind == "Sequence" and isinstance(inner, dict) and not isinstance(inner.get("_type"), str):
        return _of_fields(_names_of({name: [part] for name, part in inner.items()}))  # stored as fields of sequences
    if isinstance(kind, str):
        return _of_each(_naming(inner))
    return _of_fields(_names_of(feature))


def _of_codes(names: Sequence[str]) -> Naming:
    """A code as its name; -1 is the convention for no label."""
    return lambda code: names[code] if code is not None and 0 <= code < len(names) else None


def _of_each(naming: Naming | None) -> Naming | None:
    if naming is None:
        return None
    return lambda cell: None if cell is None else list(map(naming, cell))


def _of_fields(fields: Mapping[str, Naming]) -> Naming | None:
    def named(cell: Any) -> Any:
        return None if cell is None else {name: fields.get(name, _as_it_is)(value) for name, value in cell.items()}

    return named if fields else None


@contextmanager
def _decoding(name: str) -> Iterator[None]:
    """Raises errors of the Arrow libraries over a damaged or missing source as a `CorpusError`."""
    from pyarrow import ArrowException

    try:
        yield
    except (ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        raise CorpusError(f"{name} cannot be read as a table", excerpt(str(error))) from error
