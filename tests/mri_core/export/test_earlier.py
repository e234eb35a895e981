"""A file of the user's is never replaced by an export: it is told by what it holds, and an ending says what it will."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import pandas as pd
import pytest

from mri_core.errors import UsageError
from mri_core.export.formats import FORMS, check_export

THESIS = "<!DOCTYPE html><title>My thesis</title>"


@pytest.mark.parametrize("form", ["graphml", "gexf", "json", "cypher", "bundle"])
@pytest.mark.parametrize("ending", ["", "of its own"])
def test_a_file_of_something_else_is_not_replaced_unless_told(tmp_path: Path, form: str, ending: str) -> None:
    target = tmp_path / f"mine{FORMS[form].endings[0] if ending else ''}"
    target.write_text(THESIS)
    with pytest.raises(UsageError, match=f"{target.name} holds something else. .* with --replace"):
        check_export(form, target)
    check_export(form, target, replace=True)
    target.write_text("")  # an empty one holds nothing
    check_export(form, target)


def test_a_graph_of_another_program_is_not_an_earlier_export(tmp_path: Path) -> None:
    nx.write_graphml(nx.path_graph(3), tmp_path / "own.graphml")
    nx.write_gexf(nx.path_graph(3), tmp_path / "own.gexf")
    (tmp_path / "own.json").write_text('{"directed": true, "multigraph": true, "graph": {}, "nodes": []}')
    for form in ("graphml", "gexf", "json"):
        with pytest.raises(UsageError, match="holds something else"):
            check_export(form, tmp_path / f"own.{form}")


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_folder_whose_tables_are_of_somebody_else_is_not_replaced(tmp_path: Path, form: str) -> None:
    folder = tmp_path / "tables"
    folder.mkdir()
    theirs = pd.DataFrame({"name": ["a"], "age": [3]})
    if form == "csv":
        theirs.to_csv(folder / "nodes.csv", index=False)
    else:
        theirs.to_parquet(folder / "nodes.parquet")
    with pytest.raises(UsageError, match=rf"nodes.{form} holds something else"):
        check_export(form, folder)
    check_export(form, folder, replace=True)


@pytest.mark.parametrize(
    ("form", "name", "words"),
    [
        ("json", "corpus2.csv", "corpus2.csv ends in .csv. Name it corpus2.json"),
        ("bundle", "thesis.html", "thesis.html ends in .html. Name it thesis.mri"),
        ("csv", "tables.json", "Name it tables"),
        ("graphml", "demo.gexf", "Name it demo.graphml"),
    ],
)
def test_an_ending_of_something_else_is_refused_though_nothing_is_there(
    tmp_path: Path, form: str, name: str, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        check_export(form, tmp_path / name)


@pytest.mark.parametrize(
    ("form", "name"),
    [("json", "demo"), ("json", "demo.v2"), ("graphml", "demo.xml"), ("csv", "demo.csv"), ("bundle", "DEMO.MRI")],
)
def test_an_ending_of_its_own_or_of_nothing_is_taken(tmp_path: Path, form: str, name: str) -> None:
    check_export(form, tmp_path / name)
