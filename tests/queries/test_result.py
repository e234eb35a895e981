"""An answer prints as a table, and becomes a data frame or a graph that holds what it held."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import FrozenInstanceError, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import networkx as nx
import pandas as pd
import pytest

from mri_core.errors import QueryError, UsageError
from mri_core.records.graph import StudyGraph
from mri_core.records.ids import region_id
from mri_core.records.table import Table
from mri_core.store.store import Store
from queries.result import SHOWN_ROWS, Result
from queries.runner import cypher, run
from queries.template import Template, parse_template
from tests.planted import HOSTILE, planted_graph, random_codes
from tests.questions import CATALOG

CODES = random_codes(60, 4, 5, 31)
QUESTION = """\
// title: Typed
// group: study
// question: What is it?
// returns: region  region    an id
// returns: layer   layer?    an index
// returns: share   float?    a share
// returns: sure    bool?     a truth
// returns: words   list      words

MATCH (n) RETURN n.region AS region, n.layer AS layer, n.share AS share, n.sure AS sure, n.words AS words ORDER BY layer
"""
TYPED = ("region", "layer", "share", "sure", "words")
ROUTES = ("route", "layer", "region", "keywords", "weight")


@pytest.fixture(scope="module")
def study(store: Store) -> Iterator[StudyGraph]:
    labels = [HOSTILE[i % 3] for i in range(60)]
    graph = planted_graph("result", codes=CODES, categories=labels, seed=31)
    store.write(graph)
    yield graph
    store.delete(graph.study)


@pytest.fixture
def typed(tmp_path: Path) -> Template:
    path = tmp_path / "typed.cypher"
    path.write_text(QUESTION)
    return parse_template(path)


def answer(store: Store, name: str, **values: object) -> Result:
    template = CATALOG.get(name)
    return Result.of(run(store, template, {"study": "result", **values}), template)


def own(*rows: tuple[Any, ...], columns: tuple[str, ...] = ("value",), cut: bool = False) -> Result:
    return Result.of(Table(columns, rows, cut))


class Shown(HTMLParser):
    """The tags, attributes and texts of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def test_an_answer_goes_by_row_and_cannot_be_changed() -> None:
    result = own((1, "a"), (2, "b"), columns=("n", "letter"))
    assert (len(result), list(result), result[1]) == (2, [(1, "a"), (2, "b")], (2, "b"))
    assert result.records() == [{"n": 1, "letter": "a"}, {"n": 2, "letter": "b"}]
    with pytest.raises(FrozenInstanceError):
        result.rows = ()  # type: ignore[misc]


def test_an_answer_has_the_columns_and_types_of_the_header(store: Store, study: StudyGraph) -> None:
    hubs = answer(store, "hubs", limit=3)
    header = [column for column in CATALOG.get("hubs").returns if column.unit != "token"]
    assert hubs.columns == tuple(column.name for column in header)
    assert hubs.types == tuple(column.type for column in header)
    assert (len(hubs), hubs.view, hubs.cut) == (3, "table", False)


def test_types_of_own_cypher_are_those_of_its_values(store: Store) -> None:
    statement = (
        "UNWIND [[1, 1, 'a', true, [1], 1], [2, 0.5, null, false, [], 'x']] AS v "
        "RETURN v[0] AS n, v[1] AS x, v[2] AS text, v[3] AS sure, v[4] AS items, v[5] AS mixed, null AS nothing"
    )
    result = Result.of(cypher(store, statement))
    assert result.types == ("int", "float", "string", "bool", "list", None, None)


def test_it_prints_as_aligned_columns() -> None:
    lines = repr(own((1, "first\nline"), (20, None), columns=("n", "text"))).splitlines()
    assert lines == ["  n  text", "---  ----------", "  1  first line", " 20"]


def test_lists_and_objects_print_part_by_part_and_what_is_deeper_as_json() -> None:
    row = (True, {"name": "é", "ok": None}, ["a", False, {"b": 1}])
    shown = repr(Result(("yes", "map", "list"), (row,), ("bool", None, "list")))
    assert shown.splitlines()[-1].strip().split("  ") == ["true", "name é, ok null", 'a, false, {"b": 1}']


def test_a_cut_is_told_in_the_text_and_in_the_html() -> None:
    result = own((1,), (2,), cut=True)
    said = "Cut: there are more than these 2 rows; raise max_rows to see them."
    assert repr(result).splitlines()[-1] == said
    assert said in result._repr_html_()
    assert "Cut" not in repr(own((1,), (2,)))


