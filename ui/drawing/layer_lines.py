"""What is known of a study layer by layer, as panels of lines: the page and the pictures for print draw the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mri_core.records.graph import Study, Unit
from ui.drawing.picture import Ask
from ui.wording.checks import CONTROL_LABELS

QUANTITIES = (  # key, title, unit
    ("explained_variance", "Variance explained by the reduced space", "share"),
    ("entropy", "Mean entropy of the regions", "bits"),
)
COUNTED = "Divergence of the categories"
APART, BLOCKS, MODEL = "Divergence of the categories, above chance", "random blocks", "this model"
SHUFFLED = "shuffled labels (mean)"
PROBED = {  # what a probe reads, and what it is called; in the order of the lines
    "full": "full activations",
    "regions": "regions",
    "random_blocks": "random blocks",
}
CONTROL = "control"  # read from the full activations; by what has a row it is called differently
CHANCE = "chance"
LEVELS = {"embeddings": "token embeddings", "words": "bag of words"}  # what a probe reads that has no layer
TOKEN_LEVELS = {"embeddings": "its own embedding", "words": "token types"}  # and of a token
AGREEMENT = "Agreement of the regions"
AGREEING = {
    "unchained": "from random starts",
    "straight": "next layer",
    "straight_unchained": "next layer, both from random starts",
}
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
        dashed: names of the lines that the others are compared with.
    """

    title: str
    unit: str
    lines: Mapping[str, Sequence[Point]]
    levels: Mapping[str, float]
    dashed: frozenset[str] = frozenset()


def panels(of: Study, ask: Ask) -> list[Panel]:
    """A panel for each quantity of which something is known."""
    rows = ask(of, "layers").records()
    found = []
    for key, title, unit in QUANTITIES:
        points = [Point(row["layer"], row[key]) for row in rows if row[key] is not None]
        if points:
            found.append(Panel(title, unit, {"": points}, {}))
    apart = divergence(ask(of, "layer-differences").records()) or _counted(ask(of, "divergence").records())
    quality = _quality(ask(of, "atlas-quality").records())
    return [
        *found,
        *([apart] if apart else []),
        *([quality] if quality else []),
        *_probing(ask(of, "measures", kind="probe").records(), of.unit),
    ]


def divergence(rows: Sequence[Mapping[str, Any]]) -> Panel | None:
    """The divergence above chance with its interval, and of random blocks their range; None where it was not tested.

    Args:
        rows: of the question `layer-differences`.
    """
    known = [row for row in rows if row["over_chance"] is not None]
    if not known:
        return None
    own = [Point(row["layer"], row["over_chance"], row["ci_low"], row["ci_high"]) for row in known]
    blocks = [
        Point(row["layer"], row["random_blocks"], row["random_blocks_low"], row["random_blocks_high"])
        for row in known
        if row["random_blocks"] is not None
    ]
    return Panel(APART, "bits", {MODEL: own} | ({BLOCKS: blocks} if blocks else {}), {SHUFFLED: 0.0})


def _counted(rows: Sequence[Mapping[str, Any]]) -> Panel | None:
    """The divergence as it was counted, chance included, of a study that was not tested."""
    points = [Point(row["layer"], row["divergence"]) for row in rows if row["divergence"] is not None]
    return Panel(COUNTED, "bits", {"": points}, {}) if points else None


def _quality(rows: Sequence[Mapping[str, Any]]) -> Panel | None:
    """How much other fits of the regions agree with the atlas, where it was fitted again."""
    again = [Point(row["layer"], row["refits"], row["refits_low"], row["refits_high"]) for row in rows]
    lines = {"refits": again} | {
        title: [Point(row["layer"], row[key]) for row in rows if row[key] is not None]
        for key, title in AGREEING.items()
    }
    there = {title: own for title, own in lines.items() if own}
    return Panel(AGREEMENT, "adjusted Rand index", there, {}) if rows else None


def _probing(probes: Sequence[Mapping[str, Any]], unit: Unit) -> list[Panel]:
    """The panel of what is read from activations and regions, and of control labels, where a study was probed."""
    known = [row for row in probes if row["value"] is not None]
    lines = {
        title: [
            Point(row["layer"], row["value"], row["ci_low"], row["ci_high"])
            for row in known
            if row["other"] == what and row["layer"] is not None
        ]
        for what, title in {**PROBED, CONTROL: CONTROL_LABELS[unit]}.items()
    }
    if not any(lines.values()):
        return []
    levels = {CHANCE: known[0]["details"]["chance"]}
    called = TOKEN_LEVELS if unit == "token" else LEVELS
    levels |= {called[row["other"]]: row["value"] for row in known if row["other"] in called}
    return [Panel(PROBING, ACCURACY, {title: line for title, line in lines.items() if line}, levels)]
