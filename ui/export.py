"""What can be taken away from the page: the picture as one HTML file, the numbers as CSV."""

from __future__ import annotations

import html
import re
from copy import deepcopy
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyvis.network import Network

# pyvis's template loads Bootstrap from outside even with its resources in line; the graph does not need it.
_OUTSIDE = re.compile(r"<link[^>]*\bhref=\"https?:[^>]*>|<script[^>]*\bsrc=\"https?:[^>]*>\s*</script>")
_WORD_JOINER = "\u2060"


def as_html(network: Network, heading: str) -> str:
    """pyvis's own page of a network, one file that loads nothing from outside."""
    page = deepcopy(network)
    page.heading = html.escape(heading)
    for item in (*page.nodes, *page.edges):
        if "title" in item:  # pyvis takes a title with "href" in it for markup
            item["title"] = item["title"].replace("href", f"hr{_WORD_JOINER}ef")
    return _OUTSIDE.sub("", page.generate_html())
