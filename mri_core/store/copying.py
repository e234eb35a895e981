"""Copies studies into stores, from another store or a file, and checks that the copy is equal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from mri_core.errors import StoreError
from mri_core.records.annotations import Annotation
from mri_core.records.graph import Study
from mri_core.records.measures import Measure
from mri_core.records.table import Table
from mri_core.store import atlases, document_table, interventions, measuring, naming, schema
from mri_core.store.checksums import Sums, sums
from mri_core.store.contents import Contents, Edge, StoredContents, without_texts
from mri_core.store.rows import BATCH, Batch

if TYPE_CHECKING:
    from mri_core.records.interventions import Intervention
    from mri_core.store.store import Store


class Copied(NamedTuple):
    """The result of a copy: "unchanged" if the target had the same study already."""

    status: Literal["ready", "unchanged"]
    checksum: str


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
