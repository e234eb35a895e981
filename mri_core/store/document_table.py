"""A table of all documents of a study whose graph holds a sample of them: a Parquet file beside the store.

A row for each document, in the order of ordinals: what its node would hold, whether there is one (`stored`), and the
name of its region in each layer (`L0`, `L1`, …), with its margin (`margin_L0`, …) in a frozen atlas.
"""

from __future__ import annotations

import glob
import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self

from mri_core.errors import StoreError
from mri_core.records.corpus import Document, excerpt
from mri_core.records.graph import Study, StudyGraph
from mri_core.texts.readable import decoded

if TYPE_CHECKING:  # a table is read and written with numpy and pyarrow, and most commands do neither
    import numpy as np
    import pyarrow as pa

DIGITS = 4  # of a margin
ROWS = 2**15  # in a row group: what is in memory at once
STUDY = b"llm_mri.study"  # key of the file's metadata
TEXTS = ("title", "id", "group", "excerpt")
RULE = "All documents of a study that stores a sample of them are in a file beside its store"
REMEDY = "Copy it from the machine that scanned {name}, or run the same ingest again"


@dataclass(frozen=True)
class AllDocuments:
    """The regions of all documents of a study, in the order of ordinals.

    Attributes:
        categories: names; `labels` (documents,) index them.
        groups: (documents,) its group in the corpus, None for a document without one; None if no document has one.
        regions: for each layer the names of its regions, and (documents,) the index of each document's; empty for
            components.
        margins: (documents, layers) how far each lies inside its region; None if unknown.
    """

    categories: list[str]
    labels: np.ndarray
    groups: list[str | None] | None
    regions: list[tuple[list[str], np.ndarray]]
    margins: np.ndarray | None


class DocumentTable:
    """The table of a study while it is written: a context manager, after which the file is whole or not there.

    Args:
        path: of the file; one that is there is replaced.
        graph: of the study, with `stored`.

    Raises:
        StoreError: the file cannot be written.
    """

    def __init__(self, path: Path, graph: StudyGraph) -> None:
        self._path, self._graph = path, graph
        self._rows: list[Document] = []
        names = [category.name for category in graph.categories]
        self._category = {name: index for index, name in enumerate(names)}
        self._names = names
        self._regions = [_of_layer(graph, layer) for layer in range(graph.connectome.placement.shape[1])]

    def __enter__(self) -> Self:
        from pyarrow.parquet import ParquetWriter

        with _writing(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = ParquetWriter(unfinished(self._path), self._schema(), compression="zstd")
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with _writing(self._path):
            if kind is None and self._rows:
                self._flush()
            self._writer.close()
            if kind is None:
                unfinished(self._path).replace(self._path)
            else:
                unfinished(self._path).unlink(missing_ok=True)

    def add(self, document: Document) -> None:
        """The next document, in the order of ordinals."""
        self._rows.append(document)
        if len(self._rows) == ROWS:
            with _writing(self._path):
                self._flush()

    def _flush(self) -> None:
        import pyarrow as pa

        self._writer.write_table(pa.Table.from_arrays(self._columns(), schema=self._schema()))
        self._rows = []

    def _schema(self) -> pa.Schema:
        import pyarrow as pa

        layers = range(len(self._regions))
        names = pa.dictionary(pa.int32(), pa.string())
        margins = () if self._graph.margins is None else layers
        return pa.schema(
            [
                ("ordinal", pa.uint32()),
                ("category", names),
                *((name, pa.string()) for name in TEXTS),
                ("stored", pa.bool_()),
                *((f"L{layer}", names) for layer in layers),
                *((f"margin_L{layer}", pa.float32()) for layer in margins),
            ],
            metadata={STUDY: self._graph.study.id.encode()},
        )

    def _columns(self) -> list[pa.Array]:
        import numpy as np
        import pyarrow as pa

        rows, graph = self._rows, self._graph
        ordinals = np.array([document.ordinal for document in rows], dtype=np.uint32)
        labels = np.array([self._category[document.category] for document in rows], dtype=np.int32)
        placement = graph.connectome.placement[ordinals]
        texts = zip(*((decoded(d.title), d.source_id, d.group, excerpt(d.text)) for d in rows), strict=True)
        margins = () if graph.margins is None else graph.margins[ordinals].round(DIGITS).astype(np.float32).T
        return [
            pa.array(ordinals),
            _named(labels, self._names),
            *(pa.array(column, pa.string()) for column in texts),
            pa.array(np.asarray(graph.stored)[ordinals]),
            *(
                _named(placement[:, layer].astype(np.int32) - first, names)
                for layer, (first, names) in enumerate(self._regions)
            ),
            *map(pa.array, margins),
        ]


def unfinished(path: Path) -> Path:
    """Where this process writes a table until it is whole."""
    return path.with_name(f"{path.name}.partial-{os.getpid()}")


def remove(path: Path) -> None:
    """Remove a table, and what an interrupted load left of one."""
    with _writing(path):
        for file in (path, *path.parent.glob(f"{glob.escape(path.name)}.partial-*")):
            file.unlink(missing_ok=True)


def is_whole(path: Path, study: Study) -> bool:
    """Whether there is a table of the study that can be read to its end."""
    try:
        with _reading(path, study) as file:
            for _ in file.iter_batches():
                pass
        read(path, study)
    except (StoreError, AttributeError, ValueError):
        return False
    return True


def copy(source: Path, target: Path) -> None:
    """Copy a table; the target is whole or not there."""
    with _writing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, unfinished(target))
        unfinished(target).replace(target)


