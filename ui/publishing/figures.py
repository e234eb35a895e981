"""The figures of a report: those for print, within the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mri_core.records.crossed import crossed_labels
from mri_core.records.graph import Study
from mri_core.records.interventions import Intervention
from ui.drawing.colouring import colouring
from ui.drawing.comparison import Comparison
from ui.drawing.effects import effect_of
from ui.drawing.figures.compare import compare_figure
from ui.drawing.figures.interventions import interventions_figure
from ui.drawing.figures.layers import layers_figure
from ui.drawing.figures.matrix import shares_figure
from ui.drawing.heatmap import heatmap
from ui.drawing.layer_lines import Panel, Point
from ui.drawing.palette import category_colours
from ui.drawing.picture import Ask
from ui.drawing.scene import Key, keys_of
from ui.publishing.inline_svg import inline_svg
from ui.publishing.parts import Drawn
from ui.reports.interventions import deed
from ui.reports.plotting import MOST_TRIED

MOST_CATEGORIES = 20  # rows of a heatmap
FOREST = "Dot: the effect that the axis names; line: its interval. To the right of 0 the category has it more."


def panel_figure(panel: Panel, key: str, caption: str = "", method: str = "") -> Drawn:
    """A panel by layer.

    Args:
        panel: what is drawn.
        key: its name among the page's figures.
        caption: how it is read.
        method: heading of docs/method.md.
    """
    told = "; ".join(_ends(name or panel.title, points) for name, points in panel.lines.items() if points)
    svg = inline_svg(layers_figure([panel]), key, f"{panel.title}, {panel.unit}, by layer. {told}.")
    return Drawn(svg, panel.title, caption, method)


def _ends(name: str, points: Sequence[Point]) -> str:
    return f"{name}: {points[0].value:.3g} in the first layer to {points[-1].value:.3g} in the last"


def shares_of_categories(of: Study, ask: Ask, categories: Sequence[str]) -> Drawn:
    """The heatmap of where each category sits; of many categories the first ones."""
    drawn = categories[:MOST_CATEGORIES]
    shown = heatmap(of, ask, drawn)
    limit = f" {len(drawn)} of {len(categories)} categories are drawn." if len(drawn) < len(categories) else ""
    layers = f" {len(shown.layers)} of {of.layers} layers are drawn." if len(shown.layers) < of.layers else ""
    order = " Regions stand in the order of the layered graph, from the top down, not by number." if shown.lanes else ""
    told = (
        f"Share of each category's {shown.unit} by region and layer, {shown.greatest:.0%} at most."
        f"{order}{limit}{layers}"
    )
    return Drawn(inline_svg(shares_figure(shown), "heatmap", told), "Where each category sits", told, paper=True)


def shares_of_values(of: Study, ask: Ask, categories: Sequence[str], label: str) -> Drawn:
    """The heatmap of where each value of a crossed label sits; of many values the first ones."""
    by = colouring(of, ask, label)
    values = sorted(set(by.value.values()))
    drawn = set(values[:MOST_CATEGORIES])
    shown = heatmap(of, ask, [name for name in categories if by.value[name] in drawn], by=by)
    limit = f" {len(drawn)} of {len(values)} values are drawn." if len(drawn) < len(values) else ""
    told = (
        f"Share of the {shown.unit} of each value of {label} by region and layer, {shown.greatest:.0%} at most.{limit}"
    )
    place = crossed_labels(of).index(label)
    return Drawn(
        inline_svg(shares_figure(shown), f"heatmap-{place}", told),
        f"Where each value of {label} sits",
        told,
        paper=True,
    )


def forest(shown: Comparison, categories: Sequence[str]) -> Drawn:
    """The first findings with their intervals, in the categories' colours."""
    keys = keys_of(category_colours(categories))
    named = {row.tint for row in shown.rows}
    tints = {tint: place for place, tint in enumerate(sorted(named))}
    return Drawn(_forest(shown, [keys[tint] for tint in sorted(named)], tints, "forest"), "Effects", FOREST)


def replicated(shown: Comparison, key: Key) -> Drawn:
    """Findings of another study on these documents."""
    return Drawn(_forest(shown, [key], {0: 0}, "confirmation-forest"), "Effects on these documents", FOREST)


def _forest(shown: Comparison, keys: Sequence[Key], tints: dict[int, int], name: str) -> str:
    rows = [replace(row, tint=tints[row.tint]) for row in shown.rows]
    told = f"{shown.title}: {len(rows)} connections, effects from {min(r.difference for r in rows):.2f} to "
    alternative = f"{told}{max(r.difference for r in rows):.2f}. The table of findings has them in words."
    return inline_svg(compare_figure(replace(shown, rows=rows), keys), name, alternative)


def tried_figure(tried: Sequence[Intervention], words: dict[str, tuple[str, ...]]) -> Drawn:
    """The interventions of least q, layer by layer beside their controls."""
    shown = tried[:MOST_TRIED]
    svg = inline_svg(
        interventions_figure([(deed(one, words), effect_of(one)) for one in shown]),
        "interventions",
        f"What {len(shown)} interventions change by layer and strength, beside their controls; the sentences say it.",
    )
    limit = f"Those of least q, {len(shown)} of {len(tried)}." if len(shown) < len(tried) else ""
    return Drawn(svg, "What was tried, layer by layer", limit)
