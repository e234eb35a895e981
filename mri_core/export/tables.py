"""A study as tables, CSV or Parquet: a file of nodes, one of relationships, and one of measures."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from mri_core.export.elements import GRAPH, TABLES, Record, edges, nodes
from mri_core.export.plain import common_type
from mri_core.export.spool import Spool
from mri_core.store.contents import Contents

MEASURE = "Measure"
ARROW = {bool: pa.bool_(), int: pa.int64(), float: pa.float64(), str: pa.string()}


def write_csv(contents: Contents, folder: Path) -> tuple[int, int]:
    """Writes `nodes.csv`, `relationships.csv` and `measures.csv`; returns the number of nodes and of relationships.

    Texts stand in quotes and missing values are empty, so that an empty text differs from a missing one. Lists are
    JSON.
    """
    return _write(contents, folder, "csv", pyarrow.csv.CSVWriter)


def write_parquet(contents: Contents, folder: Path) -> tuple[int, int]:
    """Writes the same tables as Parquet, where lists are lists."""
    return _write(contents, folder, "parquet", pyarrow.parquet.ParquetWriter)


def _write(contents: Contents, folder: Path, ending: str, opened: Any) -> tuple[int, int]:
    own = [label for label in GRAPH if label != MEASURE]
    parts = (nodes(contents, own), edges(contents), nodes(contents, [MEASURE]))
    rows = []
    for name, records in zip(TABLES, parts, strict=True):
        with Spool(folder) as spool:
            spool.fill(records)
            types = _types(spool, nested=ending == "parquet")
            rows.append(spool.rows)
            _write_table(spool, types, partial(opened, folder / f"{name}.{ending}"))
    return rows[0] + rows[2], rows[1]


def _types(spool: Spool, *, nested: bool) -> dict[str, pa.DataType]:
    types = {}
    for name, kinds in spool.kinds.items():
        if nested and kinds == {list}:
            items = spool.items.get(name) or {str}
            types[name] = pa.list_(ARROW[common_type({kind if kind in ARROW else str for kind in items})])
        else:
            types[name] = ARROW[common_type({kind if kind in ARROW else str for kind in kinds})]
    return types


def _write_table(spool: Spool, types: dict[str, pa.DataType], opened: Any) -> None:
    schema = pa.schema([*types.items()] or [("id", pa.string())])
    writer: AbstractContextManager[Any] = opened(schema)
    with writer as table:
        for part in spool.parts():
            columns = [pa.array(list(_column(part, field.name, field.type)), field.type) for field in schema]
            table.write_batch(pa.record_batch(columns, schema=schema))


def _column(part: Sequence[Record], name: str, kind: pa.DataType) -> Iterator[Any]:
    for record in part:
        value = record.get(name)
        as_text = kind == pa.string() and value is not None and not isinstance(value, str)
        yield json.dumps(value, ensure_ascii=False) if as_text else value
