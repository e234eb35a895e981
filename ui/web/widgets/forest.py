"""The forest of the page Compare: a row for each connection, told by its words, with interval, q and stability."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from ui.drawing.palette import NEUTRAL, ink
from ui.reports.contrasts import Finding
from ui.wording.open_ends import drawn

ACROSS = 1120  # pixels, on a laptop
WORDS, NUMBERS = 430, 190  # of them left and right of the intervals
LINE = 24  # pixels of height of a row
AXIS, LEGEND = 80, 110  # of the headings and what is below the rows, without and with a legend
ROWS = 25  # more are read in the table


def forest_chart(
    findings: Sequence[Finding],
    layers: Mapping[int, str],
    tint: Callable[[Finding], str],
    colours: Mapping[str, str],
    unit: str,
    *,
    dark: bool,
) -> alt.LayerChart | alt.FacetChart:
    """The intervals, the words on their left, q and stability on their right.

    Args:
        findings: from the top down.
        layers: names of the layers.
        tint: tells which of `colours` a finding has.
        colours: by what the legend calls them.
        unit: of the effects.
        dark: whether the page is.
    """
    rows = pd.DataFrame(
        [{**_row(place, finding, layers), "tint": tint(finding)} for place, finding in enumerate(findings)]
    )
    ends = drawn([(finding.low, finding.high) for finding in findings], [finding.effect for finding in findings])
    rows["from"], rows["to"] = zip(*ends, strict=True)
    places = alt.Scale(domain=[-1, len(findings) - 0.5], reverse=True, nice=False, zero=False)
    down = alt.Y("row:Q", axis=None, scale=places)
    across = alt.Scale(range=[WORDS, ACROSS - NUMBERS], zero=True)
    x = alt.X("effect:Q", scale=across, title=unit, axis=alt.Axis(tickCount=6))
    scale = alt.Scale(domain=list(colours), range=list(colours.values()))
    legend = alt.Legend(title=None, orient="bottom", labelLimit=300) if len(colours) > 1 else None
    colour = alt.Color("tint:N", scale=scale, legend=legend)
    told = [alt.Tooltip(f"{name}:N") for name in ("connection", "category", "finding", "q", "found again")]
    told += [alt.Tooltip(f"{name}:Q", format=".2f") for name in ("effect", "low", "high")]
    base = alt.Chart(rows).encode(y=down, tooltip=told)
    zero = alt.Chart(pd.DataFrame({"effect": [0.0]})).mark_rule(color=NEUTRAL).encode(x=x)
    parts = [
        zero,
        base.mark_rule(strokeWidth=2).encode(x=alt.X("from:Q", scale=across, title=unit), x2="to:Q", color=colour),
        base.mark_point(filled=True, size=60, opacity=1).encode(x=x, color=colour),
        *_columns(rows, down, dark=dark),
    ]
    return (
        alt.layer(*parts)
        .properties(width=ACROSS, height=LINE * len(findings) + (LEGEND if legend else AXIS))
        .configure_view(stroke=None)
    )


def _row(place: int, finding: Finding, layers: Mapping[int, str]) -> dict[str, Any]:
    layer = layers[finding.source.layer]
    return {
        "row": place,
        "told": f"{layer}: {finding.words}",
        "connection": f"{layer}, {finding.source.title} → {finding.target.title}",
        "category": finding.category,
        "finding": finding.finding,
        "effect": finding.effect,
        "low": finding.low,
        "high": finding.high,
        "q": small(finding.q),
        "found again": again(finding.stability),
    }


def small(q: float) -> str:
    """A q in few characters."""
    return "< 1e-9" if q < 1e-9 else f"{q:.2g}"


def again(stability: float | None) -> str:
    """A share of refits, where there were any."""
    return "–" if stability is None else f"{stability:.0%}"


def _columns(rows: pd.DataFrame, down: alt.Y, *, dark: bool) -> list[alt.Chart]:
    """The words and numbers beside the intervals, each under its heading."""
    lefts = {"told": 0, "q": ACROSS - NUMBERS + 20, "found again": ACROSS - NUMBERS + 100}
    headings = {"told": "layer it leaves: words of its regions", "q": "q", "found again": "found again"}
    charts = []
    for name, left in lefts.items():
        style: dict[str, Any] = {"align": "left", "color": ink(dark=dark)}
        limit = WORDS - 12 if name == "told" else 90
        charts.append(
            alt.Chart(rows)
            .mark_text(**style, limit=limit)
            .encode(x=alt.value(left), y=down, text=f"{name}:N", tooltip=["connection:N"])
        )
        heading = alt.Chart(pd.DataFrame({"row": [-0.75], "heading": [headings[name]]}))
        charts.append(
            heading.mark_text(**style, fontWeight=600, limit=limit).encode(x=alt.value(left), y=down, text="heading:N")
        )
    return charts
