"""The labels, relationship types and properties of the graph, for those who write Cypher.

docs/reference/graph.md says more of each; a test holds the two together.
"""

from __future__ import annotations

from typing import NamedTuple

from mri_core.store.schema import LOADING, PROPERTIES


class Relationship(NamedTuple):
    """A type of relationship: labels of its ends, and its properties."""

    source: str
    target: str
    properties: tuple[str, ...]


def _properties(name: str) -> tuple[str, ...]:
    """The properties of a label or relationship type, those that are always set first."""
    always, sometimes = PROPERTIES[name]
    return tuple(each for each in f"{always} {sometimes}".split() if each not in LOADING)


LABELS = ("Study", "Layer", "Region", "Category", "Document", "Measure", "AtlasPart", "Intervention", "Annotation")
NODES = {label: _properties(label) for label in LABELS}
RELATIONSHIPS = {
    name: Relationship(source, target, _properties(name))
    for name, source, target in (
        ("PART_OF", "Layer, Category, Measure, Intervention or Annotation", "Study"),
        ("IN_LAYER", "Region", "Layer"),
        ("FLOWS_TO", "Region", "Region of the next layer"),
        ("AVOIDS", "Region", "Region of the next layer"),
        ("ACTIVATED_BY", "Region", "Category"),
        ("IN_CATEGORY", "Document", "Category"),
        ("PASSES", "Document", "Region"),
        ("OF", "Intervention", "Region"),
        ("CHANGES", "Intervention", "Region"),
        ("ANNOTATES", "Annotation", "Region"),
        ("MATCHES", "Region", "Region of another study"),
    )
}
EXAMPLES = {  # statements about one study, by what they give
    "the largest regions": """\
MATCH (:Study {id: $study, llm_mri: true})<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(r:Region)
RETURN l.name AS layer, r.name AS region, r.documents AS documents, r.keywords AS words
ORDER BY documents DESC, l.index, region LIMIT 20""",
    "connections that are findings, drawn as a graph": """\
MATCH (s:Region {study: $study, llm_mri: true})-[e:FLOWS_TO]->(t:Region)
WHERE e.finding IS NOT NULL
RETURN s.id AS source, t.id AS target, e.category AS category, e.finding AS finding, e.effect AS effect, e.q AS q
ORDER BY q, source, target, category LIMIT 50""",
    "the path of one document": """\
MATCH (d:Document {study: $study, llm_mri: true, ordinal: 0})-[p:PASSES]->(r:Region)
RETURN p.layer AS layer, r.id AS region, r.keywords AS words ORDER BY layer""",
    "what was measured": """\
MATCH (:Study {id: $study, llm_mri: true})<-[:PART_OF]-(m:Measure)
RETURN m.kind AS kind, count(*) AS measures ORDER BY kind""",
}
