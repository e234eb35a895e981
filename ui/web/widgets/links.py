"""The links from page to page. They take the study along, so that each opens it in this tab or in another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from ui.web.plain import show_error
from ui.web.state.choosing import carried, fall_back

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage

KEY, PRODUCT = "pages", "LLM-MRI Graph"
# In the page's head, where Streamlit's own links would be: these have no address to take along.
STYLE = f"""<style>
.st-key-{KEY} {{position: fixed; top: 0; left: 1rem; right: 6rem; height: 3.75rem; width: auto; z-index: 999991;
  flex-wrap: nowrap; overflow-x: auto; gap: 0.25rem}}
.st-key-{KEY} p {{white-space: nowrap}}
</style>"""


def show_links(pages: Sequence[StreamlitPage]) -> None:
    """The product's name, the links, and a line where the study of the address is not there any more.

    Args:
        pages: that there are, in order.
    """
    st.html(STYLE)
    links = st.container(horizontal=True, vertical_alignment="center", key=KEY)
    links.markdown(f"**{PRODUCT}**", width="content")
    try:
        gone = fall_back()
    finally:  # without a store too
        for page in pages:
            links.page_link(page, query_params=carried())
    if gone is not None:
        show_error(gone)
