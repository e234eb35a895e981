"""`mri plot`: a picture of a study as a file."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mri_core.records.graph import Study
from mri_core.store import open_store
from ui.cli.options import store_option
from ui.cli.progress import progress_for
from ui.drawing.view import VALUES
from ui.reports.picture_files import check, plot
from ui.reports.plot_request import CONNECTIONS, Wanted
from ui.reports.plotting import FIGURES

if TYPE_CHECKING:
    from mri_core.store.store import Store
    from mri_core.studies.comparing import Compared


@click.command("plot")
@click.argument("study")
@click.option("--kind", type=click.Choice(list(FIGURES)), required=True, help="What is drawn.")
@click.option(
    "--category",
    "named",
    multiple=True,
    metavar="NAME",
    help="Of a heatmap: this one; may be given more than once. Of a graph: its difference from the others. "
    "Of a matrix: its counts, or its difference from a second one. Of a comparison: one against all others, or two.",
)
@click.option(
    "--connections",
    type=click.IntRange(1),
    metavar="N",
    help="Number of connections in a graph (150 unless given) or a comparison (20), the strongest first.",
)
@click.option(
    "--least-stability",
    type=click.FloatRange(0, 1),
    metavar="SHARE",
    help="Of a graph: only findings that at least this share of the refits finds again (0 to 1).",
)
@click.option(
    "--region",
    metavar="L4/R10",
    help="Of interventions: those that were asked about this region; else those of the smallest q.",
)
@click.option(
    "--layer",
    metavar="N|all",
    help="Of a matrix: the index of the layer that connections leave, or all; else that of most findings.",
)
@click.option(
    "--value",
    type=click.Choice(list(VALUES)),
    help="Of a matrix: documents, which are tokens where these were scanned; part, of those of the source region; "
    "share, of those of the category; or spread, the difference of shares. Documents unless given, of two categories "
    "their spread.",
)
@click.option(
    "--colour-by",
    metavar="LABEL",
    help="Of a graph or a heatmap of crossed labels: colours, or rows, are the values of this one.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    required=True,
    help="PNG, SVG, PDF or, of a graph, HTML, of a matrix, CSV, by its ending; a picture there is replaced.",
)
@store_option
def command(
    study: str,
    kind: str,
    named: tuple[str, ...],
    connections: int | None,
    least_stability: float | None,
    region: str | None,
    layer: str | None,
    value: str | None,
    colour_by: str | None,
    output: str,
    store: str | None,
) -> None:
    """Draw STUDY (a name or an id) into a file.

    heatmap: where each category sits in each layer. graph: the layered graph of the page. layers: explained variance,
    entropy of the regions, divergence of the categories and, where it was probed, what can be read from a layer.
    compare: the connections that a category is found to take more or less than the others, with their intervals; of two
    categories, tested against one another; where nothing is found, the largest differences of shares, as counted.
    matrix: how many documents, or tokens, go from each region of a layer (rows) to each of the next (columns).
    intervention: what at most six interventions change, layer by layer beside their controls, and by strength.
    """
    file = Path(output)
    wanted = Wanted(kind, named, connections, least_stability, region, layer, value, colour_by)
    check(file, wanted)  # before an engine is started for it
    with open_store(store, create=False) as opened:
        left_out = plot(opened, study, file, wanted, _compare)
    if left_out:
        more = " --connections sets how many." if kind in CONNECTIONS else ""
        click.echo(f"{left_out}{more}", err=True)
    click.echo(f"Wrote {file}.")


def _compare(store: Store, of: Study, pair: Sequence[str]) -> Compared:
    """Tests two categories against one another, and says how far it is."""
    from mri_core.studies.comparing import compare_categories

    with closing(progress_for(quiet=False)) as progress:
        return compare_categories(
            store, of, pair, begin=lambda steps: progress.stage("compare", steps, "steps"), advance=progress.advance
        )
