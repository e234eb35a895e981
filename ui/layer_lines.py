"""What is known of a study layer by layer, as panels of lines: the page and the pictures for print draw the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mri_core.records import Study
from ui.picture import Ask

QUANTITIES = (  # key, title, unit
    ("explained_variance", "Variance that the reduced space keeps", "share"),
    ("entropy", "Mean entropy of the regions", "bits"),
    ("divergence", "Divergence of the categories", "bits"),
)
PROBED = {  # what a probe reads, and what it is called; in the order of the lines
    "full": "full activations",
    "regions": "regions",
    "random_blocks": "random blocks",
    "control": "shuffled labels",
}
WORDS, CHANCE = "bag of words", "chance"
PROBING, ACCURACY = "Category read from a layer", "balanced accuracy"


@dataclass(frozen=True)
class Point:
    """A value at a layer, with its interval where it has one."""

    layer: int
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Panel:
    """Lines with one unit.

    Attributes:
        lines: points of each line by layer, by its name; the name is empty where there is one line only.
        levels: values that are of no layer, by their name.
    """

    title: str
    unit: str
    lines: Mapping[str, Sequence[Point]]
    levels: Mapping[str, float]


def panels(of: Study, ask: Ask) -> list[Panel]:
    """A panel for each quantity of which something is known."""
    apart = {row["layer"]: row["divergence"] for row in ask(of, "divergence").records()}
    rows = [{**row, "divergence": apart.get(row["layer"])} for row in ask(of, "layers").records()]
    found = []
    for key, title, unit in QUANTITIES:
        points = [Point(row["layer"], row[key]) for row in rows if row[key] is not None]
        if points:
            found.append(Panel(title, unit, {"": points}, {}))
    return [*found, *_probing(ask(of, "measures", kind="probe").records())]


def _probing(probes: Sequence[Mapping[str, Any]]) -> list[Panel]:
    """The panel of what is read from activations, regions and shuffled labels, where a study was probed."""
    known = [row for row in probes if row["value"] is not None]
    lines = {
        title: [
            Point(row["layer"], row["value"], row["ci_low"], row["ci_high"])
            for row in known
            if row["other"] == what and row["layer"] is not None
        ]
        for what, title in PROBED.items()
    }
    if not any(lines.values()):
        return []
    levels = {CHANCE: known[0]["details"]["chance"]}
    words = [row["value"] for row in known if row["other"] == "words"]
    if words:
        levels[WORDS] = words[0]
    return [Panel(PROBING, ACCURACY, {title: line for title, line in lines.items() if line}, levels)]
