"""What is asked of a study's regions, connections or findings, as codes of its atlas."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import NamedTuple

import numpy as np

from mri_core.atlas.fitting import region_name
from mri_core.errors import UsageError, unknown_name
from mri_core.interventions.subjects import Asked
from mri_core.records.arrays import AtlasSpec
from mri_core.records.graph import Study
from mri_core.records.ids import layer_of, local_id
from mri_core.store.reading import ALL, SLOW, Readable

LARGEST = "largest"  # other region of the layer, as a swap's
REGION = re.compile(r"L\d+/R[^/>]+")
REGIONS = """
MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(:Layer)<-[:IN_LAYER]-(r:Region)
RETURN r.id AS id, r.dominant_category AS category, r.documents AS documents
"""
# Findings of one category on a connection that it takes more, the most stable first; of equal ones the surest.
FOUND = """
MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(:Layer)<-[:IN_LAYER]-(s:Region)
MATCH (s)-[e:FLOWS_TO {finding: 'more'}]->(t:Region)
RETURN s.id AS source, t.id AS target, e.category AS category, e.stability AS stability, e.ci_low AS nearer,
       s.layer AS layer
ORDER BY coalesce(stability, -1) DESC, coalesce(nearer, -1e6) DESC, layer, source, target, category
"""


@dataclass(frozen=True)
class Operation:
    """How states are changed.

    Attributes:
        name: `add`, `erase` or `swap`.
        strength: of the push.
        other: of a swap the other region, `L4/R3`, or `LARGEST`; else None.
    """

    name: str
    strength: float = 1.0
    other: str | None = None


@dataclass(frozen=True)
class Wanted:
    """What is to be tried, by each of the operations.

    Attributes:
        operations: at least one.
        regions: `L4/R10` each.
        connections: `L4/R10>L5/R8` each.
        findings: so many of the most stable ones.
    """

    operations: tuple[Operation, ...]
    regions: tuple[str, ...] = ()
    connections: tuple[str, ...] = ()
    findings: int = 0


def wanted_of(
    regions: Sequence[str] = (),
    connections: Sequence[str] = (),
    findings: int = 0,
    adds: Sequence[float] = (),
    swaps: Sequence[str] = (),
    *,
    erase: bool = False,
) -> Wanted:
    """What a user asks for; without any operation the directions are erased.

    Args:
        regions, connections, findings: as of `Wanted`.
        adds: strengths with which directions are added.
        swaps: other regions of swaps.
        erase: directions are erased, whatever else is done.

    Raises:
        UsageError: nothing is to be tried, or with no strength.
    """
    if not regions and not connections and findings < 1:
        remedy = "Name a --region, a --connection, or a number of --findings"
        raise UsageError("An intervention is on a region, a connection or a finding", "None is named", remedy)
    for strength in adds:
        if not isfinite(strength) or strength == 0:
            rule = "A strength is a number other than 0"
            raise UsageError(rule, f"--add is {strength:g}", "1 is the whole difference of means")
    operations = [Operation("add", strength) for strength in adds]
    operations += [Operation("erase")] if erase or not (adds or swaps) else []
    operations += [Operation("swap", other=other) for other in swaps]
    return Wanted(tuple(operations), tuple(regions), tuple(connections), findings)


class Layers(NamedTuple):
    """The layers that a study's interventions can be read in.

    Attributes:
        spec: of the atlas.
        codes: (documents, layers) region of each document.
        first_counted: from how many layers on an effect counts.
    """

    spec: AtlasSpec
    codes: np.ndarray
    first_counted: int


class Named(NamedTuple):
    """One thing to be tried, by names.

    Attributes:
        operation: what is done.
        region, towards: `L4/R10`, and the region of the next layer, if a connection is asked about.
        other: a swap's other region; None for other operations.
        category: whose probability is read.
    """

    operation: Operation
    region: str
    towards: str | None
    other: str | None
    category: str | None


def subjects_of(store: Readable, study: Study, wanted: Wanted, first_counted: int) -> list[Named]:
    """What is wanted of a study, each once, in order.

    Args:
        store: that holds the study.
        study: a ready one.
        wanted: by a user.
        first_counted: from how many layers on an effect counts.

    Raises:
        UsageError: the study has no such region, connection or finding, or a swap's region is in another layer.
    """
    regions = _Regions(store, study)
    subjects: list[tuple[str, str | None, str | None]] = [(region, None, None) for region in wanted.regions]
    subjects += [(*ends_of(connection), None) for connection in wanted.connections]
    subjects += list(_findings(store, study, wanted.findings, study.layers - 1 - first_counted))
    found: dict[tuple[object, ...], Named] = {}
    for region, towards, category in subjects:
        for name in filter(None, (region, towards)):
            regions.check(name)
        _check_layer(region, study.layers - 1, first_counted)
        for operation in wanted.operations:
            other = None if operation.other is None else regions.other(region, operation.other)
            named = Named(operation, region, towards, other, category or regions.category(region))
            found.setdefault(named[:-1], named)  # a record's key does not know the category
    return list(found.values())


def _check_layer(region: str, last: int, first_counted: int) -> None:
    layer = layer_of(region)
    if layer + first_counted > last:
        after = "the layer after the next" if first_counted > 1 else "the next layer"
        fact = f"{region} is in layer {layer} of {last}"
        remedy = f"Take a region of layer {last - first_counted} or before" if last >= first_counted else ""
        raise UsageError(f"An effect of an intervention counts from {after} on", fact, remedy)


def encoded(named: Sequence[Named], layers: Layers, categories: Sequence[str]) -> list[Asked]:
    """The same by codes.

    Args:
        named: of the study.
        layers: of the study.
        categories: of the study, in order.
    """
    codes = {
        f"L{layer}/R{region_name(layers.spec, code)}": code
        for layer, column in enumerate(layers.codes.T)
        for code in np.unique(column).tolist()
    }
    return [
        Asked(
            one.operation.name,
            layer_of(one.region),
            codes[one.region],
            None if one.towards is None else codes[one.towards],
            None if one.other is None else codes[one.other],
            categories.index(one.category) if one.category in categories else None,
            one.operation.strength,
        )
        for one in named
    ]


class _Regions:
    """The regions of a study by their ids within it."""

    def __init__(self, store: Readable, study: Study) -> None:
        rows = store.read(REGIONS, {"study": study.id}, timeout=SLOW, max_rows=ALL).rows
        self._category = {local_id(study.id, key): category for key, category, _ in rows}
        self._documents = {local_id(study.id, key): documents or 0 for key, _, documents in rows}
        self._study = study

    def check(self, region: str) -> None:
        if region not in self._category:
            raise unknown_name(f"region of {self._study.name}", region, self._category, "Look: mri query regions")

    def category(self, region: str) -> str | None:
        return self._category[region]

    def other(self, region: str, other: str) -> str:
        """A swap's other region, in the same layer."""
        layer = layer_of(region)
        if other == LARGEST:
            sizes = {one: size for one, size in self._documents.items() if layer_of(one) == layer and one != region}
            if not sizes:
                raise UsageError("A swap is between two regions of a layer", f"Layer {layer} has {region} alone")
            return max(sizes, key=lambda one: (sizes[one], one))
        if not other.startswith("L"):
            other = f"L{layer}/{other if other.startswith('R') else f'R{other}'}"
        self.check(other)
        if layer_of(other) != layer or other == region:
            raise UsageError("A swap is between two regions of a layer", f"{region} and {other} are not")
        return other


