"""CSV and Parquet hold every node, relationship and measure, as pandas, pyarrow and Python's csv read them."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from mri_core.export.formats import export
from mri_core.export.shared import Shared
from mri_core.records.graph import Study
from mri_core.store.contents import StoredContents
from mri_core.store.store import Store
from tests.mri_core.export.hostile import OF_ONE_STORE, TEXTS, stored_edges, stored_nodes

pytestmark = [pytest.mark.engine, pytest.mark.once]


@pytest.fixture(scope="module")
def folder(store: Store, study: Study, exports: Path) -> Callable[[str], Path]:
    """The folder of a format."""

    def of(form: str) -> Path:
        path = exports / form
        if not path.exists():
            export(Shared(StoredContents(store, study)), form, path)
        return path

    return of


@pytest.fixture(scope="module")
def truth(store: Store, study: Study) -> tuple[dict[str, dict[str, Any]], list[dict[str, Any]]]:
    """Nodes by id, and relationships, with what tables have of them."""
    nodes = stored_nodes(store, study.id)
    nodes[study.id] = {name: value for name, value in nodes[study.id].items() if name not in OF_ONE_STORE}
    edges = [
        {"source": source, "target": target, "edge_type": kind, **known}
        for source, target, kind, known in stored_edges(store, study.id)
    ]
    return {key: _told(node) for key, node in nodes.items()}, [_told(edge) for edge in edges]


def _told(properties: dict[str, Any]) -> dict[str, Any]:
    return {"c_label" if n == "label" else n: v for n, v in properties.items() if n != "llm_mri"}


def rows_of(frame: pa.Table) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if value is not None} for row in frame.to_pylist()]


def test_parquet_has_every_value_with_its_type(folder: Callable[[str], Path], truth: Any) -> None:
    nodes, edges = truth
    tables = {
        name: pq.read_table(folder("parquet") / f"{name}.parquet") for name in ("nodes", "relationships", "measures")
    }
    found = [*rows_of(tables["nodes"]), *rows_of(tables["measures"])]
    assert {row["id"]: row for row in found} == nodes
    assert {row["node_type"] for row in rows_of(tables["measures"])} == {"Measure"}
    joining = rows_of(tables["relationships"])
    assert [row.pop("id") for row in joining] == [f"e{number}" for number in range(len(edges))]
    assert Counter(map(_canonical, joining)) == Counter(map(_canonical, edges))
    types = {
        name: tables["nodes"].schema.field(name).type for name in ("keywords", "exemplars", "documents", "checked")
    }
    assert types == {
        "keywords": pa.list_(pa.string()),
        "exemplars": pa.list_(pa.int64()),
        "documents": pa.int64(),
        "checked": pa.bool_(),
    }


def _canonical(row: dict[str, Any]) -> str:
    return json.dumps(row, sort_keys=True)


def test_python_reads_the_texts_of_csv_as_they_were(folder: Callable[[str], Path], truth: Any) -> None:
    nodes, edges = truth
    with (folder("csv") / "nodes.csv").open(encoding="utf-8", newline="") as file:
        found = {row["id"]: row for row in csv.DictReader(file)}
    assert set(found) == {key for key, node in nodes.items() if node["node_type"] != "Measure"}
    for key, row in found.items():
        for name, cell in row.items():
            assert cell == _cell(nodes[key].get(name)), (key, name)
    assert any(row["title"] == TEXTS[8][:40] for row in found.values())  # begins with =, and is not changed
    with (folder("csv") / "relationships.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == len(edges)


def _cell(value: Any) -> str:
    """The cell of a value: texts as they are, all else as JSON, nothing for what is missing."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, float):
        return _shortest(value)
    return json.dumps(value, ensure_ascii=False)


def _shortest(value: float) -> str:
    """As pyarrow writes a float: of equal value, whatever its digits."""
    return pa.array([value]).cast(pa.string())[0].as_py()


def test_pandas_reads_csv_with_numbers_truths_and_missing_values(folder: Callable[[str], Path], truth: Any) -> None:
    nodes, _ = truth
    frame = pd.read_csv(folder("csv") / "nodes.csv", keep_default_na=False, na_values=[""], low_memory=False)
    regions = frame[frame["node_type"] == "Region"].set_index("id")
    for key, row in regions.iterrows():
        known = nodes[str(key)]
        assert row["documents"] == known["documents"]
        assert json.loads(row["exemplars"]) == known["exemplars"]
        assert json.loads(row["keywords"]) == known["keywords"]
        assert ("entropy" in known) == (not pd.isna(row["entropy"]))
    assert regions.loc["hostile-00000000/L0/R0", "checked"] in (True, "true")
    measures = pd.read_csv(folder("csv") / "measures.csv")
    assert sorted(measures["kind"]) == ["density", "density", "divergence"]
    assert measures["value"].isna().sum() == 1


def test_an_empty_text_is_not_a_missing_one_in_csv(folder: Callable[[str], Path], truth: Any) -> None:
    read = pa.csv.read_csv(
        folder("csv") / "nodes.csv",
        parse_options=pa.csv.ParseOptions(newlines_in_values=True),
        convert_options=pa.csv.ConvertOptions(strings_can_be_null=True, quoted_strings_can_be_null=False),
    )
    excerpts = dict(zip(read["id"].to_pylist(), read["excerpt"].to_pylist(), strict=True))
    assert excerpts == {key: n.get("excerpt") for key, n in truth[0].items() if n["node_type"] != "Measure"}
    assert "" in excerpts.values()
    assert None in excerpts.values()


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_regions_alone_leave_the_table_of_measures_empty(store: Store, study: Study, form: str, tmp_path: Path) -> None:
    counts = export(Shared(StoredContents(store, study)), form, tmp_path / form, regions_only=True)
    assert counts.nodes == study.regions
    assert sorted(path.name for path in (tmp_path / form).iterdir()) == [
        f"measures.{form}",
        f"nodes.{form}",
        f"relationships.{form}",
    ]
    read = pa.csv.read_csv if form == "csv" else pq.read_table
    assert read(tmp_path / form / f"measures.{form}").num_rows == 0
