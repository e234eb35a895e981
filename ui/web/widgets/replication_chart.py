"""The forest of a confirmation: a row for each finding, its effect as it was and as it is on the new documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from ui.drawing.palette import COLOURS, NEUTRAL, ink
from ui.web.widgets.forest import ACROSS, LEGEND, LINE, WORDS
from ui.wording.open_ends import drawn

YES, NO, BEFORE = "replicates", "does not replicate", "as it was found"
COLOUR = {YES: COLOURS[0], NO: COLOURS[1], BEFORE: NEUTRAL}
UNIT = "log odds ratio of the category to the others"


def replication_chart(rows: Sequence[Mapping[str, Any]], *, dark: bool) -> alt.LayerChart | alt.FacetChart:
    """The new effect with its interval, the old one as a hollow diamond, the words on their left.

    Args:
        rows: of `ui.reports.placed.claim_rows`, from the top down.
        dark: whether the page is.
    """
    scale = alt.Scale(domain=[-0.5, len(rows) - 0.5], reverse=True, nice=False, zero=False)
    base = alt.Chart(_table(rows)).encode(y=alt.Y("row:Q", axis=None, scale=scale), tooltip=_hovering())
    legend = alt.Legend(title=None, orient="bottom", labelLimit=300)
    colour = alt.Color("tint:N", scale=alt.Scale(domain=list(COLOUR), range=list(COLOUR.values())), legend=legend)
    before = base.transform_calculate(tint=f"'{BEFORE}'").mark_point(shape="diamond", size=70, opacity=1)
    parts = [
        alt.Chart(pd.DataFrame({"start": [0.0]})).mark_rule(color=NEUTRAL).encode(x=_across("start")),
        base.mark_rule(strokeWidth=2).encode(x=_across("start"), x2="end:Q", color=colour),
        base.mark_point(filled=True, size=60, opacity=1).encode(x=_across("effect here"), color=colour),
        before.encode(x=_across("effect before"), color=colour),
        base.mark_text(align="left", color=ink(dark=dark), limit=WORDS - 12).encode(x=alt.value(0), text="told:N"),
    ]
    height = LINE * (1 + len(rows)) + LEGEND
    return alt.layer(*parts).properties(width=ACROSS, height=height).configure_view(stroke=None)


def _table(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    table = pd.DataFrame([{**row, "row": place, "told": _told(row)} for place, row in enumerate(rows)])
    table["tint"] = [YES if row["replicates"] else NO for row in rows]
    ends = drawn([(row["low"], row["high"]) for row in rows], [row["effect here"] for row in rows])
    table["start"], table["end"] = zip(*ends, strict=True)
    return table


def _across(field: str) -> alt.X:
    return alt.X(
        f"{field}:Q", scale=alt.Scale(range=[WORDS, ACROSS], zero=True), title=UNIT, axis=alt.Axis(tickCount=6)
    )


def _hovering() -> list[alt.Tooltip]:
    told = [alt.Tooltip(f"{name}:N") for name in ("connection", "category", "finding", "tint")]
    told += [alt.Tooltip(f"{name}:Q", format=".2f") for name in ("effect before", "effect here", "low", "high")]
    return [*told, alt.Tooltip("q:Q", format=".2g")]


def _told(row: Mapping[str, Any]) -> str:
    return f"{row['category']} {row['finding']}: {row['from']} → {row['to']}"
