"""What a user names as a corpus, and the reader for it: a file, a folder, or a dataset of the Hugging Face hub."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from ingest.corpus.formats.arrow_readers import ParquetReader, hub_dataset, is_saved_dataset, saved_dataset
from ingest.corpus.formats.conll import SUFFIXES as OF_WORDS
from ingest.corpus.formats.conll import ConllReader, of_words
from ingest.corpus.formats.held import held
from ingest.corpus.formats.json_rows import JsonLinesReader, json_reader
from ingest.corpus.formats.opening import DECOMPRESSED, format_suffix
from ingest.corpus.formats.reader import Reader
from ingest.corpus.formats.separated import DelimitedReader, separator_named
from ingest.corpus.formats.shards import shards_reader, tables
from ingest.corpus.formats.text_folder import TextFolderReader, text_files
from mri_core.errors import CorpusError, UsageError
from mri_core.paths import lay_in_memory, user_path

SEPARATED = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
FORMATS: dict[str, Callable[[Path], Reader]] = {
    ".jsonl": JsonLinesReader,
    ".ndjson": JsonLinesReader,
    ".json": json_reader,
    ".parquet": ParquetReader,
    **dict.fromkeys(OF_WORDS, ConllReader),
}
MAYBE_OF_WORDS = (".tsv", ".tab", ".txt")  # by their content
SUFFIXES = (*SEPARATED, *FORMATS)
KNOWN = f"{', '.join(SUFFIXES)}, a folder of .txt files or of tables, or a dataset saved or on the hub"
OTHERS = {
    ".xls": "Save the sheet as CSV",
    ".xlsx": "Save the sheet as CSV",
    ".ods": "Save the sheet as CSV",
    ".zip": "Unpack it, and name a file or the folder",
    ".tar": "Unpack it, and name a file or the folder",
    ".arrow": "Name the folder that save_to_disk of datasets made, or save it as Parquet",
    ".npy": "Activations are a folder, given with --activations",
    ".txt": "Name the folder that holds a folder of such files for each label",
}  # files too, though none that is read
# owner/name, owner/name:split or owner/name:config/split
HUB_NAME = re.compile(r"(?P<name>\w[\w.-]*(/\w[\w.-]*)?)(:((?P<config>[\w.-]+)/)?(?P<split>\w+))?", re.ASCII)


def open_reader(source: str | Path, separator: str | None = None) -> Reader:
    """The reader of a source, which may be the name of a corpus that this process holds in memory.

    A hub dataset is named `owner/name`, `owner/name:split` or `owner/name:config/split`; the split is train where none
    is named.

    Args:
        source: a file, a folder or the name of a dataset.
        separator: of the fields of CSV or TSV, as a character or a word; None finds it in the first rows.

    Raises:
        CorpusError: there is no such file, folder or dataset, or it is of a format that is not read.
        UsageError: the separator is no character, or the source has none.
    """
    if lay_in_memory(str(source)):
        if separator is not None:
            raise UsageError("--separator is of CSV and TSV", "The corpus is in memory", "Leave it out")
        return held(str(source))
    path = user_path(source)
    if path.is_dir():
        return _open_folder(path, separator)
    if path.exists():
        return _open_file(path, separator)
    hub = HUB_NAME.fullmatch(str(source))
    if hub is None or _means_a_path(path):
        raise CorpusError(f"No such file or folder: {source}", "", f"A corpus is {KNOWN}")
    return hub_dataset(hub["name"], hub["config"], hub["split"])


def _open_file(path: Path, separator: str | None) -> Reader:
    suffix = format_suffix(path)
    if separator is None and suffix in MAYBE_OF_WORDS and of_words(path):
        return ConllReader(path)
    if suffix in SEPARATED:
        return DelimitedReader(path, SEPARATED[suffix], None if separator is None else separator_named(separator))
    if separator is not None:
        raise UsageError("--separator is of CSV and TSV", f"{path.name} is neither", "Leave it out")
    if suffix not in FORMATS or (suffix == ".parquet" and path.suffix.lower() in DECOMPRESSED):
        raise CorpusError(f"A corpus is {KNOWN}", f"{path.name} is none of these", OTHERS.get(suffix, ""))
    return FORMATS[suffix](path)


def _open_folder(path: Path, separator: str | None) -> Reader:
    if (path / "L0.npy").exists():
        raise CorpusError("A corpus holds texts", f"{path.name} holds activations", "Give it with --activations")
    if is_saved_dataset(path):
        return saved_dataset(path)
    files, texts = tables(path, SUFFIXES), text_files(path)
    if files and len(texts) <= len(files):  # a licence or two
        return shards_reader(path, files, lambda file: _open_file(file, separator))
    return TextFolderReader(path)


def _means_a_path(path: Path) -> bool:
    """Whether a name that is not there was meant as a path, so that no hub need be asked."""
    named_like_a_file = path.suffix.lower() in {*SUFFIXES, *DECOMPRESSED, *OTHERS}
    return named_like_a_file or (len(path.parts) > 1 and path.parent.is_dir())
