"""What a study owns as plain nodes and relationships, part by part, wherever it lies: in a store, or in a file."""

from __future__ import annotations

import json
import re
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from mri_core.errors import StoreError
from mri_core.records.graph import Study
from mri_core.store import document_table, schema
from mri_core.store.reading import ALL, SLOW

if TYPE_CHECKING:
    from mri_core.store.reading import Readable

Properties = Mapping[str, Any]

TEXTS = "texts"  # entry of a study's report
LEFT_OUT = "left out"
SOURCES = ("corpus", "activations", "model")  # parameters that may be paths
DOCUMENTS = 5000  # in one part
ATLAS_PARTS = 16  # in one part: half a mebibyte each
# Of one store, not of the study: who loads it there, and how far that is.
LOADING = ("owner", "updated_at", "status", *schema.LOADING)
ORDER = (schema.STUDY, "Layer", "Category", "Region", "Document", "Intervention", "Measure", "Annotation", "AtlasPart")

NODES = "RETURN properties(n) AS properties"
EDGES = """
MATCH (n)-[e]->(m)
WHERE type(e) IN $types AND m.llm_mri AND any(l IN labels(m) WHERE l IN $labels) AND (m.study = $study OR m.id = $study)
RETURN n.id AS source, $label AS from, type(e) AS type, [l IN labels(m) WHERE l IN $labels][0] AS to, m.id AS target,
       properties(e) AS properties
"""
_DIGITS = re.compile(r"(\d+)")


class Edge(NamedTuple):
    """A relationship: ids and labels of the nodes that it joins, its type and its properties."""

    source: str
    start: str
    type: str
    end: str
    target: str
    properties: Properties


class Contents(Protocol):
    """A study with all it owns. Whatever is read comes in parts, so that no study has to fit into memory."""

    @property
    @abstractmethod
    def study(self) -> Study:
        """The study's own node."""

    @abstractmethod
    def nodes(self, label: str) -> Iterator[list[Properties]]:
        """The properties of all nodes of a label."""

    @abstractmethod
    def edges(self, label: str) -> Iterator[list[Edge]]:
        """All relationships that start at nodes of a label."""

    @abstractmethod
    def total(self) -> int:
        """Number of nodes and relationships, without the study's own node."""

    @abstractmethod
    def write_table(self, target: Path) -> bool:
        """Writes the table of all documents of a study that stores a sample of them; returns whether it is at hand."""

    @abstractmethod
    def check_unchanged(self) -> None:
        """Raises `StoreError` unless what was read since `study` was asked for is of one state of it."""


