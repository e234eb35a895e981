"""`mri metrics`: graph measures of a study."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict

import click

from mri_core.errors import unknown_name
from mri_core.store import open_store
from queries.catalog import own_catalog
from queries.runner import run
from ui.cli.options import json_option, store_option
from ui.cli.output import print_json
from ui.cli.progress import progress_for
from ui.reports.measure_tables import KINDS, measure_tables


@click.command("metrics")
@click.argument("study")
@click.option("--category", metavar="NAME", help="Show the whole and this category; else all of them.")
@click.option(
    "--random-graphs",
    type=click.IntRange(0, 10_000),
    metavar="N",
    help="How many each graph is compared with, 10 unless given; measures anew.",
)
@click.option("--again", is_flag=True, help="Measure anew what is kept already.")
@click.option("--quiet", is_flag=True, help="No progress.")
@store_option
@json_option
def command(
    study: str,
    category: str | None,
    random_graphs: int | None,
    again: bool,
    quiet: bool,
    store: str | None,
    as_json: bool,
) -> None:
    """Measure the graph of STUDY (a name or an id): the whole, and that of each category.

    It is measured once; the measures are kept in the study.
    """
    from mri_core.studies.study_metrics import stored_metrics

    with open_store(store, create=False) as opened:
        found = opened.study(study)
        names = [row["category"] for row in run(opened, own_catalog().get("categories"), {"study": found.id}).records()]
        if category is not None and category not in names:
            raise unknown_name("category", category, names)
        with closing(progress_for(quiet=quiet or as_json)) as progress:
            measures = stored_metrics(
                opened,
                found,
                KINDS,
                random_graphs,
                again=again,
                begin=lambda graphs: progress.stage("measures", graphs, "graphs"),
                advance=progress.advance,
            )
    chosen = names if category is None else [category]
    if as_json:
        print_json([asdict(measure) for measure in measures if measure.category in (None, *chosen)])
    else:
        click.echo(measure_tables(measures, chosen, found.layers))
