"""What a study found, as parts of a report: findings in words, the graph, the figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from mri_core.atlas.kinds import traits_of
from mri_core.errors import one_line
from mri_core.records.crossed import crossed_labels
from mri_core.records.graph import Study
from queries.text import number
from ui.drawing import layer_lines
from ui.drawing.figures.graph import explained
from ui.drawing.network import legend, strokes
from ui.drawing.palette import category_colours
from ui.drawing.picture import Ask, picture, spots, told
from ui.drawing.scene import Key, Picture, Spot
from ui.drawing.scene import told as link_told
from ui.drawing.view import View
from ui.publishing.figures import forest, panel_figure, shares_of_categories, shares_of_values
from ui.publishing.graph_svg import Drawing, drawing
from ui.publishing.parts import Drawn, Entry
from ui.publishing.tables import DataTable, data_table
from ui.reports import trust
from ui.reports.comparison import foremost
from ui.reports.token_regions import within_told
from ui.wording.evidence import chance, left_out, percent
from ui.wording.labels import ends_with_words
from ui.wording.units import of_tokens

LISTED = 20  # findings in words, and in the forest
WORDS = 3
MOST_CONNECTIONS = 8  # of a region beside the graph


@dataclass(frozen=True)
class Graph:
    """The layered graph of a report.

    Attributes:
        drawing: its marks.
        told: what it shows.
        explained: how it is read.
        keys: its legend.
        regions: those drawn, in the order of the drawing's dots.
        places: of each region in that list, by its id.
        shown: the picture.
    """

    drawing: Drawing
    told: str
    explained: str
    keys: Sequence[Key]
    regions: Sequence[Entry]
    places: Mapping[str, int]
    shown: Picture


def findings_in_words(of: Study, rows: Sequence[Mapping[str, Any]]) -> DataTable | None:
    """The first findings as a reader wants them; None where there is none.

    Args:
        of: the study.
        rows: of the question `findings`, all of them.
    """
    if not rows:
        return None
    frame = pd.DataFrame([_in_words(of, row) for row in rows[:LISTED]])
    if not frame["found again"].any():
        frame = frame.drop(columns="found again")  # without refits
    table = data_table("findings", "The first findings", frame, LISTED)
    return replace(table, told=f"The first {LISTED} of {len(rows):,}.") if len(rows) > LISTED else table


def _in_words(of: Study, row: Mapping[str, Any]) -> dict[str, str]:
    here, there = ends_with_words(of.id, row, WORDS)
    again = "" if row["stability"] is None else f"{row['stability']:.0%}"
    known = {"category": one_line(row["category"]), "finding": row["finding"]}
    known |= {"q": number(row["q"]), "found again": again}
    if traits_of(of.atlas).holds_documents:
        odds, interval = chance(row["effect"], row["ci_low"], row["ci_high"])
        known |= {
            "share": percent(row["share"]),
            "of the others": f"{percent(row['others_share'])}{left_out(row['named_before'])}",
            "odds ratio": odds,
            "interval": interval,
        }
    else:
        known |= {"Fisher's z": f"{row['effect']:+.2f}"}
    if of_tokens(of):
        known |= {"within token types": within_told(row).removeprefix("within token types ") or "not to be tested"}
    return known | {"from": here, "to": there}


def graph(of: Study, ask: Ask, categories: Sequence[str]) -> Graph | None:
    """The layered graph as the page opens it; None of a study of components, which no graph draws."""
    if not traits_of(of.atlas).holds_documents:
        return None
    view = View()
    shown, colours = picture(of, ask, view), category_colours(categories)
    marks = drawing(shown, strokes(shown, colours, view.measure), colours)
    places = {dot.key: place for place, dot in enumerate(marks.dots)}
    return Graph(
        marks,
        told(of, view, shown),
        explained(shown, view),
        legend(shown, colours),
        _entries(shown, [dot.key for dot in marks.dots], places),
        places,
        shown,
    )


def _entries(shown: Picture, drawn: Sequence[str], places: Mapping[str, int]) -> list[Entry]:
    known: dict[str, Spot] = {spot.id: spot for spot in shown.spots}
    layers = {column.index: column.name for column in shown.columns}
    lines: dict[str, list[tuple[int, str]]] = {key: [] for key in drawn}
    for link in shown.links:
        for here, there, way in ((link.source, link.target, "to"), (link.target, link.source, "from")):
            far = known[there]
            told = link_told(link).replace("\n", "; ")
            lines[here].append((places[there], f"{way} {far.title} ({layers[far.layer]}): {told}"))
    return [
        Entry(layers[known[key].layer], known[key].searched, known[key].told, lines[key][:MOST_CONNECTIONS])
        for key in drawn
    ]


def figures(of: Study, ask: Ask, categories: Sequence[str]) -> Iterator[Drawn]:
    """Heatmaps, layers and forest: each where the study has what it draws."""
    if traits_of(of.atlas).holds_documents:
        yield shares_of_categories(of, ask, categories)
        for label in crossed_labels(of):
            yield shares_of_values(of, ask, categories, label)
    if of.fdr is not None:
        effects = foremost(of, ask, spots(of, ask), categories, LISTED)
        if effects is not None:
            yield forest(effects, categories)
    checked = {trust.VARIANCE, layer_lines.PROBING}  # stand among the checks
    panels = [panel for panel in layer_lines.panels(of, ask) if panel.title not in checked]
    yield from (panel_figure(panel, f"layers-{place}", method="Layer by layer") for place, panel in enumerate(panels))
