"""Interventions: what a model did with texts whose activations were changed along a region's direction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

OPERATIONS = ("add", "erase", "swap")


@dataclass(frozen=True, slots=True)
class Change:
    """A region that more, or fewer, texts lie in after an intervention, beyond what its controls do.

    Attributes:
        region: within the study, `L6/R3`.
        layer: of the region.
        delta: change of the share of the texts that lie in it, from -1 to 1.
        ci_low, ci_high: its 95 % confidence interval, over resampled texts or groups.
        control_mean: mean of the same change under the controls.
        control_max: the largest of them, in the direction in which `delta` differs from their mean.
        p: of its rank among the controls.
        q: p adjusted for all regions that could have changed and for everything that was tried.
    """

    region: str
    layer: int
    delta: float
    ci_low: float
    ci_high: float
    control_mean: float
    control_max: float
    p: float
    q: float


@dataclass(frozen=True, slots=True)
class Intervention:
    """One intervention on a region of a ready study, next to its controls.

    Its properties in the graph are these fields, by these names, but `changes`, which are relationships.

    Attributes:
        operation: one of `OPERATIONS`.
        region: that was asked about, within the study, `L4/R10`.
        layer: of the region, where the activations were changed.
        source, target: regions of the same layer, from and to which a swap moves texts; the region is the source, or,
            if a connection was asked about, the target. None for other operations.
        towards: region of the next layer, if a connection was asked about; else None.
        category: whose probability is read, and whose finding it is; None if the region has none.
        strength: 1 is the whole difference of means, or the whole erasure.
        documents: texts that were changed.
        controls: directions that it is ranked among.
        seed: of halves and controls.
        effect: change of the share of the texts in the region where the effect is expected, in the layer where it
            stands out most from the controls, among the layers that count; None if no layer counts.
        effect_layer: that layer.
        ci_low, ci_high: the effect's 95 % confidence interval.
        control_mean: the controls' mean change there.
        control_max: the largest of them in the direction that is expected: more texts, or fewer where it was erased.
        standardised: the effect less the controls' mean, over their standard deviation.
        p: of its rank among the controls in that direction, over all layers that count.
        q: p adjusted for everything that was tried in the same command; the study's way to make q.
        depth: the last layer in which the effect stands out from the controls; None if in none.
        displacement: mean distance that the texts' rows moved in the last layer, in standard deviations (root mean
            square over columns).
        control_displacement: the controls' mean of it.
        probability: change of the category's probability, by a linear probe of the last layer; None without categories.
        probability_p: of its rank among the controls.
        loss: change of the mean negative log probability of the texts' own tokens, nats a token; None for models
            without a language-modelling head.
        loss_p: of its rank among the controls.
        details: JSON values: `path` by layer, `curve` over strengths, `controls` by kind, `side_effects`,
            `most` (texts that it was to be tried on, at most), and more.
        changes: regions that changed beyond the controls.
    """

    operation: str
    region: str
    layer: int
    source: str | None
    target: str | None
    towards: str | None
    category: str | None
    strength: float
    documents: int
    controls: int
    seed: int
    effect: float | None
    effect_layer: int | None
    ci_low: float | None
    ci_high: float | None
    control_mean: float | None
    control_max: float | None
    standardised: float | None
    p: float | None
    q: float | None
    depth: int | None
    displacement: float
    control_displacement: float
    probability: float | None
    probability_p: float | None
    loss: float | None
    loss_p: float | None
    details: Mapping[str, Any] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()

    @property
    def key(self) -> str:
        """What tells it from the study's others: `L4/R10>L5/R8/swap/L4/R3/1`."""
        subject = self.region if self.towards is None else f"{self.region}>{self.towards}"
        other = self.target if self.towards is None else self.source
        how = self.operation if other is None else f"{self.operation}/{other}"
        return f"{subject}/{how}/{self.strength:g}"
