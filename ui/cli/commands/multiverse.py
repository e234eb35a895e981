"""`mri multiverse`: the headline numbers of a study under other choices of its analysis."""

from __future__ import annotations

from pathlib import Path

import click

from ui.cli.measuring import measuring_options, open_study, print_measures, trust_option
from ui.drawing.files import check_picture
from ui.reports.multiverse_tables import coarser, multiverse_tables
from ui.wording.terminal import fitted
from ui.wording.units import of_tokens


@click.command("multiverse")
@measuring_options(
    click.option(
        "--seeds",
        type=click.IntRange(1, 1_000),
        metavar="N",
        help="Number of seeds, 3 unless given, counted from the study's own; analyses again.",
    ),
    click.option(
        "--clusters",
        type=click.IntRange(2),
        multiple=True,
        metavar="K",
        help="Number of clusters besides the study's own, else half and twice as many; may be given more than once; "
        "analyses again.",
    ),
    click.option("-o", "--output", metavar="FILE", help="Draw it too: PNG, SVG or PDF, by its ending; replaced."),
    trust_option,
)
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
    from ingest.run import Run
    from ingest.studies.multiverse import stored_multiverse

    file = None if output is None else Path(output)
    if file is not None:
        check_picture(file, "a picture")
    with open_study(study, store, quiet=quiet or as_json) as opened:
        measures = stored_multiverse(
            opened.store,
            opened.study,
            seeds=seeds,
            clusters=clusters,
            again=again,
            trust_remote_code=trust_remote_code,
            run=Run(opened.progress),
        )
    print_measures(measures, multiverse_tables, as_json=as_json)
    if of_tokens(opened.study) and not as_json:
        click.echo(f"\n{fitted(coarser())}")
    if file is not None:
        from ui.drawing.figures.frame import save
        from ui.drawing.figures.multiverse import multiverse_figure
        from ui.drawing.origin import origin_of

        save(multiverse_figure(measures), file, origin_of(opened.study))
        click.echo(f"Wrote {file}.", err=as_json)
