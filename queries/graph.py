"""The labels, relationship types and properties of the graph, for those who write Cypher.

docs/reference/graph.md says more of each; a test holds the two together.
"""

from __future__ import annotations

from typing import NamedTuple

_EVIDENCE = ("effect", "ci_low", "ci_high", "p", "q", "finding")
_FLOW = ("study", "category", "weight", "share", "lift", *_EVIDENCE, "routing", "routing_q", "stability", "keywords")


class Relationship(NamedTuple):
    """A type of relationship: labels of its ends, and its properties."""

    source: str
    target: str
    properties: tuple[str, ...]


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


NODES = {  # properties by label
    "Study": _names(
        "id name model model_revision corpus corpus_hash site pooling atlas reducer resolution seed layers documents "
        "categories regions connections fdr status owner created_at updated_at revision schema_version software "
        "parameters report"
    ),
    "Layer": _names("id study index name width regions documents explained_variance probe_full probe_regions"),
    "Region": _names(
        "id study layer name x y documents entropy dominant_category keywords exemplars strength_in strength_out "
        "pagerank betweenness community participation parting_q"
    ),
    "Category": _names("id study name documents"),
    "Document": _names("id study ordinal category title excerpt source_id"),
    "Measure": _names("id study kind layer category other value ci_low ci_high p q details"),
}
RELATIONSHIPS = {
    "PART_OF": Relationship("Layer, Category or Measure", "Study", ()),
    "IN_LAYER": Relationship("Region", "Layer", ()),
    "FLOWS_TO": Relationship("Region", "Region of the next layer", _FLOW),
    "AVOIDS": Relationship("Region", "Region of the next layer", _FLOW),
    "ACTIVATED_BY": Relationship("Region", "Category", ("study", "documents", "share", "lift", *_EVIDENCE)),
    "IN_CATEGORY": Relationship("Document", "Category", ()),
    "PASSES": Relationship("Document", "Region", ("layer",)),
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
