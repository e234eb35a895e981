"""Activations computed elsewhere: a folder of `L0.npy … Ln.npy` with the documents they belong to."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ingest.corpus.corpus import PLAIN, Corpus, CorpusOptions, build_corpus
from ingest.corpus.formats.cells import cell_text
from ingest.corpus.formats.columns import Record, choose_columns, read_records
from ingest.corpus.formats.reader import Reader
from ingest.corpus.formats.sources import open_reader
from mri_core.chunks import chunks
from mri_core.errors import CorpusError, UsageError
from mri_core.paths import user_path
from mri_core.records.arrays import Activations

LAYER_FILE = re.compile(r"L[0-9]+\.npy")
DOCUMENT_FILES = ("documents.csv", "documents.jsonl")


@dataclass(frozen=True)
class GivenActivations:
    """Documents and their activations, row by row; `documents.content_hash` covers both."""

    documents: Corpus
    activations: Activations


def open_given(folder: str | Path, options: CorpusOptions = PLAIN) -> GivenActivations:
    """Reads and checks a folder of given activations; the arrays stay memory-mapped.

    The folder holds `L0.npy … Ln.npy` (documents × width, float16 or float32, finite, at least two layers, numbered
    without a gap) and `documents.csv` or `documents.jsonl` in the same order: a label for each row and, if wanted,
    text, title, id, and tokens (how many tokens a row was pooled from).

    Of the options only the columns apply: every row belongs to a document.

    Raises:
        CorpusError: the folder holds anything else; the message names the file and what is wrong with it.
        UsageError: a named column is not there, or only a part of the documents is requested.
    """
    if options.limit is not None or options.categories or options.match is not None or options.holdout is not None:
        remedy = "Leave out --limit, --categories, --match and --holdout"
        raise UsageError("Given activations are scanned whole", "", remedy)
    folder = user_path(folder)
    reader = _documents_reader(folder)
    layers = {path.name: _open_layer(path) for path in _layer_files(folder)}
    tokens = _read_tokens(reader)
    documents = _open_documents(reader, folder.resolve().name, options)
    _refuse_other_row_counts(reader.name, documents.documents, layers)
    content = hashlib.sha256(documents.content_hash.encode())
    for name, layer in layers.items():
        content.update(f"{name} {layer.dtype} {layer.shape}".encode())
        for chunk in _finite_chunks(name, layer):
            content.update(chunk.data)
    if tokens is not None:
        content.update(b"tokens" + tokens.tobytes())
    activations = Activations(tuple(layers.values()), tokens)
    return GivenActivations(replace(documents, content_hash=content.hexdigest()), activations)


def _documents_reader(folder: Path) -> Reader:
    if not folder.is_dir():
        raise CorpusError(f"No such folder: {folder}", "", "Given activations are a folder of L0.npy, L1.npy, …")
    found = [name for name in DOCUMENT_FILES if (folder / name).exists()]
    if len(found) != 1:
        fact = f"{folder.name} has {'both' if found else 'neither'}"
        raise CorpusError("Given activations come with documents.csv or documents.jsonl", fact)
    return open_reader(folder / found[0])


def _layer_files(folder: Path) -> list[Path]:
    files = {path.name for path in folder.iterdir() if LAYER_FILE.fullmatch(path.name)}
    expected = [f"L{index}.npy" for index in range(len(files))]
    missing = [name for name in expected if name not in files]
    if missing:
        others = ", ".join(sorted(files - set(expected)))
        raise CorpusError(
            "Layers are numbered L0.npy, L1.npy, … without a gap", f"{missing[0]} is missing next to {others}"
        )
    if len(expected) < 2:
        fact = f"{folder.name} has {len(expected) or 'none'}"
        raise CorpusError("A scan needs at least two layers, L0.npy and L1.npy", fact)
    return [folder / name for name in expected]


def _open_layer(path: Path) -> np.ndarray:
    try:
        layer = np.lib.format.open_memmap(path, mode="r")
    except (ValueError, OSError) as error:
        fact = f"{path.name} is none: cut short, of pickled objects, or of another format"
        raise CorpusError("A layer is a whole .npy file of numbers", fact) from error
    if layer.dtype not in (np.float16, np.float32):
        remedy = "Save them with .astype('float32')"
        raise CorpusError("Activations are float16 or float32", f"{path.name} holds {layer.dtype}", remedy)
    if layer.ndim != 2 or 0 in layer.shape:
        raise CorpusError("A layer has the shape documents × width", f"{path.name} has the shape {layer.shape}")
    return layer


def _open_documents(reader: Reader, source: str, options: CorpusOptions) -> Corpus:
    columns = choose_columns(
        reader, options.text, options.label, options.title, options.id, options.group, text_required=False
    )

    def labelled(_: Counter[str]) -> Iterator[Record]:
        for ordinal, record in enumerate(read_records(reader, columns)):
            if not record.category:
                raise CorpusError("Each row of given activations has a label", f"{record.place} has none")
            yield record._replace(title=record.title or f"document {ordinal}")

    return build_corpus(source, columns, labelled)


def _read_tokens(reader: Reader) -> np.ndarray | None:
    if "tokens" not in reader.columns:
        return None
    counts = (_token_count(cell_text(cells[0], place, "tokens"), place) for place, cells in reader.rows(["tokens"]))
    return np.fromiter(counts, dtype=np.int64)


def _token_count(cell: str | None, place: str) -> int:
    if cell is None or not re.fullmatch(r"\s*0*[1-9][0-9]{0,9}\s*", cell):
        raise CorpusError("The tokens of a document are a whole number above 0", f"{place} has {cell or 'none'}")
    return int(cell)


def _refuse_other_row_counts(documents_file: str, documents: int, layers: dict[str, np.ndarray]) -> None:
    for name, layer in layers.items():
        if len(layer) != documents:
            fact = f"{name} has {len(layer)} and {documents_file} {documents}"
            raise CorpusError("Every layer has one row a document", fact)


def _finite_chunks(name: str, layer: np.ndarray) -> Iterator[np.ndarray]:
    """A layer chunk by chunk.

    Raises:
        CorpusError: a value is NaN or infinite.
    """
    for place, chunk in chunks(layer):
        bad = ~np.isfinite(chunk)
        if bad.any():
            row, column = np.argwhere(bad)[0]
            fact = f"{name} holds {chunk[row, column]} in row {place.start + row}, column {column} (counted from 0)"
            raise CorpusError("Activations are finite", fact)
        yield np.ascontiguousarray(chunk)
