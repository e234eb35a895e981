"""`mri plot`: a picture of a study as a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mri_core.atlas.kinds import traits_of
from mri_core.errors import UsageError, unknown_name
from mri_core.records.graph import Study
from mri_core.records.table import Table
from mri_core.store import open_store
from queries.catalog import own_catalog
from queries.runner import run
from ui.cli.options import store_option
from ui.cli.output import PICTURES, check_picture
from ui.cli.progress import progress_for

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from mri_core.store.store import Store
    from mri_core.studies.comparing import Compared
    from ui.drawing.picture import Ask
    from ui.drawing.scene import Picture, Spot
    from ui.drawing.view import View

PAGE = ".html"
MOST_ROWS = 1_000_000  # a question has its own limit: a picture draws all of what it returns
CONNECTIONS = {"graph": 150, "compare": 20}


@dataclass(frozen=True)
class Order:
    """What is asked for.

    Attributes:
        study: that is drawn.
        ask: gives answers about it.
        compare: tests two of its categories against one another.
        named: the categories that were named.
        categories: all of the study's.
        connections: how many are drawn at most.
        least_stability: the least share of refits that find a connection of a graph again.
    """

    study: Study
    ask: Ask
    compare: Callable[[Sequence[str]], Compared]
    named: Sequence[str]
    categories: Sequence[str]
    connections: int
    least_stability: float


@click.command("plot")
@click.argument("study")
@click.option(
    "--kind", type=click.Choice(["heatmap", "graph", "layers", "compare"]), required=True, help="What is drawn."
)
@click.option(
    "--category",
    "named",
    multiple=True,
    metavar="NAME",
    help="Of a heatmap: this one; may be given more than once. Of a graph: its difference from the others. "
    "Of a comparison: one against all others, or two.",
)
@click.option(
    "--connections",
    type=click.IntRange(1),
    metavar="N",
    help="Of a graph (150 unless given) or a comparison (20): the most telling ones.",
)
@click.option(
    "--least-stability",
    type=click.FloatRange(0, 1),
    metavar="SHARE",
    help="Of a graph: only findings that at least this share of the refits finds again (0 to 1).",
)
@click.option(
    "-o", "--output", metavar="FILE", required=True, help="PNG, SVG, PDF or, of a graph, HTML, by its ending; replaced."
)
@store_option
def command(
    study: str,
    kind: str,
    named: tuple[str, ...],
    connections: int | None,
    least_stability: float | None,
    output: str,
    store: str | None,
) -> None:
    """Draw STUDY (a name or an id) into a file.

    heatmap: where each category sits in each layer. graph: the layered graph of the page. layers: explained variance,
    entropy of the regions, divergence of the categories and, where it was probed, what can be read from a layer.
    compare: the connections that a category is found to take more or less than the others, with their intervals; of two
    categories, tested against one another; where nothing is found, the largest differences of shares, as counted.
    """
    file = Path(output)
    _check(kind, named, connections, least_stability, file)
    with open_store(store, create=False) as opened:
        order = _order(opened, study, named, connections or CONNECTIONS.get(kind, 0), least_stability or 0.0)
        if file.suffix.lower() == PAGE:
            file.write_text(_page(order), "utf-8")
        else:
            from ui.drawing.figures.frame import save

            save(DRAWN[kind](order), file)
    click.echo(f"Wrote {file}.")


def _check(kind: str, named: Sequence[str], connections: int | None, least_stability: float | None, file: Path) -> None:
    """Raises `UsageError` where the options do not go together."""
    check_picture(file, f"a {kind} picture", (*PICTURES, PAGE) if kind == "graph" else PICTURES)
    if connections is not None and kind not in CONNECTIONS:
        raise UsageError(f"A {kind} picture draws no connections", "--connections is given", "Leave it out")
    if least_stability is not None and kind != "graph":
        fact = "--least-stability is given"
        raise UsageError(f"A {kind} picture is not chosen by what refits find again", fact, "Leave it out")
    given = f"{len(named)} given" if named else "none is given"
    if kind == "layers" and named:
        raise UsageError("A picture of layers is of all categories together", given, "Leave --category out")
    if kind == "graph" and len(named) > 1:
        raise UsageError("A graph shows the difference of one category", given, "Name one, or none")
    if kind == "compare" and len(set(named)) not in (1, 2):
        remedy = "Name one, to compare it with all others, or two: --category A --category B"
        raise UsageError("A comparison is of one category or of two", given, remedy)


def _order(store: Store, study: str, named: Sequence[str], connections: int, least_stability: float) -> Order:
    from ui.drawing.picture import categories

    catalog = own_catalog()

    def ask(of: Study, template: str, /, **values: Any) -> Table:
        return run(store, catalog.get(template), {"study": of.id, **values}, max_rows=MOST_ROWS)

    found = store.study(study)
    known = categories(found, ask)
    for name in named:
        if name not in known:
            raise unknown_name("category", name, known)

    def compare(pair: Sequence[str]) -> Compared:
        from mri_core.studies.comparing import compare_categories

        with closing(progress_for(quiet=False)) as progress:
            return compare_categories(
                store,
                found,
                pair,
                begin=lambda steps: progress.stage("compare", steps, "steps"),
                advance=progress.advance,
            )

    return Order(found, ask, compare, list(dict.fromkeys(named)), known, connections, least_stability)


def _layers(order: Order) -> Figure:
    from ui.drawing.figures.layers import layers_figure
    from ui.drawing.layer_lines import panels

    return layers_figure(panels(order.study, order.ask))


def _heatmap(order: Order) -> Figure:
    from ui.drawing.figures.matrix import shares_figure
    from ui.drawing.heatmap import heatmap

    return shares_figure(heatmap(order.study, order.ask, order.named or order.categories))


def _graph(order: Order) -> Figure:
    from ui.drawing.figures.graph import graph_figure

    view, shown = _picture(order)
    if shown.left_out:
        more = f" --connections {shown.known} draws all." if shown.is_counted else ""
        click.echo(f"{shown.left_out}{more}", err=True)
    return graph_figure(shown, _colours(order), view)


def _page(order: Order) -> str:
    from ui.drawing.export import as_html
    from ui.drawing.network import build_network, legend
    from ui.drawing.picture import told

    view, shown = _picture(order)
    colours = _colours(order)
    network = build_network(shown, colours, view.measure)
    return as_html(network, order.study.name, told(order.study, view, shown), legend(shown, colours))


def _picture(order: Order) -> tuple[View, Picture]:
    """The page's view of the study, and what it draws."""
    from ui.drawing.picture import picture
    from ui.drawing.view import View

    if not traits_of(order.study.atlas).holds_documents:
        fact, remedy = f"{order.study.name} has components", "Draw its layers, or ask the question components"
        raise UsageError("The layered graph counts documents", f"{fact}, which hold none", remedy)
    view = View(
        category=order.named[0] if order.named else "",
        connections=order.connections,
        least_stability=order.least_stability,
    )
    return view, picture(order.study, order.ask, view)