@pytest.mark.parametrize(("left_out", "argument"), [({"cut": True}, "max_rows"), ({"limited": True}, "limit")])
def test_a_frame_of_a_part_of_the_rows_says_so(left_out: dict[str, bool], argument: str) -> None:
    said = f"Cut: there are more than these 2 rows; raise {argument} to see them."
    with pytest.warns(UserWarning, match=said):
        frame = replace(own((1,), (2,)), **left_out).to_pandas()  # type: ignore[arg-type]
    assert frame.attrs == {"cut": said}
    assert own((1,), (2,)).to_pandas().attrs == {}


def test_a_long_answer_is_shortened_and_says_so() -> None:
    result = own(*((i,) for i in range(1000, 1000 + SHOWN_ROWS + 7)))
    for shown in (repr(result), result._repr_html_()):
        assert (str(999 + SHOWN_ROWS) in shown, str(1000 + SHOWN_ROWS) in shown) == (True, False)
        assert f"{SHOWN_ROWS} of {SHOWN_ROWS + 7} rows are shown" in shown
    assert len(result.to_pandas()) == SHOWN_ROWS + 7


def test_hostile_texts_are_texts_in_html() -> None:
    rows = [(text, "\u202eturned\x1b[2J") for text in HOSTILE]
    shown = Shown(own(*rows, columns=("<script>head</script>", "b"))._repr_html_())
    assert shown.tags == {"div", "table", "thead", "tbody", "tr", "th", "td"}
    assert shown.attributes <= {"class", "style"}
    assert "<script>head</script>" in shown.text
    assert "</script><script>document.title='owned'</script>" in shown.text
    assert "\u202e" not in shown.text
    assert "\x1b" not in shown.text


def test_a_text_between_dollars_is_no_formula() -> None:
    assert re.match(r'<div class="[^"]*\bmathjax_ignore\b', own(("$e^x$",))._repr_html_())


def test_an_answer_without_rows_shows_its_columns(store: Store, study: StudyGraph) -> None:
    region = region_id(study.study.id, 0, str(CODES[0, 0]))
    drivers = answer(store, "drivers", region=region)
    assert not drivers
    for shown in (repr(drivers), drivers._repr_html_()):
        assert "weight" in shown
        assert "No rows." in shown
    frame = drivers.to_pandas()
    assert (len(frame), list(frame.columns)) == (0, list(drivers.columns))
    assert str(frame["weight"].dtype) == "Int64"
    assert len(drivers.to_networkx()) == 0
    nothing = Result.of(Table((), ()))
    assert "No rows." in repr(nothing)
    assert nothing.to_pandas().shape == (0, 0)


def test_a_data_frame_has_the_declared_types(typed: Template) -> None:
    rows = (("s/L0/R1", 0, 0.5, True, ["a"]), ("s/L1/R1", None, None, None, []))
    frame = Result.of(Table(TYPED, rows), typed).to_pandas()
    assert [str(kind) for kind in frame.dtypes] == ["string", "Int64", "float64", "boolean", "object"]
    assert frame["layer"][1] is pd.NA
    assert frame["sure"][1] is pd.NA
    assert frame["share"].isna().tolist() == [False, True]
    assert frame["words"].tolist() == [["a"], []]


def test_whole_numbers_of_any_size_survive_a_data_frame() -> None:
    frame = own((2**63 - 1,), (None,)).to_pandas()
    assert frame["value"].tolist() == [2**63 - 1, pd.NA]


def test_a_column_that_breaks_its_header_is_told(typed: Template) -> None:
    result = Result.of(Table(TYPED, (("s/L0/R1", 0.5, 0.5, True, []),)), typed)
    with pytest.raises(QueryError, match="The column layer is declared layer") as caught:
        result.to_pandas()
    assert "\n" not in str(caught.value)


def test_a_data_frame_of_a_store_has_its_rows(store: Store, study: StudyGraph) -> None:
    frame = answer(store, "regions").to_pandas()
    counts = Counter((layer, str(CODES[d, layer])) for d in range(60) for layer in range(4))
    found = {(layer, name): n for layer, name, n in zip(frame["layer"], frame["name"], frame["documents"], strict=True)}
    assert found == counts


