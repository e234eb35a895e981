"""What an intervention changes, layer by layer and by strength, as it is drawn on the page and for print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mri_core.records.interventions import Intervention

UNIT = "change of the share of texts"


@dataclass(frozen=True, slots=True)
class Reach:
    """A later layer: how the share of the texts in the region that is expected there changes.

    Attributes:
        region: that is expected, `L6/R3`.
        change, low, high: with its 95 % interval.
        mean, least, most: the same change under the controls.
        counts: whether an effect counts here: a stream carries every change into the next layer.
    """

    layer: int
    region: str
    change: float
    low: float
    high: float
    mean: float
    least: float
    most: float
    counts: bool


@dataclass(frozen=True, slots=True)
class Effect:
    """An intervention as it is drawn.

    Attributes:
        reaches: layer by layer; none where nothing is known of them.
        layer: whose change the curve is of; None without one.
        curve: strengths with the change, no push being no change.
        probability: strengths with the change of the category's probability; empty without categories.
        strength: that was asked for, at which the controls were run.
        controls: the least, the mean and the most of the controls' changes in the curve's layer; None without one.
    """

    reaches: Sequence[Reach]
    layer: int | None
    curve: Sequence[tuple[float, float]]
    probability: Sequence[tuple[float, float]]
    strength: float
    controls: tuple[float, float, float] | None


def effect_of(one: Intervention) -> Effect:
    """What is drawn of an intervention; the curve is of the layer where it stands out most, else of the last."""
    reaches = [
        Reach(
            layer=row["layer"],
            region=row["region"],
            change=row["change"],
            low=row["ci_low"],
            high=row["ci_high"],
            mean=row["control_mean"],
            least=row["control_least"],
            most=row["control_most"],
            counts=row["counts"],
        )
        for row in one.details.get("path", [])
    ]
    layer = reaches[-1].layer if one.effect_layer is None and reaches else one.effect_layer
    rows = one.details.get("curve", [])
    place = 0 if layer is None else layer - one.layer - 1
    curve = [(row["strength"], row["changes"][place]) for row in rows if place < len(row["changes"])]
    probability = [(row["strength"], row["probability"]) for row in rows if row["probability"] is not None]
    there = next((each for each in reaches if each.layer == layer), None)
    return Effect(
        reaches,
        layer,
        _from_nothing(curve),
        _from_nothing(probability),
        one.strength,
        None if there is None else (there.least, there.mean, there.most),
    )


def _from_nothing(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The points by strength, with that of no push, which changes nothing."""
    return sorted([(0.0, 0.0), *points]) if points else []
