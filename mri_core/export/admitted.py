"""What a bundle may bring into a store: nodes and relationships of its own study, as a scan makes them."""

from __future__ import annotations

import math
from collections.abc import Collection
from contextlib import suppress
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from mri_core.errors import StoreError, UsageError
from mri_core.records.annotations import stored_name, stored_note
from mri_core.records.graph import Study
from mri_core.records.ids import annotation_id, local_id
from mri_core.store import schema
from mri_core.store.contents import LOADING, Edge, Properties

MANIFEST = "manifest.json"
MOST_DOCUMENTS, MOST_LAYERS = 10**9, 100_000  # of a study: a store is read by ranges of these
LONGEST_ID = 4_000  # characters
PLACES = {"Layer": "index", "Region": "layer", "Document": "ordinal", "AtlasPart": "number"}  # counted from 0


class Admission:
    """Checks what a bundle holds.

    Args:
        study: its own.
        nodes: number of nodes of each label, as its manifest has them.

    Raises:
        ValueError: the study has other layers than the bundle, or more of anything than any study.
    """

    def __init__(self, study: Study, nodes: dict[str, int]) -> None:
        self._study = study
        if study.layers != nodes.get("Layer") or study.layers > MOST_LAYERS or study.documents > MOST_DOCUMENTS:
            raise ValueError(f"{study.id} has other layers or documents than the bundle")
        parts = nodes.get("AtlasPart", 0)
        self._most = {"Layer": study.layers, "Region": study.layers, "Document": study.documents, "AtlasPart": parts}

    def node(self, label: str, value: Any) -> Properties:
        """The properties of a node; raises `ValueError` for those of another study, or that no scan makes."""
        ours = isinstance(value, dict) and value.get(schema.MARK) is True and value.get("study") == self._study.id
        if not ours or not self._owns(value.get("id")) or not all(map(_is_value, value.values())):
            raise ValueError(f"a node is not one of {self._study.id}")
        self._check_properties(label, value)
        if label == "Annotation" and not self._is_annotation(value):
            raise ValueError("a name or note is none that a reader could give")
        if label in PLACES:
            place = value[PLACES[label]]
            if not _is_whole_number(place) or not 0 <= place < self._most[label]:
                raise ValueError(f"a node has {PLACES[label]} {place!r}")
        return dict(value)

    def edge(self, label: str, value: Any) -> Edge:
        """A relationship that starts at a node of a label; raises `ValueError` likewise."""
        if not isinstance(value, list) or len(value) != len(Edge._fields):
            raise ValueError("a relationship has two ends, a type and properties")
        edge = Edge(*value)
        known = edge.start == label and edge.type in schema.RELATIONSHIPS and edge.end in schema.LABELS
        ours = self._owns(edge.source) and (edge.target == self._study.id or self._owns(edge.target))
        if not known or not ours or not isinstance(edge.properties, dict):
            raise ValueError(f"a relationship is not one of {self._study.id}")
        if not all(map(_is_value, edge.properties.values())):
            raise ValueError("a relationship has properties that no store holds")
        self._check_properties(edge.type, edge.properties)
        if edge.type == "ANNOTATES" and edge.source != annotation_id(self._study.id, self._local(edge.target)):
            raise ValueError("a name or note is that of another region")
        return edge

    def _check_properties(self, kind: str, properties: Properties) -> None:
        """Raises `ValueError` where one lacks what a scan of its unit sets, or counts tokens by what is no count."""
        required = schema.required(kind, self._study.unit)
        if lacking := [name for name in required if properties.get(name) is None]:
            raise ValueError(f"one of {kind} has no {', '.join(lacking)}")
        tokens, contexts = properties.get("tokens", 0), properties.get("contexts", [])
        if not _is_whole_number(tokens) or tokens < 0:
            raise ValueError(f"one of {kind} has {tokens!r} tokens")
        if not isinstance(contexts, list) or not all(isinstance(context, str) for context in contexts):
            raise ValueError("the contexts of a region are no texts")

    def _is_annotation(self, value: dict[str, Any]) -> bool:
        """Whether its texts are such as are stored, and its id that of its region."""
        texts = [value["region"], value["changed_at"], value.get("name", ""), value.get("note", "")]
        if not all(isinstance(text, str) for text in texts):
            return False
        region, changed_at, name, note = texts
        with suppress(UsageError, ValueError):
            stored = (stored_name(name), stored_note(note)) == (name, note)
            stored = stored and datetime.fromisoformat(changed_at).utcoffset() == timedelta()  # the later one stays
            return stored and bool(name or note) and value["id"] == annotation_id(self._study.id, region)
        return False

    def _local(self, key: str) -> str:
        return local_id(self._study.id, key)

    def _owns(self, key: Any) -> bool:
        ours = isinstance(key, str) and key.startswith(f"{self._study.id}/")
        return ours and len(key) <= LONGEST_ID and _is_value(key)


def check_members(
    there: Collection[str], listed: Collection[str], needed: Collection[str], optional: Collection[str]
) -> None:
    """Checks which members an archive has.

    Args:
        there: their names, in the archive.
        listed: those that its manifest lists.
        needed: those that every bundle has.
        optional: those that some have.

    Raises:
        ValueError: it lacks one, has one twice, or has one that is neither listed nor a bundle's.
    """
    if lacking := sorted({MANIFEST, *needed, *listed} - {*there}):
        raise ValueError(f"it lacks {lacking[0]}")
    if foreign := sorted({*there, *listed} - {MANIFEST, *needed, *optional}) or sorted({*there} - {MANIFEST, *listed}):
        raise ValueError(f"it also holds {foreign[0]}, which is no part of a study")
    if len(there) != len({*there}):
        raise ValueError("it holds a member twice")


def check_types(properties: Properties, rule: str, fact: str, remedy: str) -> None:
    """Raises `StoreError` of this rule, fact and remedy for a study whose properties are of other types."""
    kinds = {"str": str, "int": int}
    for field in fields(Study):
        value, (kind, *optional) = properties.get(field.name), str(field.type).split(" | ")
        if value is None and (optional or field.name in LOADING):
            continue
        if not isinstance(value, kinds.get(kind, object)) or isinstance(value, bool) or not _is_value(value):
            raise StoreError(rule, fact, remedy)


def _is_value(value: Any) -> bool:
    """Whether a store can hold it as a property."""
    if isinstance(value, list):
        return all(isinstance(item, str | bool | int | float) and _is_value(item) for item in value)
    if isinstance(value, str):
        return value.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in value)
    if isinstance(value, int):
        return abs(value) < 2**63
    return isinstance(value, float) and math.isfinite(value)


def _is_whole_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
