"""Small charts of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from ui.drawing.palette import ink
from ui.wording.units import number_of, of_tokens

BAR = 30  # pixels of height of a category's row


def category_bars(rows: Sequence[Mapping[str, Any]], colours: Mapping[str, str]) -> alt.LayerChart | alt.FacetChart:
    """Shares of the categories as horizontal bars in their colours, with counts and shares beside them.

    Args:
        rows: `category, documents, share, lift` of each category; of a scan of tokens also `tokens`, which are counted.
        colours: colour of each category.
    """
    told = [{**row, "told": f"{number_of(row)}  ({row['share']:.2f})"} for row in rows]
    names = sorted(colours)
    base = alt.Chart(pd.DataFrame(told)).encode(
        y=alt.Y("category:N", title=None, sort=names, axis=alt.Axis(labelLimit=140)),
        x=alt.X("share:Q", title=None, scale=alt.Scale(domainMin=0), axis=alt.Axis(tickCount=4)),
        tooltip=[
            alt.Tooltip("category:N"),
            *(alt.Tooltip(f"{name}:Q", title=title) for name, title in _counts(rows).items()),
            alt.Tooltip("share:Q", format=".3f"),
            alt.Tooltip("lift:Q", format=".2f"),
        ],
    )
    scale = alt.Scale(domain=names, range=[colours[name] for name in names])
    bars = base.mark_bar().encode(color=alt.Color("category:N", scale=scale, legend=None))
    words = ink(dark=st.context.theme.type == "dark")
    numbers = base.mark_text(align="left", dx=4, color=words).encode(text="told:N")
    return alt.layer(bars, numbers).properties(height=BAR * len(rows) + 30)


def _counts(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The columns of counts, and how they are called."""
    if rows and of_tokens(rows[0]):
        return {"tokens": "tokens", "documents": "texts"}
    return {"documents": "documents"}