def take_in(content: IO[bytes], target: Path, study: Study, digest: str) -> None:
    """Write a table that comes from elsewhere; the target is whole or not there.

    Args:
        content: of the file.
        target: where it is written.
        study: that it is of.
        digest: its SHA-256, in hexadecimal digits.

    Raises:
        StoreError: it cannot be written, or is no table of the study.
        ValueError: it has another checksum.
    """
    made = unfinished(target)
    with _writing(target):
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            found = hashlib.sha256()
            with made.open("wb") as file:
                while block := content.read(2**20):
                    found.update(block)
                    file.write(block)
            if found.hexdigest() != digest:
                raise ValueError(f"{target.name} has another checksum than the manifest")
            if not is_whole(made, study):
                raise StoreError(RULE, "The bundle's is not one of this study", "Export it again, or fetch it again")
            made.replace(target)
        finally:
            made.unlink(missing_ok=True)


def leave_texts_out(path: Path) -> None:
    """Replace the titles and texts of a table, as those of given activations without any are."""
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile, ParquetWriter

    with _writing(path):
        with (
            ParquetFile(path) as file,
            ParquetWriter(unfinished(path), file.schema_arrow, compression="zstd") as writer,
        ):
            for batch in file.iter_batches(ROWS):
                named = zip(batch["id"].to_pylist(), batch["ordinal"].to_pylist(), strict=True)
                titles = pa.array([own or f"document {ordinal}" for own, ordinal in named], pa.string())
                batch = batch.set_column(batch.schema.get_field_index("title"), "title", titles)
                empty = pa.array([""] * len(batch), pa.string())
                writer.write_batch(batch.set_column(batch.schema.get_field_index("excerpt"), "excerpt", empty))
        unfinished(path).replace(path)


def read(path: Path, study: Study) -> AllDocuments:
    """The regions of all documents.

    Args:
        path: of the table.
        study: that stores a sample.

    Raises:
        StoreError: the file is not there, cannot be read, or is of another study.
    """
    import numpy as np

    layers = [] if study.atlas == "components" else [f"L{layer}" for layer in range(study.layers)]
    with _reading(path, study) as file:
        known = file.schema_arrow.names
        margins = [f"margin_{layer}" for layer in layers if f"margin_{layer}" in known]
        table = file.read(["category", "group", *layers, *margins])
        categories, labels = _indices(table, "category")
        groups = table.column("group")
        return AllDocuments(
            categories,
            labels,
            None if groups.null_count == len(groups) else groups.to_pylist(),
            [_indices(table, layer) for layer in layers],
            np.column_stack([_rounded(table.column(name)) for name in margins]) if margins else None,
        )


def excerpts(path: Path, study: Study) -> list[str]:
    """The beginnings of the texts of all documents, in the order of ordinals; errors are those of `read`."""
    found: list[str] = texts(path, study, ["excerpt"])["excerpt"]
    return found


def texts(path: Path, study: Study, names: Sequence[str] = TEXTS) -> dict[str, list[Any]]:
    """Some of `TEXTS`, by name, of all documents in the order of ordinals; errors are those of `read`."""
    with _reading(path, study) as file:
        table = file.read(list(names))
        return {name: table.column(name).to_pylist() for name in names}


def _of_layer(graph: StudyGraph, layer: int) -> tuple[int, list[str]]:
    """The index of a layer's first region among all, which are ordered by layer, and the names of its regions."""
    inside = [index for index, region in enumerate(graph.regions) if region.layer == layer]
    return inside[0], [graph.regions[index].name for index in inside]


def _named(indices: np.ndarray, names: list[str]) -> pa.Array:
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(pa.array(indices), pa.array(names, pa.string()))


def _indices(table: pa.Table, name: str) -> tuple[list[str], np.ndarray]:
    """The different values of a column, and the index of each row's."""
    column = table.column(name).unify_dictionaries().combine_chunks()
    return column.dictionary.to_pylist(), column.indices.to_numpy(zero_copy_only=False)


def _rounded(column: pa.ChunkedArray) -> np.ndarray:
    """As the graph has them: the file's have half the digits of a float."""
    found: np.ndarray = column.to_numpy().astype(float).round(DIGITS)
    return found


@contextmanager
def _reading(path: Path, study: Study) -> Iterator[Any]:
    from pyarrow import ArrowException
    from pyarrow.parquet import ParquetFile

    try:
        with ParquetFile(path) as file:
            metadata = file.schema_arrow.metadata or {}
            if (metadata.get(STUDY), file.metadata.num_rows) != (study.id.encode(), study.documents):
                raise StoreError(RULE, f"{path} is that of another study", REMEDY.format(name=study.name))
            yield file
    except FileNotFoundError as error:
        raise StoreError(RULE, f"{study.stored}, and {path} is not there", REMEDY.format(name=study.name)) from error
    except (OSError, ArrowException, KeyError) as error:
        raise StoreError(RULE, f"{path} cannot be read", REMEDY.format(name=study.name)) from error


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        fact = f"{path} cannot be written: {error.strerror or error}"
        raise StoreError(RULE, fact, "Free some space, or make its folder one that you may write to") from error
