"""What a study that stands in another study's atlas says of that: whose atlas, how well it fits, what replicates."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from mri_core.errors import one_line
from mri_core.numbers import how_many
from mri_core.records.graph import Study
from mri_core.records.measures import ATLAS_FIT, REPLICATION, Measure
from queries.text import number
from ui.drawing.layer_lines import Panel, Point
from ui.drawing.picture import Ask
from ui.wording.terminal import table
from ui.wording.units import in_unit, unit_word

FITS = "No layer is warned of: the atlas describes these documents about as well as its own."
DISTANCE, BEYOND = "Distance from the regions", "Documents beyond the 99th percentile"
FIT_COLUMNS = ("layer", "distance", "beyond", "")


def atlas_owner(of: Study) -> str:
    """Name of the study whose atlas a study stands in; "" if the atlas was fitted to its own documents."""
    return "" if of.atlas_of is None else name_of(of, of.atlas_of)


def name_of(of: Study, study_id: str) -> str:
    """Name of a study that another one knows by its id, which begins with it.

    Args:
        of: the study that knows it, whose report may have the name.
        study_id: the id.
    """
    known = json.loads(of.report).get("atlas_of", {})
    return str(known["study"]) if known.get("id") == study_id else study_id.rpartition("-")[0]


def fits(held: Sequence[Measure]) -> list[Measure]:
    """How well the atlas describes the documents, layer by layer; none if it was fitted to them."""
    return sorted((m for m in held if m.kind == ATLAS_FIT), key=lambda measure: measure.layer or 0)


def fit_told(of: Study, held: Sequence[Measure]) -> str:
    """Which layers the atlas does not describe, in a sentence."""
    from mri_core.atlas.placing import misfit_lines

    return " ".join(misfit_lines(fits(held), atlas_owner(of))) or in_unit(of, FITS)


def fit_panels(of: Study, held: Sequence[Measure]) -> list[Panel]:
    """The median distance and the share of documents far away, layer by layer, with what is warned of."""
    from mri_core.atlas.placing import MOST_BEYOND, MOST_FAR

    found = fits(held)
    ratio = [Point(m.layer or 0, m.value) for m in found if m.value is not None]
    beyond = [Point(m.layer or 0, m.details["beyond"]) for m in found]
    own, far = f"its own {unit_word(of)}", in_unit(of, BEYOND)
    return [
        Panel(DISTANCE, "times", {"": ratio}, {own: 1.0, "warned of above": MOST_FAR}),
        Panel(far, "share", {"": beyond}, {own: 0.01, "warned of above": MOST_BEYOND}),
    ]


def fit_table(held: Sequence[Measure]) -> str:
    """The same for a terminal."""
    rows = [(m.layer, m.value, m.details["beyond"], "misfit" if m.details["misfit"] else "") for m in fits(held)]
    return table(FIT_COLUMNS, rows)


def replication(held: Sequence[Measure]) -> Measure | None:
    """The whole of a confirmation on these documents; None if there was none."""
    return next((m for m in held if m.kind == REPLICATION and m.other is None), None)


def replicated(whole: Measure, base: str) -> str:
    """How many findings of another study replicate, in a sentence.

    Args:
        whole: as `replication` gives it.
        base: name of that study.
    """
    return f"{whole.details['replicated']} of {whole.details['tests']} findings of {base} replicate here."


def slope_told(whole: Measure) -> str:
    """How large effects are on the new documents, in a sentence."""
    ends = [number(whole.details[key]) for key in ("slope", "slope_low", "slope_high")]
    return f"Effects are {ends[0]} times as large as they were ({ends[1]} to {ends[2]})."


def confirmations(of: Study, studies: Iterable[Study], ask: Ask) -> list[tuple[Study, Measure]]:
    """The studies on whose documents the findings of a study were tested, each with the whole of it, the newest first.

    Args:
        of: the study whose findings they are.
        studies: all of its store.
        ask: gives answers about them.
    """
    placed_in_it = [
        other
        for other in studies
        if other.id != of.id and other.atlas_of is not None and other.atlas_hash == of.atlas_hash
    ]
    rows = [(other, ask(other, "measures", kind=REPLICATION, limit=1).records()) for other in placed_in_it]
    wholes = [(other, replication([Measure(**row) for row in found])) for other, found in rows]
    known = [(other, whole) for other, whole in wholes if whole is not None and whole.details["base"] == of.id]
    return sorted(known, key=lambda one: one[0].created_at, reverse=True)


def confirmed(found: Sequence[tuple[Study, Measure]]) -> str:
    """How many findings replicate on other documents, in a sentence; "" where none were tested.

    Args:
        found: as `confirmations` gives them.
    """
    if not found:
        return ""
    other, whole = found[0]
    known = whole.details
    more = len(found) - 1
    further = f"; {how_many(more, 'more study', 'more studies')} tested them" if more else ""
    return (
        f"{known['replicated']} of {known['tests']} findings replicate on {known['documents']:,} other documents "
        f"({one_line(other.name)}){further}."
    )


def claims(held: Sequence[Measure]) -> list[Measure]:
    """Each finding that was tested, the surest first."""
    found = [m for m in held if m.kind == REPLICATION and m.other is not None]
    return sorted(found, key=lambda m: (m.q or 0.0, -abs(m.value or 0.0), m.layer or 0, m.other or ""))


def claim_rows(held: Sequence[Measure], words: dict[str, str]) -> list[dict[str, Any]]:
    """A row for each finding that was tested.

    Args:
        held: all measures of the study.
        words: of the regions, by their ids within the study; a region without documents here has none.
    """
    return [_claim_row(measure, words) for measure in claims(held)]


def _claim_row(measure: Measure, words: dict[str, str]) -> dict[str, Any]:
    source, _, target = (measure.other or "").partition(">")
    return {
        "category": measure.category,
        "finding": measure.details["finding"],
        "from": words.get(source, source),
        "to": words.get(target, target),
        "effect before": measure.details["effect"],
        "effect here": measure.value,
        "low": measure.ci_low,
        "high": measure.ci_high,
        "q": measure.q,
        "replicates": measure.details["replicated"],
        "connection": measure.other,
    }
