"""`mri metrics`: graph measures of a study."""

from __future__ import annotations

from functools import partial

import click

from mri_core.errors import unknown_name
from queries.catalog import own_catalog
from queries.runner import run
from ui.cli.measuring import measuring_options, open_study, print_measures
from ui.reports.measure_tables import KINDS, measure_tables


@click.command("metrics")
@measuring_options(
    click.option("--category", metavar="NAME", help="Show the whole and this category; else all of them."),
    click.option(
        "--random-graphs",
        type=click.IntRange(0, 10_000),
        metavar="N",
        help="Number of random graphs for comparison, 10 unless given; measures again.",
    ),
)
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

    It is measured once; the measures are stored in the study.
    """
    from mri_core.studies.study_metrics import stored_metrics

    with open_study(study, store, quiet=quiet or as_json) as (opened, found, progress):
        names = [row["category"] for row in run(opened, own_catalog().get("categories"), {"study": found.id}).records()]
        if category is not None and category not in names:
            raise unknown_name("category", category, names)
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
    shown = [measure for measure in measures if measure.category in (None, *chosen)]
    print_measures(shown, partial(measure_tables, categories=chosen, layers=found.layers), as_json=as_json)
