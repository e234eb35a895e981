"""What a region's panel offers to add to the graph: further connections of the region, and to take them away again."""

from __future__ import annotations

import streamlit as st

from mri_core.records.graph import Study
from ui.drawing.expanding import others
from ui.drawing.scene import Picture
from ui.drawing.view import View
from ui.web.state import reading
from ui.web.state.scan_choices import current, go

STEP = 10  # connections added at once
STRONGEST = "Adds connections of this region that are not drawn, those that most documents take first."


def show_expanding(study: Study, view: View, shown: Picture) -> None:
    """How many of the chosen region's connections are drawn, and buttons to draw more or fewer of them."""
    left = len(others(study, reading.ask, view, shown, view.region))
    drawn = sum(view.region in (link.source, link.target) for link in shown.links)
    st.text(f"{drawn} of its {drawn + left} connections are drawn.")
    more, whole, fewer = st.columns([4, 3, 3], vertical_alignment="center")
    step = min(STEP, left)
    more.button(
        f"Expand by {step}" if left else "Expand",
        disabled=not left,
        help=STRONGEST,
        on_click=_expand,
        args=(view.region, step),
        width="stretch",
    )
    whole.button("Expand all", disabled=not left, on_click=_expand, args=(view.region, left), width="stretch")
    fewer.button(
        "Collapse",
        disabled=not view.further(view.region),
        help="Takes the added connections of this region away again.",
        on_click=_collapse,
        args=(view.region,),
        width="stretch",
    )


def show_collapse_all(view: View) -> None:
    """A button that takes away all that was added; nothing where no region is expanded."""
    if view.expanded:
        names = [region for region, _ in view.expanded]
        st.button("Collapse all", help=f"Expanded: {', '.join(names)}", on_click=_collapse, args=names)


def _expand(region: str, more: int) -> None:
    go(current().expand(region, more))


def _collapse(*regions: str) -> None:
    go(current().collapse(*regions))
