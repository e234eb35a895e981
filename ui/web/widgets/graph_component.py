"""The layered graph in the page: pyvis's own vis-network, mounted so that a click comes back to Python."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyvis
import streamlit as st

from ui.drawing.network import WIDTH

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pyvis.network import Network
    from streamlit.components.v2.types import ComponentRenderer

    from ui.drawing.scene import Key

HERE = Path(__file__).parent
HTML = """<div class="whole">
<div class="bar"><div class="legend"></div><button class="full" type="button">Full screen</button></div>
<div class="graph" role="figure" aria-label="Layered graph of regions"></div>
</div>"""
VIS = Path(pyvis.__file__).parent / "templates" / "lib" / "vis-9.1.2" / "vis-network.min.js"


@cache
def _component() -> ComponentRenderer:
    """Registered once a process. The scripts hold line breaks, else Streamlit would take them for paths."""
    script = f"{VIS.read_text('utf-8')}\n{(HERE / 'graph_component.js').read_text('utf-8')}"
    return st.components.v2.component(
        "llm_mri_graph",
        html=HTML,
        css=(HERE / "graph_component.css").read_text("utf-8"),
        js=script,
    )


def show_graph(
    network: Network,
    keys: Sequence[Key],
    *,
    key: str,
    region: str | None,
    connection: str | None,
    on_picked: Callable[[], None],
) -> None:
    """Draws a network of `ui.drawing.network.build_network`.

    A click calls `on_picked`; then `st.session_state[key].picked` is `{"region": id}`, `{"connection": id}`, or `{}`
    for a click on nothing.

    Args:
        network: what is drawn.
        keys: the legend.
        key: Streamlit's key of the component.
        region: id of the region that is shown as selected.
        connection: id of the connection that is shown as selected.
        on_picked: called before the page runs again.
    """
    data: dict[str, Any] = {
        "nodes": network.nodes,
        "edges": network.edges,
        "options": network.options,
        "width": WIDTH,
        "height": int(network.height.removesuffix("px")),
        "legend": [[each.name, each.colour, each.form, each.opacity] for each in keys],
        "selected": {"region": region, "connection": connection},
    }
    _component()(key=key, data=data, height="content", on_picked_change=on_picked)
