"""Copies studies into stores, from another store or a file, and the checksum that shows whether two are equal."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from mri_core.errors import StoreError
from mri_core.records.annotations import Annotation
from mri_core.records.graph import Study
from mri_core.records.measures import Measure
from mri_core.records.table import Table
from mri_core.store import atlases, document_table, interventions, measuring, naming, schema
from mri_core.store.contents import (
    Contents,
    Edge,
    Properties,
    StoredContents,
    canonical,
    without_folders,
    without_texts,
)
from mri_core.store.rows import BATCH, Batch

if TYPE_CHECKING:
    from mri_core.records.interventions import Intervention
    from mri_core.store.store import Store

# Provenance and loading state, which are not content. What may be added later, as measures are, is compared separately.
MAKING = ("owner", "updated_at", "created_at", "software", "status", "batches", "taken_at", "revision")
# Earlier versions stored neither; and the atlas of one study differs by rounding from machine to machine.
HASHES = ("atlas_hash", "documents_hash")
STORED = (schema.MARK, "schema_version")  # by which version of the schema
MEASURED = ("probe_full", "probe_regions", "stability", "causal_q")
# Of labels of what may be added later, the sum that they go into.
PARTS = {"Measure": "measured", "Intervention": "tried", "AtlasPart": "atlas", "Annotation": "named"}
CONTENT = tuple(label for label in schema.LABELS if label not in PARTS)


class Copied(NamedTuple):
    """The result of a copy: "unchanged" if the target had the same study already."""

    status: Literal["ready", "unchanged"]
    checksum: str


class Sums(NamedTuple):
    """SHA-256 over the parts of a study, in hexadecimal digits: 64 zeros of what it does not have.

    Attributes:
        content: all that never changes: nodes and relationships with their properties, but for who made and loaded
            the study, and when, the folders of the files that it was made of, and labels and relationships that
            somebody added to it.
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
        digest = hashlib.sha256(canonical(value).encode()).digest()
        self._totals[part] += int.from_bytes(digest, "big")


def copy(
    source: Store,
    target: Store,
    study: Study,
    *,
    replace: bool = False,
    progress: Callable[[int, int], None] | None = None,
    notify: Callable[[str], None] | None = None,
) -> Copied:
    """Write a study of one store to another, and check that both are equal.

    Args:
        source: the store that has the study.
        target: the store that is to have it too.
        study: the study, as `Store.study` gives it.
        replace, progress, notify: as in `Store.write`.

    Raises:
        StoreError: as `Store.write`; or the copy differs from the original, and never becomes ready.
    """
    return bring(StoredContents(source, study), target, replace=replace, progress=progress, notify=notify)


def bring(
    contents: Contents,
    target: Store,
    *,
    original: Sums | None = None,
    replace: bool = False,
    progress: Callable[[int, int], None] | None = None,
    notify: Callable[[str], None] | None = None,
) -> Copied:
    """Write a study to a store, wherever it comes from, and check that what arrived is equal; see `copy`.

    `original` has its checksums where they are known already.
    """
    study, original, note = contents.study, original or sums(contents), notify or (lambda line: None)
    arrived = StoredContents(target, study)

    def verify() -> None:
        _bring_table(contents, target, note)
        if sums(arrived) != original:
            raise StoreError(
                "A copy holds what its original holds",
                f"What arrived of {study.id} has another checksum, and is removed",
                "Copy again",
            )

    batches = _batches(contents)
    status = target.load(
        study, batches, contents.total(), replace=replace, progress=progress, notify=notify, verify=verify
    )
    if status == "unchanged":
        _complete(contents, original, target, note)
    return Copied(status, original.content)


def checksum(store: Store, study: Study) -> str:
    """SHA-256 over everything that a study owns and that never changes, as `Sums.content` describes it."""
    return sums(StoredContents(store, study)).content


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
        lasting["parameters"] = without_folders(lasting["parameters"])
    return lasting


def _complete(contents: Contents, original: Sums, target: Store, notify: Callable[[str], None]) -> None:
    """Adds to a study that is there already what it lacks of measures, interventions and the atlas."""
    study = contents.study
    there = sums(StoredContents(target, study))
    if there.content != original.content and without_texts(study) != without_texts(target.study(study.id)):
        raise _other_texts(study)
    if there.content != original.content:
        raise StoreError(
            "A study is the same in every store",
            f"{study.id} is there already, with another checksum: somebody changed one of the two",
            "Compare them, and delete the one that is wrong",
        )
    if there.measured != original.measured and (measures := _measures(contents)):
        target.add_measures(study, measures, _stable(contents))
    if there.tried != original.tried:
        known = target.interventions(study)
        if missing := [each for each in _interventions(contents) if each not in known]:
            target.add_interventions(study, missing)
    if there.named != original.named:
        _complete_names(contents, target, notify)
    if there.atlas != original.atlas:
        _complete_atlas(contents, target, notify)
    _bring_table(contents, target, notify)


