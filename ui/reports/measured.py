"""The measures that a study holds, as records."""

from __future__ import annotations

from mri_core.records.graph import Study
from mri_core.records.measures import Measure
from ui.drawing.picture import Ask

MOST = 1_000_000


def measures(of: Study, ask: Ask) -> list[Measure]:
    """All of them."""
    return [Measure(**row) for row in ask(of, "measures", limit=MOST).records()]