def test_connections_become_edges_with_the_other_columns(store: Store, study: StudyGraph) -> None:
    graph = answer(store, "connections", category=HOSTILE[0]).to_networkx()
    weights = Counter(
        (region_id(study.study.id, layer, str(CODES[d, layer])), region_id(study.study.id, layer + 1, str(code)))
        for d in range(0, 60, 3)
        for layer in range(3)
        for code in [CODES[d, layer + 1]]
    )
    assert type(graph) is nx.DiGraph
    assert {(s, t): weight for s, t, weight in graph.edges(data="weight")} == weights
    assert {category for _, _, category in graph.edges(data="category")} == {HOSTILE[0]}


def test_regions_joined_more_than_once_keep_every_edge(store: Store, study: StudyGraph) -> None:
    result = answer(store, "connections")
    graph = result.to_networkx()
    assert isinstance(graph, nx.MultiDiGraph)
    assert graph.number_of_edges() == len(result) == study.study.connections
    assert graph.size(weight="weight") == 3 * 60


def test_a_route_becomes_a_path(store: Store, study: StudyGraph) -> None:
    result = answer(store, "strongest-route", category=HOSTILE[1])
    graph = result.to_networkx()
    steps = result.records()
    assert nx.is_path(graph, [step["region"] for step in steps])
    assert graph.number_of_edges() == 3
    assert [graph.nodes[step["region"]]["layer"] for step in steps] == [0, 1, 2, 3]
    assert graph.edges[steps[0]["region"], steps[1]["region"]]["weight"] == steps[1]["weight"]


def test_routes_that_share_a_region_are_told_apart() -> None:
    rows = (
        (1, 0, "a", ["w"], 5),
        (1, 1, "b", ["x"], 5),
        (2, 0, "a", ["w"], 3),
        (2, 1, "b", ["x"], 3),
        (2, 2, "c", ["y"], 2),
    )
    graph = Result(ROUTES, rows, ("int", "layer", "region", "list", "int"), view="path").to_networkx()
    assert isinstance(graph, nx.MultiDiGraph)
    found = sorted(graph.edges(data="route"))
    assert found == [("a", "b", 1), ("a", "b", 2), ("b", "c", 2)]
    assert graph.nodes["a"] == {"layer": 0, "keywords": "w"}  # its two steps differ in route and weight
    assert graph.nodes["c"] == {"route": 2, "layer": 2, "keywords": "y", "weight": 2}


def test_a_route_of_one_step_is_a_graph_of_one_region() -> None:
    graph = Result(("layer", "region"), ((0, "a"),), ("layer", "region"), view="path").to_networkx()
    assert (list(graph), graph.number_of_edges()) == (["a"], 0)


def test_own_cypher_becomes_a_graph_by_the_names_of_its_columns(store: Store, study: StudyGraph) -> None:
    statement = f"MATCH (s:Region {{study: '{study.study.id}'}})-[e:FLOWS_TO]->(t) RETURN DISTINCT "
    graph = Result.of(cypher(store, statement + "s.id AS source, t.id AS target")).to_networkx()
    assert graph.number_of_edges() == len(
        {(layer, *CODES[d, layer : layer + 2]) for d in range(60) for layer in range(3)}
    )
    with pytest.raises(UsageError, match="The columns source and target hold ids"):
        Result.of(cypher(store, statement + "s AS source, t AS target")).to_networkx()
    with pytest.raises(UsageError, match=r"hold ids\. One is None"):
        own((None, "b"), columns=("source", "target")).to_networkx()


def test_what_is_no_graph_says_what_it_needs(store: Store, study: StudyGraph) -> None:
    with pytest.raises(UsageError, match=r"columns source and target, or .* is a table with the columns region"):
        answer(store, "hubs").to_networkx()


@pytest.mark.parametrize("name", [template.name for template in CATALOG])
def test_every_question_shown_as_a_graph_or_path_can_become_one(name: str) -> None:
    template = CATALOG.get(name)
    columns = {column.name for column in template.returns}
    if template.view in ("graph", "path"):
        assert columns >= ({"source", "target"} if template.view == "graph" else {"layer", "region"})
    else:
        assert template.view in ("table", "heatmap")


def test_an_answer_imports_nothing_heavy() -> None:
    told = (
        "import sys; from queries.result import Result; from mri_core.records.table import Table\n"
        "repr(Result.of(Table(('a',), ((1,),))))\n"
        "print(*sorted({'pandas', 'networkx', 'numpy', 'neo4j'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
