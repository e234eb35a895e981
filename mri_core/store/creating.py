"""The statements that create what a study owns, and the properties that they set."""

from __future__ import annotations

from typing import NamedTuple

from mri_core.records.graph import Study
from mri_core.store.columns import assigned

EVIDENCE = ("effect", "ci_low", "ci_high", "p", "q", "finding", "name_q", "named_before")
WITHIN = ("within", "within_q")  # within token types
DOCUMENT = ("id", "ordinal", "title", "excerpt", "source_id", "group")
TEXT = (*DOCUMENT, "category")


class Columns(NamedTuple):
    """What each statement sets, in the order of its rows' values: rows are lists, which load faster than maps."""

    layer: tuple[str, ...]
    category: tuple[str, ...]
    region: tuple[str, ...]
    activation: tuple[str, ...]
    connection: tuple[str, ...]


OF_DOCUMENTS = Columns(
    layer=("id", "index", "name", "width", "regions", "documents", "explained_variance"),
    category=("id", "name", "documents"),
    region=(
        "id",
        "layer",
        "name",
        "x",
        "y",
        "documents",
        "entropy",
        "dominant_category",
        "keywords",
        "exemplars",
        "strength_in",
        "strength_out",
        "pagerank",
        "betweenness",
        "community",
        "participation",
        "parting_q",
    ),
    activation=("documents", "share", "lift", *EVIDENCE),
    connection=("category", "weight", "share", "lift", *EVIDENCE, "routing", "routing_q", "stability", "keywords"),
)
OF_TOKENS = Columns(
    layer=(*OF_DOCUMENTS.layer, "tokens"),
    category=(*OF_DOCUMENTS.category, "tokens"),
    region=(*OF_DOCUMENTS.region, "tokens", "contexts"),
    activation=(*OF_DOCUMENTS.activation, "tokens", *WITHIN),
    connection=(*OF_DOCUMENTS.connection, "documents", *WITHIN),
)

DOCUMENTS = f"""
UNWIND $rows AS row
MATCH (c:Category {{llm_mri: true, id: row[0]}})
UNWIND row[1] AS d
CREATE (n:Document {{llm_mri: true, study: $study, category: row[2], {assigned(DOCUMENT, "d")}}})-[:IN_CATEGORY]->(c)
"""

TEXTS = f"""
UNWIND $rows AS d
CREATE (:Document {{llm_mri: true, study: $study, {assigned(TEXT, "d")}}})
"""

IN_CATEGORY = """
UNWIND $rows AS row
MATCH (c:Category {llm_mri: true, id: row[0]})
UNWIND row[1] AS d
MATCH (n:Document {llm_mri: true, id: d[0]})
CREATE (n)-[:IN_CATEGORY {tokens: d[1]}]->(c)
"""

PASSES = """
UNWIND $rows AS row
MATCH (r:Region {llm_mri: true, id: row[0]})
UNWIND row[2] AS d
MATCH (n:Document {llm_mri: true, id: d})
CREATE (n)-[:PASSES {layer: row[1]}]->(r)
"""

PASSES_WITH_MARGINS = """
UNWIND $rows AS row
MATCH (r:Region {llm_mri: true, id: row[0]})
UNWIND row[2] AS d
MATCH (n:Document {llm_mri: true, id: d[0]})
CREATE (n)-[:PASSES {layer: row[1], margin: d[1]}]->(r)
"""

PASSES_OF_TOKENS = PASSES_WITH_MARGINS.replace("margin: d[1]", "tokens: d[1]")


def columns_of(study: Study) -> Columns:
    """What is stored of a study: a scan of tokens has more, and a scan of documents is stored as it always was."""
    return OF_DOCUMENTS if study.unit == "document" else OF_TOKENS


def layers(columns: Columns) -> str:
    """The statement that creates layers."""
    return _parts_of_study("Layer", columns.layer)


def categories(columns: Columns) -> str:
    """The statement that creates categories."""
    return _parts_of_study("Category", columns.category)


def _parts_of_study(label: str, properties: tuple[str, ...]) -> str:
    return f"""
MATCH (s:Study {{llm_mri: true, id: $study}})
UNWIND $rows AS row
CREATE (:{label} {{llm_mri: true, study: $study, {assigned(properties, "row")}}})-[:PART_OF]->(s)
"""


def regions(columns: Columns) -> str:
    """The statement that creates regions, by layer."""
    return f"""
UNWIND $rows AS row
MATCH (l:Layer {{llm_mri: true, id: row[0]}})
UNWIND row[1] AS r
CREATE (:Region {{llm_mri: true, study: $study, {assigned(columns.region, "r")}}})-[:IN_LAYER]->(l)
"""


def activity(columns: Columns) -> str:
    """The statement that joins regions with categories, by region."""
    return f"""
UNWIND $rows AS row
MATCH (r:Region {{llm_mri: true, id: row[0]}})
UNWIND row[1] AS e
MATCH (c:Category {{llm_mri: true, id: e[0]}})
CREATE (r)-[:ACTIVATED_BY {{study: $study, {assigned(columns.activation, "e", first=1)}}}]->(c)
"""


def connections(columns: Columns, kind: str) -> str:
    """The statement that joins regions of neighbouring layers, by the region that is left.

    Args:
        columns: of the study.
        kind: `FLOWS_TO` or `AVOIDS`.
    """
    return f"""
UNWIND $rows AS row
MATCH (s:Region {{llm_mri: true, id: row[0]}})
UNWIND row[1] AS e
MATCH (t:Region {{llm_mri: true, id: e[0]}})
CREATE (s)-[:{kind} {{study: $study, {assigned(columns.connection, "e", first=1)}}}]->(t)
"""