def ends_of(connection: str) -> tuple[str, str]:
    """The regions of a connection such as `L4/R10>L5/R8`; raises `UsageError` if it is none."""
    source, arrow, target = (part.strip() for part in connection.partition(">"))
    if not (
        arrow and REGION.fullmatch(source) and REGION.fullmatch(target) and layer_of(target) == layer_of(source) + 1
    ):
        rule = "A connection is named by its regions of two neighbouring layers, such as 'L4/R10>L5/R8'"
        raise UsageError(rule, f"{connection!r} is not", "Look: mri query findings")
    return source, target


def _findings(store: Readable, study: Study, count: int, last: int) -> Iterator[tuple[str, str, str]]:
    """Source, target and category of the most stable findings, a connection each, that leave a layer up to the last."""
    if not count:
        return
    rows = store.read(FOUND, {"study": study.id}, timeout=SLOW, max_rows=ALL).rows
    seen = set[tuple[str, str]]()
    for source, target, category, _, _, layer in rows:
        if layer <= last and (source, target) not in seen and len(seen) < count:
            seen.add((source, target))
            yield local_id(study.id, source), local_id(study.id, target), category
    if not seen:
        fact = f"{study.name} has none that a category takes more and that a layer follows in which an effect counts"
        raise UsageError("--findings tries connections that were found", fact, "Name a --region")
