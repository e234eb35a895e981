"""Labels, unique constraints and indexes of the study graph, and the schema's version.

Labels such as `Document` are common, and a database may hold other people's. Every node of ours has the property
`llm_mri`, and everything that reads, writes or deletes matches on it. Every constraint and index of ours includes it,
so that they do not apply to nodes without it, and do not conflict with other people's index on `:Document(id)`.
The property is the same in every version of the schema: an older version must see a newer one's studies, to leave
their names and ids alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mri_core.errors import StoreError
from mri_core.records.graph import SCHEMA_VERSION, Unit
from mri_core.store.bolt.driver import Transactions

MARK = "llm_mri"  # true on every node of ours; in patterns it is written out: `{llm_mri: true, …}`
STUDY = "Study"
# in the order in which they are deleted
OWNED = ("Annotation", "Document", "Intervention", "Region", "Category", "Layer", "Measure", "AtlasPart")
LABELS = (STUDY, *OWNED)
UPGRADE = "Upgrade with `pip install --upgrade llm-mri-graph`"  # the remedy where a later version made something
UPGRADED = (2,)  # versions whose studies `mri store upgrade` makes readable
# What a study owns; `MATCHES` joins two studies, and goes with either.
RELATIONSHIPS = (
    "PART_OF",
    "IN_LAYER",
    "FLOWS_TO",
    "AVOIDS",
    "ACTIVATED_BY",
    "IN_CATEGORY",
    "PASSES",
    "OF",
    "CHANGES",
    "ANNOTATES",
)
# Of each label and relationship type the properties that are always set, and those that may be absent.
_TESTED = "effect ci_low ci_high p q finding name_q named_before"
_WITHIN = "within within_q"
_CONNECTION = (
    "study category weight",
    f"share lift {_TESTED} routing routing_q stability keywords causal_q documents {_WITHIN}",
)
PROPERTIES = {
    "Study": (
        "id name model model_revision corpus corpus_hash site pooling atlas seed layers documents categories regions "
        "connections schema_version software created_at parameters report status owner updated_at revision",
        "reducer resolution fdr atlas_hash atlas_of documents_hash documents_stored tokens batches taken_at",
    ),
    "Layer": ("id study index name width regions documents", "explained_variance probe_full probe_regions tokens"),
    "Category": ("id study name documents", "tokens"),
    "Region": (
        "id study layer name x keywords exemplars",
        "y documents entropy dominant_category strength_in strength_out pagerank betweenness community participation "
        "parting_q tokens contexts",
    ),
    "Document": ("id study ordinal title excerpt", "category source_id group"),
    "Measure": ("id study kind details", "layer category other value ci_low ci_high p q"),
    "AtlasPart": ("id study number data", ""),
    "Intervention": (
        "id study operation region layer strength documents controls seed displacement control_displacement details",
        "source target towards category effect effect_layer ci_low ci_high control_mean control_max standardised p q "
        "depth probability probability_p loss loss_p",
    ),
    "Annotation": ("id study region changed_at", "name note"),
    "PART_OF": ("", ""),
    "IN_LAYER": ("", ""),
    "IN_CATEGORY": ("", "tokens"),
    "FLOWS_TO": _CONNECTION,
    "AVOIDS": _CONNECTION,
    "ACTIVATED_BY": ("study documents share lift", f"{_TESTED} tokens {_WITHIN}"),
    "PASSES": ("layer", "margin tokens"),
    "OF": ("", ""),
    "CHANGES": ("layer delta ci_low ci_high control_mean control_max p q", ""),
    "ANNOTATES": ("", ""),
    "MATCHES": ("study other shared jaccard over_chance", ""),
}
# What is always set besides, by the unit of the study.
_ALWAYS = {
    "document": {"Document": "category"},
    "token": dict.fromkeys(("Layer", "Category", "ACTIVATED_BY", "IN_CATEGORY", "PASSES"), "tokens"),
}
LOADING = ("batches", "taken_at")  # of a `Study` while it is loaded: its progress, and since when


def required(kind: str, unit: Unit) -> list[str]:
    """The properties that are always set.

    Args:
        kind: label or relationship type.
        unit: of the study.
    """
    return f"{PROPERTIES[kind][0]} {_ALWAYS[unit].get(kind, '')}".split()


def statements() -> list[str]:
    """Every statement that the schema consists of; each may be run again."""
    unique = [f"CREATE CONSTRAINT IF NOT EXISTS FOR (n:{label}) REQUIRE (n.id, n.{MARK}) IS UNIQUE" for label in LABELS]
    owned = [f"CREATE INDEX IF NOT EXISTS FOR (n:{label}) ON (n.study, n.{MARK})" for label in OWNED]
    return [*unique, f"CREATE INDEX IF NOT EXISTS FOR (n:{STUDY}) ON (n.name, n.{MARK})", *owned]


def create(writer: Transactions) -> None:
    """Make the constraints and indexes that are not there yet."""
    for statement in statements():
        writer.run(statement)


def is_current(study: Mapping[str, Any]) -> bool:
    """Whether this version's schema describes a study.

    Args:
        study: the properties of its node.
    """
    return study.get("schema_version") == SCHEMA_VERSION


def upgraded_line(name: str) -> str:
    """The note on a study that was upgraded automatically."""
    return f"{name}, a study of an older version, was made one of this version's schema."


def wrong_version(study: Mapping[str, Any]) -> StoreError:
    """The error for a study of another version's schema, with its remedy."""
    version = study.get("schema_version") or 0
    made = f"{study.get('software') or 'another version'} made {study['name']!r} with schema {version}"
    if study.get(MARK) is None and version in UPGRADED:
        remedy = "Run `mri store upgrade`: it scans nothing again"
    elif version > SCHEMA_VERSION:
        remedy = UPGRADE
    else:
        remedy = "Scan it again with `mri ingest … --replace`: its parameters are on its Study node"
    return StoreError(f"This version reads studies of schema {SCHEMA_VERSION}", made, remedy)