class StoredContents(Contents):
    """A study in a store, whether it is ready or being loaded; in an order that is the same in every store.

    Args:
        store: that holds it.
        study: as `Store.study` gives it.
    """

    def __init__(self, store: Readable, study: Study) -> None:
        self._store, self._study = store, study

    @property
    def study(self) -> Study:
        """The study's own node."""
        return self._study

    def nodes(self, label: str) -> Iterator[list[Properties]]:
        """The properties of all nodes of a label, by id."""
        for match, values in self._matches(label):
            yield sorted((row[0] for row in self._read(match + NODES, **values)), key=_place_of_node)

    def edges(self, label: str) -> Iterator[list[Edge]]:
        """All relationships that start at nodes of a label, by the ids of their ends."""
        known = {"label": label, "labels": list(schema.LABELS), "types": list(schema.RELATIONSHIPS)}
        for match, values in self._matches(label):
            rows = self._read(match + EDGES, **known, **values)
            yield sorted((Edge(*row) for row in rows), key=_place_of_edge)

    def total(self) -> int:
        """Number of nodes and relationships, without the study's own node."""
        counts = 0
        for label in schema.OWNED:
            match = f"MATCH (n:{label} {{llm_mri: true, study: $study}})"
            for tail in ("RETURN count(n) AS n", "MATCH (n)-[e]->() WHERE type(e) IN $types RETURN count(e) AS n"):
                ((counted,),) = self._read(f"{match} {tail}", types=list(schema.RELATIONSHIPS))
                counts += counted
        return counts

    def write_table(self, target: Path) -> bool:
        """Copies the table that lies beside the store; returns whether it is there and whole."""
        own = self._store.document_table(self._study.id)
        if self._study.documents_stored is None or not document_table.is_whole(own, self._study):
            return False
        document_table.copy(own, target)
        return True

    def check_unchanged(self) -> None:
        """Raises `StoreError` where somebody has deleted the study or added to it since it was asked for."""
        state = "MATCH (s:Study {llm_mri: true, id: $study}) RETURN s.status AS status, s.revision AS revision"
        if self._read(state) != ((self._study.status, self._study.revision),):
            fact = f"{self._study.name} was deleted, or something was added to it, meanwhile"
            raise StoreError("A study is read in one state", fact, "Run the same command again")

    def _matches(self, label: str) -> Iterator[tuple[str, dict[str, int]]]:
        """The patterns that match the nodes of a label, in parts: regions by layer, documents in thousands."""
        if label == schema.STUDY:
            yield "MATCH (n:Study {llm_mri: true, id: $study}) ", {}
        elif label == "Region":
            for layer in range(self._study.layers):
                yield "MATCH (n:Region {llm_mri: true, study: $study, layer: $layer}) ", {"layer": layer}
        elif label == "Document":
            yield from self._ranges(label, "ordinal", self._texts_at_once())
        elif label == "AtlasPart":
            yield from self._ranges(label, "number", ATLAS_PARTS)
        else:
            yield f"MATCH (n:{label} {{llm_mri: true, study: $study}}) ", {}

    def _texts_at_once(self) -> int:
        """A text of a scan of tokens has as many relationships as its tokens are in regions, not one a layer."""
        study = self._study
        return DOCUMENTS if not study.tokens else max(1, DOCUMENTS * study.documents // study.tokens)

    def _ranges(self, label: str, numbered: str, size: int) -> Iterator[tuple[str, dict[str, int]]]:
        match = f"MATCH (n:{label} {{llm_mri: true, study: $study}}) "
        ((last,),) = self._read(f"{match}RETURN max(n.{numbered}) AS last")
        for first in range(0, 0 if last is None else last + 1, size):
            within = f"WHERE n.{numbered} >= $first AND n.{numbered} < $last "
            yield match + within, {"first": first, "last": first + size}

    def _read(self, statement: str, **values: Any) -> tuple[tuple[Any, ...], ...]:
        parameters = {"study": self._study.id, **values}
        return self._store.read(statement, parameters, timeout=SLOW, max_rows=ALL).rows


def without_texts(study: Study) -> bool:
    """Whether a study was given away without its texts."""
    return bool(json.loads(study.report).get(TEXTS) == LEFT_OUT)


def without_folders(parameters: str) -> str:
    """A study's settings with names of files and folders in place of their paths, of whatever system."""
    known = json.loads(parameters)
    for name in SOURCES:
        if isinstance(source := known.get(name), str):
            known[name] = without_folder(source)
    return json.dumps(known, sort_keys=True, ensure_ascii=False)


def without_folder(source: str) -> str:
    """A corpus or model by the name of its file or folder alone; a name on the hub, which is no path, as it is."""
    is_absolute = PurePosixPath(source).is_absolute() or PureWindowsPath(source).is_absolute()
    return PureWindowsPath(PurePosixPath(source).name).name if is_absolute or source.startswith("~") else source


def canonical(properties: Properties) -> str:
    """Properties as JSON, equal for equal ones."""
    return json.dumps(properties, sort_keys=True, ensure_ascii=False)


def _place_of_node(properties: Properties) -> list[str | int]:
    return _natural(str(properties.get("id")))


def _place_of_edge(edge: Edge) -> tuple[Any, ...]:
    return _natural(edge.source), edge.type, _natural(edge.target), canonical(edge.properties)


def _natural(text: str) -> list[str | int]:
    """A key by which `R2` comes before `R10`."""
    return [int(part) if part.isdecimal() else part for part in _DIGITS.split(text)]
