"""What a user names as a corpus, and the reader for it: a file, a folder, or a dataset of the Hugging Face hub."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from ingest.formats.arrow_readers import ParquetReader, hub_dataset, is_saved_dataset, saved_dataset
from ingest.formats.readers import DelimitedReader, JsonLinesReader, Reader, TextFolderReader
from mri_core.errors import CorpusError
from mri_core.paths import user_path

FORMATS: dict[str, Callable[[Path], Reader]] = {
    ".csv": lambda path: DelimitedReader(path, ","),
    ".tsv": lambda path: DelimitedReader(path, "\t"),
    ".jsonl": JsonLinesReader,
    ".ndjson": JsonLinesReader,
    ".parquet": ParquetReader,
}
KNOWN = f"{', '.join(FORMATS)}, a folder of .txt files, or a dataset saved or on the hub"
OTHER_SUFFIXES = (".arrow", ".gz", ".json", ".npy", ".txt", ".xls", ".xlsx", ".zip")  # files too, though none we read
# owner/name, owner/name:split or owner/name:config/split
HUB_NAME = re.compile(r"(?P<name>\w[\w.-]*(/\w[\w.-]*)?)(:((?P<config>[\w.-]+)/)?(?P<split>\w+))?", re.ASCII)


def open_reader(source: str | Path) -> Reader:
    """The reader of a source.

    A hub dataset is named `owner/name`, `owner/name:split` or `owner/name:config/split`; the split is train where none
    is named.

    Raises:
        CorpusError: there is no such file, folder or dataset, or it is of a format that is not read.
    """
    path = user_path(source)
    if path.is_dir():
        return _open_folder(path)
    if path.exists():
        return _open_file(path)
    hub = HUB_NAME.fullmatch(str(source))
    if hub is None or _means_a_path(path):
        raise CorpusError(f"No such file or folder: {source}", "", f"A corpus is {KNOWN}")
    return hub_dataset(hub["name"], hub["config"], hub["split"])


def _open_file(path: Path) -> Reader:
    make = FORMATS.get(path.suffix.lower())
    if make is None:
        raise CorpusError(f"A corpus is {KNOWN}", f"{path.name} is none of these")
    return make(path)


def _open_folder(path: Path) -> Reader:
    if (path / "L0.npy").exists():
        raise CorpusError("A corpus holds texts", f"{path.name} holds activations", "Give it with --activations")
    return saved_dataset(path) if is_saved_dataset(path) else TextFolderReader(path)


def _means_a_path(path: Path) -> bool:
    """Whether a name that is not there was meant as a path, so that no hub need be asked."""
    named_like_a_file = path.suffix.lower() in {*FORMATS, *OTHER_SUFFIXES}
    return named_like_a_file or (len(path.parts) > 1 and path.parent.is_dir())
