"""Names and notes on the regions of a ready study: given, changed, and taken over from a study in the same atlas."""

from __future__ import annotations

from typing import NamedTuple

from mri_core.errors import UsageError, unknown_name
from mri_core.records.annotations import Annotation, annotation
from mri_core.records.graph import Study
from mri_core.records.ids import local_id
from mri_core.store.reading import ALL
from mri_core.store.store import Store

REGIONS = """
MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(r:Region)
RETURN r.id AS region ORDER BY l.index, region
"""


class Taken(NamedTuple):
    """What came of taking over another study's names and notes.

    Attributes:
        taken: those that the study has now.
        kept: those of regions that have others already, which stay.
        lacking: those of regions that hold no document of this study.
    """

    taken: list[Annotation]
    kept: list[Annotation]
    lacking: list[Annotation]


def give(
    store: Store,
    study: Study,
    region: str,
    *,
    name: str | None = None,
    note: str | None = None,
    seen: str | None = None,
) -> tuple[Annotation, Annotation]:
    """Gives a region a name, a note or both.

    Args:
        store: that holds the study.
        study: a ready one.
        region: within the study, `L4/R10`, or its id.
        name: that it is called; "" for none, None for the one that it has.
        note: on it; likewise.
        seen: `changed_at` of what the region had when it was last looked at, "" for nothing; None for what it has now.

    Returns:
        What the region had, and what it has now: empty ones for nothing.

    Raises:
        UsageError: the study has no such region; or the name or the note cannot be one.
        StoreError: it was changed since it was seen; or as `Store.annotate`.
    """
    there = said_of(store, study, region)
    key = there.region
    made = annotation(key, there.name if name is None else name, there.note if note is None else note)
    if (made.name, made.note) == (there.name, there.note):
        return there, there
    store.annotate(study, [made], {key: there.changed_at if seen is None else seen})
    return there, made


def said_of(store: Store, study: Study, region: str) -> Annotation:
    """What readers say of a region, an empty one for nothing; raises `UsageError` where the study has no such region.

    Args:
        store: that holds the study.
        study: a ready one.
        region: within the study, `L4/R10`, or its id.
    """
    key = local_id(study.id, region)
    if key not in (known := _regions(store, study)):
        raise unknown_name("region", key, known, f"List them: mri query regions {study.name}")
    return next((each for each in store.annotations(study) if each.region == key), Annotation(key))


def take_over(store: Store, study: Study, other: Study) -> Taken:
    """Gives a study the names and notes of another one in the same atlas, whose regions are the same.

    Args:
        store: that holds both.
        study: a ready one that is to have them.
        other: a ready one that has them.

    Raises:
        UsageError: the two are one, or stand in different atlases: their regions are others.
        StoreError: as `Store.annotate`.
    """
    if study.id == other.id:
        raise UsageError("Names are taken over from another study", f"{study.name} is the study itself")
    if study.atlas_hash is None or study.atlas_hash != other.atlas_hash:
        raise UsageError(
            "Names are taken over between studies in one atlas, whose regions are the same",
            f"{study.name} and {other.name} stand in different ones",
            "Give them anew: mri name STUDY REGION NAME",
        )
    known, own = set(_regions(store, study)), {each.region for each in store.annotations(study)}
    given = store.annotations(other)
    taken = [each for each in given if each.region in known - own]
    if taken:
        store.annotate(study, taken, {each.region: "" for each in taken})
    return Taken(
        taken,
        [each for each in given if each.region in own],
        [each for each in given if each.region not in known],
    )


def _regions(store: Store, study: Study) -> list[str]:
    rows = store.read(REGIONS, {"study": study.id}, max_rows=ALL).rows
    return [local_id(study.id, region) for (region,) in rows]
