"""Rows written as Parquet files to a folder or an object store, by whoever reads the texts."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mri_core.errors import MriError, UsageError
from mri_core.paths import user_path

RULE = "Rows are written to a folder or an object store that every worker reaches"
REMEDY = "Check --shards, and that the machine may write there"
SCHEME = re.compile(r"[a-z][a-z0-9+.-]+://")


@dataclass(frozen=True)
class Shards:
    """Where the rows of each batch are written: one file a batch, named by its documents.

    A batch that is run again gives its file again, with the same content.

    Attributes:
        url: of a folder; `file://`, `s3://`, `gs://`, `hdfs://`, or what fsspec knows.
        ordinals: of the documents in the corpus, by their number among those that are read; None if they are the same.
    """

    url: str
    ordinals: np.ndarray | None = field(default=None, compare=False)

    def write(self, numbers: Sequence[int], rows: Sequence[np.ndarray]) -> None:
        """Writes a batch: a row a document, with its `ordinal` and its activations in each layer, `L0`, `L1`, ….

        Args:
            numbers: of the documents among those that are read.
            rows: for each layer (documents, width) float32.

        Raises:
            MriError: it cannot be written.
        """
        import pyarrow as pa
        from pyarrow.parquet import write_table

        ordinals = np.asarray(numbers, dtype=np.int64) if self.ordinals is None else self.ordinals[list(numbers)]
        columns = {"ordinal": pa.array(ordinals.astype(np.uint32))}
        for layer, values in enumerate(rows):
            flat = pa.array(np.ascontiguousarray(values, dtype=np.float32).ravel())
            columns[f"L{layer}"] = pa.FixedSizeListArray.from_arrays(flat, values.shape[1])
        digest = hashlib.sha256(ordinals.astype("<u4").tobytes()).hexdigest()[:16]
        system, folder = opened(self.url)
        try:
            system.create_dir(folder, recursive=True)
            name = f"{folder}/rows-{int(ordinals.min()):09d}-{digest}.parquet"
            # an object store shows a file once it is whole; a folder, once it has its name
            write_table(pa.table(columns), f"{name}.partial", filesystem=system)
            system.move(f"{name}.partial", name)
        except (OSError, pa.ArrowException) as error:
            raise MriError(RULE, f"{self.url} cannot be written: {_first_line(error)}", REMEDY) from error


def opened(url: str) -> tuple[Any, str]:
    """The file system of a URL, and the folder in it.

    Raises:
        UsageError: there is no such kind of store.
    """
    from pyarrow.fs import FileSystem, FSSpecHandler, LocalFileSystem, PyFileSystem

    if not SCHEME.match(url):
        return LocalFileSystem(), str(user_path(url).absolute())
    try:
        system, folder = FileSystem.from_uri(url)
    except (ValueError, OSError) as error:
        import fsspec

        try:
            own, folder = fsspec.core.url_to_fs(url)
        except (ValueError, ImportError) as unknown:
            raise UsageError(RULE, f"--shards is {url}: {_first_line(unknown)}", REMEDY) from error
        system = PyFileSystem(FSSpecHandler(own))
    return system, folder.rstrip("/")


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