def _other_texts(study: Study) -> StoreError:
    """The error of a study that comes with its texts where it is without them, or the other way round."""
    here, coming = ("with", "without") if without_texts(study) else ("without", "with")
    return StoreError(
        "A store has a study with its texts or without them",
        f"{study.name} ({study.id}) is there already {here} its texts, and comes {coming} them",
        f"Delete it first (mri delete {study.name}), or take another store",
    )


def _bring_table(contents: Contents, target: Store, notify: Callable[[str], None]) -> None:
    """Brings the table of all documents of a study that stores a sample of them, unless it is there."""
    study = contents.study
    if study.documents_stored is None:
        return
    there = target.document_table(study.id)
    if not document_table.is_whole(there, study) and not contents.write_table(there):
        notify(f"{study.stored}: the file of all documents is not at hand, and is not copied.")


def _complete_atlas(contents: Contents, target: Store, notify: Callable[[str], None]) -> None:
    """Adds the atlas to a copy that lacks it; one that has another, fitted on another machine, keeps it."""
    study = contents.study
    there = target.study(study.id)
    if not target.atlas(study) and (atlas := _atlas(contents)):
        target.add_atlas(study, atlas, str(study.atlas_hash))
    elif there.atlas_hash != study.atlas_hash and study.atlas_hash is not None:
        notify(
            f"{study.name} is there already with an atlas of its own, which differs by rounding: studies placed in the "
            "other one are not compared with it. Delete it and copy again to have them together."
        )


def _complete_names(contents: Contents, target: Store, notify: Callable[[str], None]) -> None:
    """Adds the names and notes that a copy lacks. Of two for one region the later one stays, and the other is told."""
    study = contents.study
    there = {each.region: each for each in target.annotations(study)}
    arriving = [naming.of(properties) for part in contents.nodes("Annotation") for properties in part]
    differing = [each for each in arriving if _said(each) != _said(there.get(each.region))]
    later = [each for each in differing if each.changed_at > _changed(there.get(each.region))]
    if later:
        target.annotate(study, later, {each.region: _changed(there.get(each.region)) for each in later})
    for each in differing:
        if (own := there.get(each.region)) is not None:
            stays, goes = (each, own) if each in later else (own, each)
            notify(f"{study.name}, {each.region}: {_told(stays)} stays, changed later than {_told(goes)}.")


def _said(given: Annotation | None) -> tuple[str, str] | None:
    return None if given is None else (given.name, given.note)


def _changed(given: Annotation | None) -> str:
    return "" if given is None else given.changed_at


def _told(given: Annotation) -> str:
    """A name and note on one line."""
    return " and the note ".join(repr(text) for text in (given.name, given.note) if text)


def _measures(contents: Contents) -> list[Measure]:
    return [measuring.of(properties) for part in contents.nodes("Measure") for properties in part]


def _stable(contents: Contents) -> list[measuring.Stable]:
    found = (edge for part in contents.edges("Region") for edge in part if edge.properties.get("stability") is not None)
    return [
        measuring.Stable(edge.source, edge.target, edge.properties["category"], edge.properties["stability"])
        for edge in found
    ]


def _interventions(contents: Contents) -> list[Intervention]:
    changes: dict[str, list[list[Any]]] = {}
    for part in contents.edges("Intervention"):
        for edge in sorted(part, key=lambda edge: (edge.properties.get("layer", 0), edge.target)):
            if edge.type == "CHANGES":
                values = [edge.properties.get(name) for name in interventions.CHANGE]
                changes.setdefault(edge.source, []).append([edge.target, *values])
    rows = [
        (dict(properties), changes.get(properties["id"], []))
        for part in contents.nodes("Intervention")
        for properties in part
    ]
    return interventions.found(contents.study.id, Table(("properties", "changes"), tuple(rows)))


def _atlas(contents: Contents) -> bytes:
    parts = [(properties["number"], properties["data"]) for part in contents.nodes("AtlasPart") for properties in part]
    return atlases.joined(data for _, data in sorted(parts))


def _batches(contents: Contents) -> Iterator[Batch]:
    """All nodes, then all relationships, as they are."""
    for label in schema.OWNED:
        create = f"UNWIND $rows AS row CREATE (n:{label}) SET n = row"
        for part in contents.nodes(label):
            yield from _parts(create, [dict(properties) for properties in part], 1 if label == "AtlasPart" else BATCH)
    for label in schema.OWNED:
        for edges in contents.edges(label):
            for (start, kind, end), group in groupby(sorted(edges, key=_kind), key=_kind):
                statement = (
                    f"UNWIND $rows AS row MATCH (a:{start} {{llm_mri: true, id: row[0]}}) "
                    f"MATCH (b:{end} {{llm_mri: true, id: row[1]}}) "
                    f"CREATE (a)-[e:{kind}]->(b) SET e = row[2]"
                )
                yield from _parts(statement, [[edge.source, edge.target, dict(edge.properties)] for edge in group])


def _kind(edge: Edge) -> tuple[str, str, str]:
    return edge.start, edge.type, edge.end


def _parts(statement: str, rows: list[Any], size: int = BATCH) -> Iterator[Batch]:
    for start in range(0, len(rows), size):
        part = rows[start : start + size]
        yield Batch(statement, part, len(part))
