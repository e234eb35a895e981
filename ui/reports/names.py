"""Names and notes on regions in words and as JSON: `mri name`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mri_core.errors import one_line
from mri_core.numbers import how_many
from mri_core.records.annotations import Annotation
from mri_core.records.graph import Study
from mri_core.studies.names import Taken
from ui.wording.terminal import table

GIVE = 'Give one: mri name {} REGION "NAME"'


def as_json(given: Sequence[Annotation]) -> list[dict[str, Any]]:
    """The names and notes as JSON values; what is not given is null."""
    return [
        {
            "region": each.region,
            "name": each.name or None,
            "note": each.note or None,
            "changed_at": each.changed_at or None,
        }
        for each in given
    ]


def listed(study: Study, given: Sequence[Annotation]) -> str:
    """All names and notes of a study."""
    if not given:
        return f"No region of {study.name} has a name or a note. {GIVE.format(study.name)}"
    rows = [(each.region, each.name, each.note, each.changed_at[:10]) for each in given]
    return table(("region", "name", "note", "changed"), rows)


def changed(study: Study, before: Annotation, after: Annotation) -> str:
    """What became of a region's name and note, in a sentence; what was replaced is told, so that it is not lost."""
    where = f"{after.region} of {study.name}"
    if before == after:
        return f"Nothing changed: {where} has {said(after)}."
    earlier = "" if before.empty else f" Before: {said(before)}."
    return f"{where} now has {said(after)}.{earlier}"


def said(given: Annotation) -> str:
    """A name and a note on one line."""
    name = f'the name "{one_line(given.name)}"' if given.name else "no name"
    note = f'the note "{one_line(given.note)}"' if given.note else "no note"
    return f"{name} and {note}"


def taken_over(study: Study, other: Study, found: Taken) -> str:
    """What came of taking over another study's names and notes."""
    lines = [f"{how_many(len(found.taken), 'region')} of {study.name} named as in {other.name}."]
    if found.kept:
        lines.append(f"Unchanged, since they have names or notes of their own: {_regions(found.kept)}.")
    if found.lacking:
        lines.append(f"Left out, since no document of {study.name} is in them: {_regions(found.lacking)}.")
    return "\n".join(lines)


def lost_with(given: Sequence[Annotation]) -> str:
    """What is lost with a study, at the end of a question; "" where nothing was said of its regions."""
    return f" {how_many(len(given), 'name or note', 'names and notes')} on regions go with it." if given else ""


def _regions(given: Sequence[Annotation]) -> str:
    return ", ".join(each.region for each in given)
