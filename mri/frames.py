"""What a study holds as data frames: a row for each thing, typed columns, ids within the study (`L4/R10`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any

from mri_core.atlas.kinds import traits_of
from mri_core.export.shared import Annotated
from mri_core.records.graph import Study
from mri_core.records.ids import layer_of, local_id
from mri_core.store.contents import StoredContents
from mri_core.store.reading import ALL, SLOW
from queries import runner
from queries.catalog import own_catalog
from queries.result import Result

if TYPE_CHECKING:
    import pandas as pd

    from mri_core.store.store import Store

IDS = ("region", "document")  # types of a question's columns

# Columns with their types, as the headers of questions have them.
REGION = {
    "region": "region",
    "layer": "layer",
    "name": "string",
    "reader_name": "string",
    "reader_note": "string",
    "documents": "int",
    "keywords": "list",
    "dominant_category": "string",
    "entropy": "float",
    "x": "float",
    "y": "float",
    "strength_in": "int",
    "strength_out": "int",
    "pagerank": "float",
    "betweenness": "float",
    "community": "int",
    "participation": "float",
    "parting_q": "float",
    "exemplars": "list",
}
CONNECTION = {
    "source": "region",
    "target": "region",
    "layer": "layer",
    "category": "string",
    "weight": "int",
    "share": "float",
    "lift": "float",
    "finding": "string",
    "named_before": "list",
    "effect": "float",
    "ci_low": "float",
    "ci_high": "float",
    "p": "float",
    "name_q": "float",
    "q": "float",
    "stability": "float",
    "routing": "float",
    "routing_q": "float",
    "causal_q": "float",
    "keywords": "list",
}

# What a study of tokens has besides, behind the column named.
OF_TOKENS = {
    "documents": {"tokens": "int"},
    "exemplars": {"contexts": "list"},
    "weight": {"documents": "int"},
    "routing_q": {"within": "float", "within_q": "float"},
}


def regions(store: Store, of: Study) -> pd.DataFrame:
    """The regions, layer by layer, by their ids."""
    nodes = chain.from_iterable(Annotated(StoredContents(store, of)).nodes("Region"))
    return frame(({**node, "region": local_id(of.id, node["id"])} for node in nodes), _columns(of, REGION))


def connections(store: Store, of: Study) -> pd.DataFrame:
    """The connections by category, layer by layer; between components their weight is a correlation."""
    edges = chain.from_iterable(StoredContents(store, of).edges("Region"))
    rows = ({**_ends(of, edge.source, edge.target), **edge.properties} for edge in edges if edge.type == "FLOWS_TO")
    counted = traits_of(of.atlas).holds_documents
    return frame(rows, _columns(of, CONNECTION if counted else {**CONNECTION, "weight": "float"}))


def _columns(of: Study, columns: Mapping[str, str]) -> Mapping[str, str]:
    """These, and of a study of tokens those that it has besides."""
    if of.tokens is None:
        return columns
    more = {name: OF_TOKENS.get(name, {}) for name in columns}
    return {key: kind for name, of_name in columns.items() for key, kind in {name: of_name, **more[name]}.items()}


def findings(store: Store, of: Study) -> pd.DataFrame:
    """The findings on connections, the most trustworthy first."""
    return answer(store, of, "findings", limit=ALL)


def measures(store: Store, of: Study) -> pd.DataFrame:
    """All measures, one a row."""
    return answer(store, of, "measures", limit=ALL)


def answer(store: Store, of: Study, question: str, **values: Any) -> pd.DataFrame:
    """The whole answer to a question, whose ids are those within the study."""
    template = own_catalog().get(question)
    table = runner.run(store, template, {"study": of.id, **values}, timeout=SLOW, max_rows=ALL)
    found = Result.of(table, template).to_pandas()
    for column in (column.name for column in template.returns if column.type in IDS and column.name in found):
        found[column] = found[column].str.removeprefix(f"{of.id}/")
    return found


def frame(rows: Iterable[Mapping[str, Any]], types: Mapping[str, str]) -> pd.DataFrame:
    """Rows as a data frame.

    Args:
        rows: by column; what one lacks is missing.
        types: of the columns, in their order.
    """
    values = tuple(tuple(row.get(name) for name in types) for row in rows)
    return Result(tuple(types), values, tuple(types.values())).to_pandas()


def _ends(of: Study, source: str, target: str) -> dict[str, Any]:
    here = local_id(of.id, source)
    return {"source": here, "target": local_id(of.id, target), "layer": layer_of(here)}
