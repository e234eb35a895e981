"""The layered graph as files: one HTML page that explains itself, and GraphML for other programs."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Sequence
from copy import deepcopy
from typing import TYPE_CHECKING

import networkx as nx

from queries.graphs import plain_graph
from ui.drawing.origin import Origin
from ui.drawing.scene import Key, Picture, Spot

if TYPE_CHECKING:
    from pyvis.network import Network

# pyvis's template loads Bootstrap from outside even with its resources in line; the graph does not need it.
_OUTSIDE = re.compile(r"<link[^>]*\bhref=\"https?:[^>]*>|<script[^>]*\bsrc=\"https?:[^>]*>\s*</script>")
_EMPTY_HEADINGS = re.compile(r"<center>\s*<h1></h1>\s*</center>")
_WORD_JOINER = "\u2060"


SIGNS = {"dot": "\u25cf", "ring": "\u25cb", "line": "\u2501\u2501", "dashed": "\u254d\u254d"}


def as_html(network: Network, origin: Origin, caption: str, keys: Sequence[Key]) -> str:
    """pyvis's own page of a network, one file that loads nothing from outside.

    Args:
        network: as it is drawn.
        origin: the study that it is of; its title is the page's.
        caption: what the picture shows.
        keys: the legend.
    """
    page = deepcopy(network)
    for item in (*page.nodes, *page.edges):
        if "title" in item:  # pyvis takes a title with "href" in it for markup
            item["title"] = item["title"].replace("href", f"hr{_WORD_JOINER}ef")
    text = _EMPTY_HEADINGS.sub("", _OUTSIDE.sub("", page.generate_html()))
    head, body = "<head>", "<body>"
    known = {"generator": origin.drawn_by, "description": origin.line, **origin.facts}
    metas = "".join(f'<meta name="{name}" content="{html.escape(value)}">' for name, value in known.items())
    title = f'{head}<meta charset="utf-8"><title>{html.escape(origin.title)}</title>{metas}'
    return text.replace(head, title, 1).replace(body, body + _explanation(origin, caption, keys), 1)


def as_graphml(shown: Picture) -> bytes:
    """The regions and connections of a picture, for Gephi, Cytoscape, networkx or igraph."""
    names = {column.index: column.name for column in shown.columns}
    nodes = [
        (
            spot.id,
            {
                "layer": spot.layer,
                "layer_name": names[spot.layer],
                "name": spot.name,
                **_counted(spot),
                "dominant_category": spot.dominant,
                "keywords": spot.keywords,
                "reader_name": spot.given or None,
            },
        )
        for spot in shown.spots
    ]
    edges = [
        (
            link.source,
            link.target,
            {
                f"{link.unit}s": link.documents,
                "difference_of_shares": link.spread,
                "largest_share": link.share,
                "largest_share_of": link.most,
            },
        )
        for link in shown.links
    ]
    buffer = io.BytesIO()
    nx.write_graphml(plain_graph(nodes, edges), buffer)
    return buffer.getvalue()


def _counted(spot: Spot) -> dict[str, int]:
    """What a region holds: documents, or tokens and the texts that these are of."""
    return {f"{spot.unit}s": spot.size} | ({} if spot.texts is None else {"documents": spot.texts})


def _explanation(origin: Origin, caption: str, keys: Sequence[Key]) -> str:
    signs = "".join(
        f'<span style="margin-right: 1em"><span style="color: {key.colour}; opacity: {key.opacity}">{SIGNS[key.form]}'
        f"</span> {html.escape(key.name)}</span>"
        for key in keys
    )
    return (
        f'<div style="font-family: sans-serif; margin: 1em"><h1 style="font-size: 1.4em">'
        f"{html.escape(origin.title)}</h1><p>{html.escape(caption)}</p><p>{signs}</p>"
        f'<p style="color: #555555; font-size: 0.85em">{html.escape(origin.line)}</p></div>'
    )
