"""An answer as a notebook shows it: a table that prints itself, a data frame, a graph."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from mri_core.errors import QueryError, UsageError
from mri_core.records.table import Table
from queries.graphs import plain_graph
from queries.text import cut_line, html_table, text_table

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

    from queries.template import Template

SHOWN_ROWS = 50  # that a printed result has
PANDAS = {"layer": "Int64", "int": "Int64", "float": "float64", "bool": "boolean"}
PLAIN = {"list", "object"}  # columns of Python values; else string
KINDS = {bool: "bool", int: "int", float: "float", str: "string", list: "list"}  # of the values of one's own Cypher
EDGE, STEP, ROUTE = ("source", "target"), ("layer", "region"), "route"
# A notebook must not take a text between dollars for a formula.
HTML = '<div class="tex2jax_ignore mathjax_ignore">{}</div>'


@dataclass(frozen=True, slots=True, repr=False)
class Result:
    """The rows of an answer. It prints as a table; `len`, `for` and `[]` go by row.

    Attributes:
        columns: their names.
        rows: their values.
        types: of each column, as the question's header declares it (`int`, `region` …); of one's own Cypher what its
            values are, None where they are of several types or of none.
        cut: whether there were more rows than were kept.
        view: how the answer is best shown: table, graph, path or heatmap.
        limited: whether the question's own `limit` left rows out.
        sampled: what the answer is of, where the study's graph holds a sample of the documents that it reads; else "".
        regions: what the study says of the regions that an answer of connections or routes names, by id.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    types: tuple[str | None, ...]
    cut: bool = False
    view: str = "table"
    limited: bool = False
    sampled: str = ""
    regions: Mapping[Any, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, table: Table, template: Template | None = None) -> Result:
        """A table as the answer to a question, or to one's own Cypher."""
        if template is None:
            kinds = tuple(_kind(row[i] for row in table.rows) for i in range(len(table.columns)))
            view = "graph" if set(EDGE) <= set(table.columns) else "table"
            return cls(table.columns, table.rows, kinds, table.cut, view)
        declared = {column.name: column.type for column in template.returns}
        types = tuple(declared.get(name) for name in table.columns)
        return cls(table.columns, table.rows, types, table.cut, template.view)

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self.rows)

    def __getitem__(self, place: int) -> tuple[Any, ...]:
        return self.rows[place]

    def __repr__(self) -> str:
        return "\n".join([text_table(self.columns, self.rows[:SHOWN_ROWS]), *self._remarks()])

    def _repr_html_(self) -> str:
        remarks = "".join(f"<p>{line}</p>" for line in self._remarks())
        return HTML.format(html_table(self.columns, self.rows[:SHOWN_ROWS]) + remarks)

    def records(self) -> list[dict[str, Any]]:
        """The rows as dictionaries by column."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def to_pandas(self) -> pd.DataFrame:
        """A data frame whose columns have the types that the header declares.

        Whole numbers are `Int64` and truths `boolean`, where a missing one is `NA`; other numbers are `float64`, where
        it is `NaN`; ids, labels and texts are `string`; lists, objects, and columns of no one type, are `object`.
        Where rows were left out, a warning and `attrs["cut"]` say so.

        Raises:
            QueryError: a column does not hold what the header says.
        """
        import pandas as pd

        series = [self._series(place) for place in range(len(self.columns))]
        frame = pd.concat(series, axis=1) if series else pd.DataFrame(index=range(len(self)))
        frame.columns = pd.Index(self.columns)
        if cut := self._cut():
            frame.attrs["cut"] = cut
            warnings.warn(cut, stacklevel=2)
        return frame

    def to_networkx(self) -> nx.DiGraph:
        """The answer as a directed graph, where it is one.

        Of a question whose view is graph, and of Cypher of one's own, columns `source` and `target` make edges, which
        carry the other columns. The steps of a path, columns `layer`
        and `region`, are joined layer by layer, each `route` for itself where there is such a column: an edge carries
        the columns of the step that it leads to, a region those in which all its steps agree. Where two regions are
        joined more than once, the graph is a `MultiDiGraph`. Regions carry what the study says of them: layer,
        documents, keywords and so on. All values are such as GraphML, GEXF and GML hold (see `plain_graph`).
        `graph.graph["cut"]` says whether rows were left out, of which a warning tells.

        Raises:
            UsageError: the answer is neither.
        """
        graph = self._graph()
        graph.graph["cut"] = self.cut or self.limited
        if cut := self._cut():
            warnings.warn(f"The graph is a part: {cut}", stacklevel=2)
        return graph

    def _graph(self) -> nx.DiGraph:
        if self.view == "graph" and set(EDGE) <= set(self.columns):
            edges = [(row.pop("source"), row.pop("target"), row) for row in self._named(EDGE)]
            return plain_graph(self._of_study(end for edge in edges for end in edge[:2]).items(), edges)
        if self.view == "path" and set(STEP) <= set(self.columns):
            steps = self._named(STEP)
            return _path(steps, self._of_study(step["region"] for step in steps))
        fact = f"This one is a {self.view} with the columns {', '.join(self.columns)}"
        remedy = "Ask a question whose view is graph or path, or return ids AS source and AS target"
        raise UsageError("A graph is made of columns source and target, or of a path's layer and region", fact, remedy)

    def _of_study(self, ids: Iterator[Any]) -> dict[Any, Mapping[str, Any]]:
        return {region: self.regions.get(region, {}) for region in ids}

    def _remarks(self) -> Iterator[str]:
        if not self.rows:
            yield "No rows."
        if self.sampled:
            yield self.sampled
        if len(self) > SHOWN_ROWS:
            yield f"{SHOWN_ROWS} of {len(self)} rows are shown; .rows and .to_pandas() have all."
        if cut := self._cut():
            yield cut

    def _cut(self) -> str:
        """That rows were left out, and which argument gives more; "" where none was."""
        return cut_line(len(self), "max_rows" if self.cut else "limit") if self.cut or self.limited else ""

    def _series(self, place: int) -> pd.Series[Any]:
        import pandas as pd

        declared = self.types[place]
        kind: Any = "object" if declared is None or declared in PLAIN else PANDAS.get(declared, "string")
        values = pd.Series([row[place] for row in self.rows], dtype="object")
        try:
            return values.astype(kind)
        except (TypeError, ValueError) as error:
            rule = f"The column {self.columns[place]} is declared {declared}"
            raise QueryError(rule, str(error), "Mend the question's header") from error

    def _named(self, ends: tuple[str, str]) -> list[dict[str, Any]]:
        """The rows as dictionaries, whose ends are known to be values that can name a node."""
        records = self.records()
        for value in (record[name] for record in records for name in ends):
            if not isinstance(value, str | int | float):
                fact = f"One is {value!r}"[:200]
                raise UsageError(f"The columns {' and '.join(ends)} hold ids", fact, "Return ids: s.id AS source")
        return records


def _kind(values: Iterator[Any]) -> str | None:
    kinds = {KINDS.get(type(value)) for value in values if value is not None}
    if kinds == {"int", "float"}:
        return "float"
    return kinds.pop() if len(kinds) == 1 else None


def _path(steps: list[dict[str, Any]], known: Mapping[Any, Mapping[str, Any]]) -> nx.DiGraph:
    routes: dict[Any, list[dict[str, Any]]] = {}
    places: dict[Any, list[dict[str, Any]]] = {}
    for step in steps:
        routes.setdefault(step.get(ROUTE), []).append(step)
        places.setdefault(step["region"], []).append(step)
    hops = [hop for route in routes.values() for hop in pairwise(sorted(route, key=lambda step: step["layer"]))]
    nodes = []
    for region, same in places.items():
        agreed = {key: value for key, value in same[0].items() if all(step[key] == value for step in same)}
        nodes.append((region, {**known[region], **_without(agreed, "region")}))
    return plain_graph(nodes, [(before["region"], step["region"], _without(step, "region")) for before, step in hops])


def _without(record: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != key}
