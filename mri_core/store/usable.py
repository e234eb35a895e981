"""Whether a database can hold a study, given other people's constraints in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mri_core.errors import StoreError
from mri_core.store import schema
from mri_core.store.bolt.driver import Transactions

Constraint = Mapping[str, Any]  # a row of SHOW CONSTRAINTS

# A property has the same type wherever it is set: those not listed are strings.
TYPES = {
    "INTEGER": "seed layers documents documents_stored categories regions connections schema_version revision "
    "resolution batches index width layer ordinal strength_in strength_out community weight controls effect_layer "
    "depth number shared tokens",
    "FLOAT": "x y entropy pagerank betweenness participation parting_q explained_variance probe_full probe_regions "
    "value ci_low ci_high p q name_q share lift effect routing routing_q stability weight causal_q margin "
    "strength control_mean control_max standardised displacement control_displacement probability "
    "probability_p loss loss_p delta jaccard over_chance within within_q",
    "LIST<STRING NOT NULL>": "keywords contexts named_before",
    "LIST<INTEGER NOT NULL>": "exemplars",
    "BOOLEAN": schema.MARK,
}


def check(writer: Transactions, study: str | None) -> None:
    """Make sure that a study can be written, without creating anything.

    Args:
        writer: of the store.
        study: the id of the study that is to be written; None for any, whatever its ids.

    Raises:
        StoreError: another constraint would refuse its nodes or relationships; the error counts the nodes there.
    """
    others = [found for found in constraints(writer) if schema.MARK not in (found["properties"] or ())]
    barring = [found for found in others if bars(found) or (study and _meets(writer, found, study))]
    if barring:
        raise _unusable(writer, barring)


def constraints(writer: Transactions) -> list[Constraint]:
    """The constraints on labels and relationship types that a study has."""
    found = writer.run("SHOW CONSTRAINTS")
    return [row for row in found if any(name in schema.PROPERTIES for name in row["labelsOrTypes"] or ())]


def bars(constraint: Constraint) -> bool:
    """Whether a constraint refuses our nodes or relationships, whatever else the database holds."""
    kind, named = constraint["type"], set(constraint["properties"] or ())
    always, sometimes = (set(part.split()) for part in schema.PROPERTIES[constraint["labelsOrTypes"][0]])
    ours = always | sometimes | {schema.MARK}
    if "KEY" in kind or "PROPERTY_EXISTENCE" in kind:
        if not named <= always | {schema.MARK}:
            return True
        return "KEY" in kind and "id" not in named
    if "UNIQUENESS" in kind:  # without the id, our nodes share values: two studies of a corpus share all titles
        return named <= ours and "id" not in named
    if "PROPERTY_TYPE" in kind:
        return any(not _has_type(name, constraint["propertyType"]) for name in named & ours)
    return True  # a kind from a later server version


def _has_type(name: str, allowed: str) -> bool:
    """Whether all values that a property of ours takes are of a type such as `STRING | INTEGER`."""
    types = {kind for kind, names in TYPES.items() if name in names.split()} or {"STRING"}
    return types <= {part.strip() for part in allowed.split("|")}


def _meets(writer: Transactions, constraint: Constraint, study: str) -> bool:
    """Whether another node has an id that the study needs and that must be unique."""
    if constraint["entityType"] != "NODE" or "id" not in (constraint["properties"] or ()):
        return False
    (found,) = writer.run(
        f"MATCH (n:{constraint['labelsOrTypes'][0]}) "
        "WHERE (n.id = $study OR n.id STARTS WITH $study + '/') AND n.llm_mri IS NULL RETURN count(n) AS n",
        study=study,
    )
    return bool(found["n"])


def _unusable(writer: Transactions, barring: list[Constraint]) -> StoreError:
    first = barring[0]
    label, properties = first["labelsOrTypes"][0], ", ".join(first["properties"] or ())
    if first["entityType"] == "NODE":
        pattern, there, things = f":{label}({properties})", f"MATCH (n:{label}) WHERE n.llm_mri IS NULL", "nodes"
    else:
        pattern, there, things = f"[:{label}]({properties})", f"MATCH ()-[n:{label}]->()", "relationships"
    (counted,) = writer.run(f"{there} RETURN count(n) AS n")
    kind = first["type"].lower().replace("_", " ")
    more = f", and {len(barring) - 1} more such constraints" if len(barring) > 1 else ""
    return StoreError(
        "A study needs a database whose constraints its nodes can meet",
        f"This one has {first['name']!r}, {kind} of {pattern}, and {counted['n']} such {things} of others{more}",
        "Take another database (?database=NAME), another server, or that of docker-compose.yml",
    )
