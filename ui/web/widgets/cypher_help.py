"""What those who write Cypher on the page need at hand: examples, and what the graph is made of."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from queries.graph import EXAMPLES, NODES, RELATIONSHIPS
from ui.web.widgets.frames import show_frame


def show_help(on_chosen: Callable[[str], None]) -> None:
    """Examples as buttons, and the schema, folded away.

    Args:
        on_chosen: called with the statement of an example, before the page runs again.
    """
    row = st.container(horizontal=True, vertical_alignment="center")
    row.text("Examples:")
    for title, statement in EXAMPLES.items():
        row.button(title, on_click=on_chosen, args=(statement,), key=f"example {title}")
    with st.expander("The graph: labels, relationships and their properties"):
        nodes = [(label, ", ".join(properties)) for label, properties in NODES.items()]
        show_frame(pd.DataFrame(nodes, columns=["label", "properties"]))
        between = [
            (name, found.source, found.target, ", ".join(found.properties)) for name, found in RELATIONSHIPS.items()
        ]
        show_frame(pd.DataFrame(between, columns=["relationship", "from", "to", "properties"]))
