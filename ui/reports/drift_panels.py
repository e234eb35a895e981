"""The drift between two studies of the same documents as panels of lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from mri_core.studies.same_documents import SameDocuments
from ui.drawing.layer_lines import Panel, Point
from ui.reports.same_documents import floor_told

REFITS = "refits of the atlas"


def drift_panels(compared: SameDocuments) -> list[Panel]:
    """Layer by layer: the drift next to its floors and sham runs, and that of each category's documents."""
    lines = {compared.other.name: _points(compared.reading.drift.moved)}
    lines |= {run.study.name: _points(run.drift.moved) for run in compared.runs}
    beside = dict(_beside(compared))
    by_category = {
        name: _points(compared.reading.drift.by_category[:, label]) for label, name in enumerate(compared.categories)
    }
    return [
        Panel("Documents in another region", "share", lines | beside, {}, frozenset(beside)),
        Panel(f"The same in {compared.other.name}, by category", "share", by_category, {}),
    ]


def _beside(compared: SameDocuments) -> Iterator[tuple[str, Sequence[Point]]]:
    """What moves for no reason."""
    if compared.refits is not None:
        yield REFITS, _points(compared.refits)
    for floor in compared.floors:
        yield floor_told(compared, floor), _points(floor.drift.moved)
    for sham in compared.shams:
        yield f"{sham.study.name} (sham)", _points(sham.drift.moved)


def _points(shares: np.ndarray) -> list[Point]:
    return [Point(layer, share) for layer, share in enumerate(shares.tolist())]
