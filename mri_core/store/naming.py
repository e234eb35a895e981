"""Names and notes on regions of a ready study: written by readers, and by nothing that computes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mri_core.errors import StoreError
from mri_core.records.annotations import Annotation
from mri_core.records.ids import annotation_id
from mri_core.records.table import Table
from mri_core.store.bolt.driver import Run, Transactions
from mri_core.store.columns import assigned
from mri_core.store.measuring import RAISE, in_turn

BATCH = 1000  # in one statement: notes are long
ROW = ("id", "region", "name", "note", "changed_at")
REGIONS = """
UNWIND $rows AS row
MATCH (r:Region {llm_mri: true, id: row})
RETURN r.id AS id
"""
# Of the study's own: an earlier version, which knows no names, leaves those of a study that it deletes.
CHANGED = """
MATCH (:Study {llm_mri: true, id: $study})<-[:PART_OF]-(a:Annotation)
RETURN a.region AS region, a.changed_at AS changed_at
"""
ANY = """
MATCH (a:Annotation {llm_mri: true}) WHERE a.study IN $studies
RETURN DISTINCT a.study AS study
"""
REMOVE = """
UNWIND $rows AS row
MATCH (a:Annotation {llm_mri: true, id: row})
DETACH DELETE a
"""
ADD = f"""
MATCH (s:Study {{llm_mri: true, id: $study}})
UNWIND $rows AS row
MATCH (r:Region {{llm_mri: true, id: $study + '/' + row[1]}})
CREATE (a:Annotation {{llm_mri: true, study: $study, {assigned(ROW, "row")}}})-[:PART_OF]->(s), (a)-[:ANNOTATES]->(r)
"""
FIND = """
MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(a:Annotation)-[:ANNOTATES]->(r:Region)
RETURN a.region AS region, a.name AS name, a.note AS note, a.changed_at AS changed_at
ORDER BY r.layer, r.id
"""


def put(
    writer: Transactions, study: str, annotations: Sequence[Annotation], seen: Mapping[str, str] | None = None
) -> int:
    """Writes annotations of regions in place of those that these have; returns the study's new revision.

    All in one transaction. Of one that is empty nothing stays.

    Args:
        writer: of the store.
        study: id of a ready one.
        annotations: one of a region at most.
        seen: when the annotation of each of these regions was changed last, as whoever writes has seen it; "" for
            none. None to replace whatever is there.

    Raises:
        StoreError: the study is not there, or not ready; it has no such region; or one was changed since it was seen.
    """
    rows = [_row(study, each) for each in annotations if not each.empty]
    ids = [annotation_id(study, each.region) for each in annotations]

    def work(run: Run) -> int:
        raised = run(RAISE, study=study)
        if not raised:
            raise StoreError(
                "Regions of a ready study are named", f"{study} is not there, or not ready", "Scan it first"
            )
        regions = [f"{study}/{each.region}" for each in annotations]
        _check_there(study, annotations, {row["id"] for row in run(REGIONS, rows=regions)})
        if seen is not None:
            _check_unchanged(annotations, seen, {row["region"]: row["changed_at"] for row in run(CHANGED, study=study)})
        run(REMOVE, rows=ids)
        for start in range(0, len(rows), BATCH):
            run(ADD, study=study, rows=rows[start : start + BATCH])
        return int(raised[0]["revision"])

    return in_turn(writer, work)


def found(table: Table) -> list[Annotation]:
    """The annotations of what `FIND` returned."""
    return [of(row) for row in table.records()]


def of(properties: Mapping[str, object]) -> Annotation:
    """The annotation of a node's properties."""
    known = (properties.get(name) for name in ("region", "name", "note", "changed_at"))
    return Annotation(*(str(value or "") for value in known))


def _row(study: str, given: Annotation) -> list[str | None]:
    """An annotation as `ADD` takes it: what it does not say is absent."""
    key = annotation_id(study, given.region)
    return [key, given.region, given.name or None, given.note or None, given.changed_at]


def _check_there(study: str, annotations: Sequence[Annotation], there: set[str]) -> None:
    missing = [each.region for each in annotations if f"{study}/{each.region}" not in there]
    if missing:
        raise StoreError("Regions of a study are named", f"{study} has no {', '.join(missing[:5])}", "Name its own")


def _check_unchanged(annotations: Sequence[Annotation], seen: Mapping[str, str], there: Mapping[str, str]) -> None:
    for each in annotations:
        own = "" if each.empty else each.changed_at  # is there already where the answer to a first try was lost
        if there.get(each.region, "") not in (seen.get(each.region, ""), own):
            raise StoreError(
                "A name or note is changed as it was seen",
                f"Somebody else has changed that of {each.region} meanwhile",
                "Look at it, and change it again",
            )
