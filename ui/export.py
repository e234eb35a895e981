"""What can be taken away from the page: the picture as one HTML file that explains itself."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from copy import deepcopy
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyvis.network import Network

# pyvis's template loads Bootstrap from outside even with its resources in line; the graph does not need it.
_OUTSIDE = re.compile(r"<link[^>]*\bhref=\"https?:[^>]*>|<script[^>]*\bsrc=\"https?:[^>]*>\s*</script>")
_EMPTY_HEADINGS = re.compile(r"<center>\s*<h1></h1>\s*</center>")
_WORD_JOINER = "\u2060"


def as_html(network: Network, heading: str, caption: str, colours: Mapping[str, str]) -> str:
    """pyvis's own page of a network, one file that loads nothing from outside.

    Args:
        network: as it is drawn.
        heading: the page's title.
        caption: what the picture shows.
        colours: colour of each category.
    """
    page = deepcopy(network)
    for item in (*page.nodes, *page.edges):
        if "title" in item:  # pyvis takes a title with "href" in it for markup
            item["title"] = item["title"].replace("href", f"hr{_WORD_JOINER}ef")
    text = _EMPTY_HEADINGS.sub("", _OUTSIDE.sub("", page.generate_html()))
    head, body = "<head>", "<body>"
    title = f'{head}<meta charset="utf-8"><title>{html.escape(heading)}</title>'
    return text.replace(head, title, 1).replace(body, body + _explanation(heading, caption, colours), 1)


def _explanation(heading: str, caption: str, colours: Mapping[str, str]) -> str:
    dots = "".join(
        f'<span style="margin-right: 1em"><span style="color: {colour}">\u25cf</span> {html.escape(name)}</span>'
        for name, colour in colours.items()
    )
    return (
        f'<div style="font-family: sans-serif; margin: 1em"><h1 style="font-size: 1.4em">{html.escape(heading)}</h1>'
        f"<p>{html.escape(caption)}</p><p>{dots}</p></div>"
    )
