"""The numbers behind the page's pictures, as tables."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from ui.graph_view import Picture, Spot


def connection_table(shown: Picture, spots: Iterable[Spot]) -> pd.DataFrame:
    """The connections of a picture, the most telling first."""
    known = {spot.id: spot for spot in spots}
    layers = {column.index: column.name for column in shown.columns}
    return pd.DataFrame(
        [
            {
                "from layer": layers[known[link.source].layer],
                "from region": known[link.source].name,
                "from words": ", ".join(known[link.source].keywords),
                "to layer": layers[known[link.target].layer],
                "to region": known[link.target].name,
                "to words": ", ".join(known[link.target].keywords),
                "documents": link.documents,
                "difference of shares": link.spread,
                "largest share": link.share,
                "largest share of": link.most,
            }
            for link in shown.links
        ]
    )
