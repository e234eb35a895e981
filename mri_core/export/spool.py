"""Records on disk on their way into a file that names its columns and their types first."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Self

Record = dict[str, Any]
PART = 20_000  # records in memory at once, and in a row group of Parquet


class Spool:
    """Records that are written once and read once; a context manager, whose file ends with it.

    Attributes:
        kinds: of each column the Python types of its values, in the order in which columns were met.
        items: of each column of lists the types of what these hold.
        rows: number of records.
    """

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile("w+", encoding="utf-8", dir=folder)  # noqa: SIM115 - closed by __exit__
        self.kinds: dict[str, set[type]] = {}
        self.items: dict[str, set[type]] = {}
        self.rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def fill(self, parts: Iterable[Sequence[Record]]) -> Self:
        """Takes records in, part by part."""
        for part in parts:
            for record in part:
                self._file.write(f"{json.dumps(record, ensure_ascii=False)}\n")
                self._learn(record)
            self.rows += len(part)
        return self

    def parts(self) -> Iterator[list[Record]]:
        """All records, in their order."""
        self._file.seek(0)
        while part := [json.loads(line) for line in islice(self._file, PART)]:
            yield part

    def _learn(self, record: Record) -> None:
        for name, value in record.items():
            self.kinds.setdefault(name, set()).add(type(value))
            if isinstance(value, list):
                self.items.setdefault(name, set()).update(map(type, value))