def _compare(order: Order) -> Figure:
    from ui.drawing.figures.compare import compare_figure
    from ui.drawing.palette import NEUTRAL
    from ui.drawing.picture import spots
    from ui.drawing.scene import Key
    from ui.reports.comparison import OTHERS, against_others

    regions = spots(order.study, order.ask)
    if len(order.named) == 2:
        return _compare_two(order, regions)
    (category,) = order.named
    found = against_others(order.study, order.ask, regions, category, order.connections)
    return compare_figure(found, [Key(category, _colours(order)[category]), Key(OTHERS, NEUTRAL)])


def _compare_two(order: Order, regions: Sequence[Spot]) -> Figure:
    """What is found of two categories; where nothing is, the largest differences as counted."""
    from ui.drawing.figures.compare import compare_figure
    from ui.drawing.scene import keys_of
    from ui.reports import contrasts
    from ui.reports.comparison import of_findings, side_by_side

    of, ask = order.study, order.ask
    pair = order.named[0], order.named[1]
    known = {spot.id: spot for spot in regions}
    if contrasts.is_stored(of):
        evidence = contrasts.stored(of, ask, known, pair)
    else:
        evidence = contrasts.face_to_face(of, ask, known, pair, order.compare(pair))
    findings = contrasts.ordered(evidence.findings, "interval")[: order.connections]
    if findings:
        shown = of_findings(of, findings, pair, "interval", facing=evidence.facing)
    else:
        shown = side_by_side(of, ask, regions, pair, order.connections)
    colours = contrasts.sides(pair, _colours(order), facing=evidence.facing or not findings)
    return compare_figure(shown, keys_of(colours))


def _colours(order: Order) -> dict[str, str]:
    from ui.drawing.palette import category_colours

    return category_colours(order.categories)


DRAWN: dict[str, Callable[[Order], Figure]] = {
    "heatmap": _heatmap,
    "graph": _graph,
    "layers": _layers,
    "compare": _compare,
}
