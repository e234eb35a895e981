"""Checksums of a study, which show whether two are equal, wherever they lie."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from mri_core.records.graph import Study
from mri_core.store import schema
from mri_core.store.contents import Contents, Edge, Properties, StoredContents, canonical, without_folders

if TYPE_CHECKING:
    from mri_core.store.store import Store

# Provenance and loading state, which are not content. What may be added later, as measures are, is compared separately.
MAKING = ("owner", "updated_at", "created_at", "software", "status", "batches", "taken_at", "revision")
# Earlier versions stored neither; and the atlas of one study differs by rounding from machine to machine.
HASHES = ("atlas_hash", "documents_hash")
STORED = (schema.MARK, "schema_version")  # by which version of the schema
LATER_FACTS = ("groups",)  # of a study's report: earlier versions stored none of the same study
MEASURED = ("probe_full", "probe_regions", "stability", "causal_q")
# Of labels of what may be added later, the sum that they go into.
PARTS = {"Measure": "measured", "Intervention": "tried", "AtlasPart": "atlas", "Annotation": "named"}
CONTENT = tuple(label for label in schema.LABELS if label not in PARTS)


class Sums(NamedTuple):
    """SHA-256 over the parts of a study, in hexadecimal digits: 64 zeros of what it does not have.

    Attributes:
        content: all that never changes: nodes and relationships with their properties, but for who made and loaded
            the study, and when, the folders of the files that it was made of, what earlier versions did not report of
            it, and labels and relationships that somebody added to it.
        measured: its measures, and the stability of its findings.
        tried: its interventions with what they change, and their q on connections.
        atlas: the parts of its atlas.
        named: the names and notes that readers gave to its regions.
    """

    content: str
    measured: str
    tried: str
    atlas: str
    named: str


class Tally:
    """Sums up what a study owns as it passes. Each part is hashed by itself, so that their order does not matter."""

    def __init__(self) -> None:
        self._totals = dict.fromkeys(Sums._fields, 0)

    def node(self, label: str, properties: Properties) -> None:
        """Takes a node in."""
        if label in CONTENT:
            self._add("content", [label, _content(label, properties)])
        else:
            part = PARTS[label]
            self._add(part, [label, dict(properties)])

    def edge(self, edge: Edge) -> None:
        """Takes a relationship in."""
        *ends, properties = edge
        if edge.start in CONTENT and edge.end in CONTENT:
            self._add("content", [*ends, _lasting(properties)])
        elif edge.type == "CHANGES":
            self._add("tried", [*ends, dict(properties)])
        for name, part in (("stability", "measured"), ("causal_q", "tried")):
            if (value := properties.get(name)) is not None:
                self._add(part, [edge.source, edge.target, properties.get("category"), name, value])

    def sums(self) -> Sums:
        """What has been summed up."""
        return Sums(**{part: f"{total % 2**256:064x}" for part, total in self._totals.items()})

    def _add(self, part: str, value: Any) -> None:
        self._totals[part] += _number(value)


def checksum(store: Store, study: Study) -> str:
    """SHA-256 over everything that a study owns and that never changes, as `Sums.content` describes it."""
    return sums(StoredContents(store, study)).content


def as_earlier(content: str, study: Properties) -> str:
    """The checksum that earlier versions gave a study, which took the folders of its files in.

    Args:
        content: the study's, as `Sums` has it.
        study: the properties of its node, in which alone the two differ.
    """
    own, earlier = (_number([schema.STUDY, node]) for node in (_content(schema.STUDY, study), _lasting(study)))
    return f"{(int(content, 16) - own + earlier) % 2**256:064x}"


def sums(contents: Contents) -> Sums:
    """The checksums of a study, wherever it lies."""
    tally = Tally()
    for label in schema.LABELS:
        for part in contents.nodes(label):
            for properties in part:
                tally.node(label, properties)
    for label in schema.OWNED:
        for edges in contents.edges(label):
            for edge in edges:
                tally.edge(edge)
    return tally.sums()


def _lasting(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if name not in (*MAKING, *HASHES, *STORED, *MEASURED)}


def _content(label: str, properties: Properties) -> dict[str, Any]:
    """What never changes of a node. In which folder a file lay is of the machine, and not of the study."""
    lasting = _lasting(properties)
    if label == schema.STUDY:
        report = {name: fact for name, fact in json.loads(lasting["report"]).items() if name not in LATER_FACTS}
        lasting["report"] = json.dumps(report, sort_keys=True, ensure_ascii=False)
        lasting["parameters"] = without_folders(lasting["parameters"])
    return lasting


def _number(value: Any) -> int:
    return int.from_bytes(hashlib.sha256(canonical(value).encode()).digest(), "big")
