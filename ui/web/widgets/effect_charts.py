"""Charts of an intervention: its effect layer by layer beside its controls, and by strength."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from ui.drawing.effects import UNIT, Effect
from ui.drawing.palette import COLOURS, NEUTRAL, ground

HEIGHT, LETTERS = 320, 210  # pixels of a chart with its legend, and of the title beside it
ASIDE = 7  # pixels of the controls to the left of their layer, of the direction to the right
OWN, RANGE, MEAN = "this direction", "controls, least to most", "controls, mean"
SHARE, PROBABILITY = "texts in layer {}", "probability of the category"
PARTS = {OWN: COLOURS[0], RANGE: "#AAAAAA", MEAN: NEUTRAL}
PART = alt.Color(
    "part:N",
    scale=alt.Scale(domain=list(PARTS), range=list(PARTS.values())),
    legend=alt.Legend(title=None, orient="bottom", columns=3, labelLimit=200, symbolOpacity=1, symbolType="square"),
)
LABELS = {"titleLimit": LETTERS, "labelFlush": False}


def path_chart(effect: Effect, *, dark: bool) -> alt.LayerChart | alt.FacetChart:
    """The change by layer with its interval, beside the controls' range and mean; hollow where a layer does not count.

    Args:
        effect: with a layer at least.
        dark: whether the page is.
    """
    rows = pd.DataFrame(
        [
            {
                "layer": each.layer,
                "region": each.region,
                "change": each.change,
                "low": each.low,
                "high": each.high,
                "mean": each.mean,
                "least": each.least,
                "most": each.most,
                "fill": COLOURS[0] if each.counts else ground(dark=dark),
                "counts": "yes" if each.counts else "no",
            }
            for each in effect.reaches
        ]
    )
    first, last = rows["layer"].iloc[0], rows["layer"].iloc[-1]
    x = alt.X(
        "layer:Q",
        axis=alt.Axis(tickMinStep=1, format="d", title="layer", labelFlush=False),
        scale=alt.Scale(domain=[first - 0.5, last + 0.5], nice=False),
    )
    told = [alt.Tooltip("layer:Q"), alt.Tooltip("region:N"), alt.Tooltip("counts:N")]
    told += [alt.Tooltip(f"{name}:Q", format="+.3f") for name in ("change", "low", "high", "least", "mean", "most")]
    base = alt.Chart(rows).encode(x=x, tooltip=told)
    own, controls, mean = (base.transform_calculate(part=f"'{name}'").encode(color=PART) for name in PARTS)
    parts = [
        _zero(),
        controls.mark_rule(strokeWidth=11, opacity=0.45, xOffset=-ASIDE).encode(y=_y("least"), y2="most:Q"),
        mean.mark_tick(thickness=2, width=16, orient="horizontal", opacity=1, xOffset=-ASIDE).encode(y=_y("mean")),
        own.mark_line(strokeWidth=1, opacity=0.6, xOffset=ASIDE).encode(y=_y("change")),
        own.mark_rule(strokeWidth=2, xOffset=ASIDE).encode(y=_y("low"), y2="high:Q"),
        own.mark_point(size=65, opacity=1, strokeWidth=2, xOffset=ASIDE).encode(
            y=_y("change"), fill=alt.Fill("fill:N", scale=None)
        ),
    ]
    return alt.layer(*parts).properties(height=HEIGHT)


def curve_chart(effect: Effect) -> alt.LayerChart | alt.FacetChart:
    """The change in one layer, and that of the category's probability, by strength; the controls where they were run.

    Args:
        effect: with a curve.
    """
    names = {SHARE.format(effect.layer): effect.curve, PROBABILITY: effect.probability}
    known = {name: points for name, points in names.items() if points}
    rows = pd.DataFrame(
        [{"strength": at, "change": value, "line": name} for name, points in known.items() for at, value in points]
    )
    scale = alt.Scale(domain=list(known), range=[COLOURS[0], COLOURS[1]][: len(known)])
    legend = alt.Legend(
        title=None, orient="bottom", columns=2, labelLimit=220, symbolOpacity=1, symbolType="stroke", symbolSize=250,
        symbolStrokeWidth=2,
    )  # fmt: skip
    dashes = alt.StrokeDash("line:N", scale=alt.Scale(domain=list(known), range=[[1, 0], [6, 4]][: len(known)]))
    x = alt.X("strength:Q", axis=alt.Axis(title="strength", labelFlush=False))
    base = alt.Chart(rows).encode(
        x=x,
        y=_y("change"),
        color=alt.Color("line:N", scale=scale, legend=legend),
        tooltip=["line:N", "strength:Q", alt.Tooltip("change:Q", format="+.3f")],
    )
    parts = [_zero(), base.mark_line().encode(strokeDash=dashes.legend(None)), base.mark_point(filled=True, size=45)]
    if effect.controls is not None:
        parts.insert(1, _controls(effect, x))
    return alt.layer(*parts).properties(height=HEIGHT)


def _controls(effect: Effect, x: alt.X) -> alt.Chart:
    """Their range at the strength that was asked for."""
    assert effect.controls is not None  # noqa: S101 - asked by the caller
    least, mean, most = effect.controls
    row = pd.DataFrame([{"strength": effect.strength, "least": least, "mean": mean, "most": most}])
    told = ["strength:Q", *(alt.Tooltip(f"{name}:Q", format="+.3f") for name in ("least", "mean", "most"))]
    bar: dict[str, Any] = {"strokeWidth": 11, "opacity": 0.35, "color": NEUTRAL}
    return alt.Chart(row).mark_rule(**bar).encode(x=x, y=_y("least"), y2="most:Q", tooltip=told)


def _zero() -> alt.Chart:
    return alt.Chart(pd.DataFrame({"nothing": [0.0]})).mark_rule(color=NEUTRAL, opacity=0.7).encode(y=_y("nothing"))


def _y(name: str) -> alt.Y:
    return alt.Y(f"{name}:Q", title=UNIT, axis=alt.Axis(format="+.0%", **LABELS))  # type: ignore[arg-type]
