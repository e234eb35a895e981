"""What was scanned, term by term: the card that a report and a notebook begin with."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from mri_core.errors import one_line
from mri_core.records.graph import GIVEN, Study
from mri_core.records.measures import CONTROL, Measure
from ui.publishing import provenance
from ui.reports import trust
from ui.wording.groups import groups_told
from ui.wording.units import counted, of_tokens, pooled

NAMED = 24  # categories in the card
MACHINE = ("device", "dtype")  # of how the model was run


def card(of: Study, counts: Mapping[str, int], held: Sequence[Measure]) -> Iterator[tuple[str, str]]:
    """What was scanned, term by term.

    Args:
        of: a ready study.
        counts: its documents, or tokens, by category.
        held: all measures that it holds.
    """
    report = json.loads(of.report)
    names = [f"{one_line(name)} ({count})" for name, count in counts.items()]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    yield "Corpus", f"{one_line(of.corpus)}: {counted(of)}{groups_told(of)}"
    yield "Categories", f"{of.categories}: {', '.join(names[:NAMED])}{more}"
    if of.site == GIVEN:
        yield "Activations", f"given, in {of.layers} layers"
    else:
        most = report.get("max_length")
        yield "Model", f"{one_line(of.model)}, revision {of.model_revision}"
        of_text = " of a text" if of_tokens(of) else ""
        yield (
            "Read",
            f"{of.site}, {pooled(of)}, {of.layers} layers{f', at most {most} tokens{of_text}' if most else ''}",
        )
    yield "Atlas", f"{of.regions} {of.atlas}" + (f", seed {of.seed}" if of.atlas_of is None else " of another study")
    checks = [f"{trust.refits(held) or 'no'} refits"] if trust.refittable(of) else []
    checks.append("controls" if any(measure.kind == CONTROL for measure in held) else "no controls")
    yield "Tests", "nothing was tested" if of.fdr is None else ", ".join([f"q by {of.fdr}", *checks])
    if run := [value for key, value in provenance.machine(of).items() if key in MACHINE]:
        yield "Machine", ", ".join(run)
    yield "Software", f"{of.software}, {of.created_at[:10]}"
