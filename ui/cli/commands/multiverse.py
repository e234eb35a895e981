"""`mri multiverse`: the headline numbers of a study under other choices of its analysis."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import click

from mri_core.records.graph import Study
from mri_core.records.measures import Measure
from mri_core.store import open_store
from mri_core.store.store import Store
from ui.cli.options import json_option, store_option
from ui.cli.output import print_json
from ui.cli.progress import progress_for
from ui.drawing.files import check_picture
from ui.reports.multiverse_tables import KINDS, multiverse_tables


@click.command("multiverse")
@click.argument("study")
@click.option(
    "--seeds", type=click.IntRange(1, 1_000), metavar="N", help="Seeds, 3 unless given, from the study's own on; anew."
)
@click.option(
    "--clusters",
    type=click.IntRange(2),
    multiple=True,
    metavar="K",
    help="Clusters besides the study's own, else half as many and twice as many; may be given more than once; anew.",
)
@click.option("-o", "--output", metavar="FILE", help="Draw it too: PNG, SVG or PDF, by its ending; replaced.")
@click.option("--again", is_flag=True, help="Analyse anew what is stored already.")
@click.option("--trust-remote-code", is_flag=True, help="Run code that the model brings along, where it has to run.")
@click.option("--quiet", is_flag=True, help="No progress.")
@store_option
@json_option
def command(
    study: str,
    seeds: int | None,
    clusters: tuple[int, ...],
    output: str | None,
    again: bool,
    trust_remote_code: bool,
    quiet: bool,
    store: str | None,
    as_json: bool,
) -> None:
    """Analyse STUDY (a name or an id) under all combinations of other choices, and show its headline numbers in each.

    Seeds, numbers of clusters, columns standardised or not, length adjusted for or not. It is done once; the
    measures are stored in the study. The activations come from the cache, else the model runs again.
    """
    file = None if output is None else Path(output)
    if file is not None:
        check_picture(file, "a picture")
    with open_store(store, create=False) as opened:
        found = opened.study(study)
        measures = [] if again or seeds is not None or clusters else opened.measures(found, KINDS)
        if not measures:
            measures = _analyse(opened, found, seeds, clusters, trust_remote_code, quiet=quiet or as_json)
    if as_json:
        print_json([asdict(measure) for measure in measures])
    else:
        click.echo(multiverse_tables(measures))
    if file is not None:
        from ui.drawing.figures.frame import save
        from ui.drawing.figures.multiverse import multiverse_figure

        save(multiverse_figure(measures), file)
        click.echo(f"Wrote {file}.", err=as_json)


def _analyse(
    store: Store,
    study: Study,
    seeds: int | None,
    clusters: tuple[int, ...],
    trust_remote_code: bool,
    *,
    quiet: bool,
) -> list[Measure]:
    """Analyses the study anew, stores the measures, and gives them as they are stored."""
    from ingest.studies.multiverse import SEEDS, multiverse_study

    store.check_usable(study.id)
    with closing(progress_for(quiet=quiet)) as progress:
        measures = multiverse_study(
            study, seeds=seeds or SEEDS, clusters=clusters, trust_remote_code=trust_remote_code, progress=progress
        )
        store.add_measures(study, measures)
    return store.measures(study, KINDS)
