"""The numbers behind the page's pictures, as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from queries.text import words_told
from ui.drawing.heatmap import Heatmap
from ui.drawing.layer_lines import Panel
from ui.drawing.scene import Column, Picture
from ui.reports import trust
from ui.reports.measure_tables import BY_LAYER, WHOLE, named


def connection_table(shown: Picture) -> pd.DataFrame:
    """The connections of a picture, the most telling first."""
    known = {spot.id: spot for spot in shown.spots}
    layers = {column.index: column.name for column in shown.columns}
    return pd.DataFrame(
        [
            {
                "from layer": layers[known[link.source].layer],
                "from region": known[link.source].name,
                "from words": words_told(known[link.source].words),
                "to layer": layers[known[link.target].layer],
                "to region": known[link.target].name,
                "to words": words_told(known[link.target].words),
                f"{link.unit}s": link.documents,
                "difference of shares": link.spread,
                "largest share": link.share,
                "largest share of": link.most,
                "found": ", ".join(link.found),
                "q": link.q,
                "found again": link.stability,
            }
            for link in shown.links
        ]
    )


def heatmap_table(shown: Heatmap) -> pd.DataFrame:
    """The shares of a heatmap, row by row, layer by layer, the largest first."""
    marks = sorted(shown.marks, key=lambda mark: (mark.row, mark.column, -mark.share))
    return pd.DataFrame(
        [
            {
                shown.row: shown.categories[mark.row],
                "layer": shown.layers[mark.column].name,
                "region": mark.name,
                "words": words_told(mark.words),
                "share": mark.share,
                "lift": mark.lift,
            }
            for mark in marks
        ]
    )


def layer_table(layers: Sequence[Column], panels: Sequence[Panel]) -> pd.DataFrame:
    """A row for each layer, a column for each line of the panels; intervals and levels beside them."""
    table = pd.DataFrame({"layer": [layer.index for layer in layers], "name": [layer.name for layer in layers]})
    for panel in panels:
        for line, points in panel.lines.items():
            title = f"{panel.title}: {line}" if line else panel.title
            table[f"{title} ({panel.unit})"] = table["layer"].map({p.layer: p.value for p in points})
            if any(p.low is not None for p in points):
                table[f"{title}, low"] = table["layer"].map({p.layer: p.low for p in points})
                table[f"{title}, high"] = table["layer"].map({p.layer: p.high for p in points})
        for level, value in panel.levels.items():
            table[f"{panel.title}: {level} ({panel.unit})"] = value
    return table


def controls_table(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """What each family of tests found, and what its controls find; rows of the question `controls`."""
    table = pd.DataFrame(
        [
            {
                "family": row["family"],
                "found": row["findings"],
                "in the sample": row["in_sample"],
                "tested": row["tests"],
                "with shuffled labels, mean": row["shuffled"],
                "with random blocks, mean": row["random_blocks"],
                "least": row["random_blocks_low"],
                "most": row["random_blocks_high"],
                "routing floor": row["routing_floor"],
            }
            for row in trust.as_told(rows)
        ]
    )
    return table if any(row["in_sample"] is not None for row in rows) else table.drop(columns="in the sample")


def stability_table(shares: Sequence[float]) -> pd.DataFrame:
    """How many findings are found again in each share of the refits."""
    return pd.DataFrame({"found again": shares}).value_counts("found again").sort_index().reset_index(name="findings")


def measures_by_group(
    rows: Sequence[Mapping[str, Any]], kinds: Sequence[str], categories: Sequence[str]
) -> pd.DataFrame:
    """A row for each kind of measure, a column for the whole and for each category.

    Args:
        rows: of the question `measures`.
        kinds: the rows wanted.
        categories: the columns beside the whole.
    """
    found = {(row["kind"], row["category"]): row["value"] for row in rows if row["layer"] is None}
    columns = [(WHOLE, None), *((name, name) for name in categories)]
    values = [[named(kind), *(found.get((kind, name)) for _, name in columns)] for kind in kinds]
    return pd.DataFrame(values, columns=["measure", *(title for title, _ in columns)])


def measures_by_layer(rows: Sequence[Mapping[str, Any]], category: str | None) -> pd.DataFrame:
    """A row for each layer; of the whole, or of one category."""
    own = [row for row in rows if row["layer"] is not None and row["category"] == category]
    found = {(row["kind"], row["layer"]): row["value"] for row in own}
    layers = sorted({row["layer"] for row in own})
    values = [[layer, *(found.get((kind, layer)) for kind in BY_LAYER)] for layer in layers]
    return pd.DataFrame(values, columns=["layer", *BY_LAYER.values()])
