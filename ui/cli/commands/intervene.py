"""`mri intervene`: what a model does when a region's direction is added to its activations, or erased from them."""

from __future__ import annotations

from pathlib import Path

import click

from mri_core.records.ids import local_id
from ui.cli.measuring import open_study, trust_option
from ui.cli.options import json_option, progress_file_option, quiet_option, store_option
from ui.cli.output import print_json
from ui.wording.terminal import fitted


@click.command("intervene")
@click.argument("study")
@click.option("--region", "regions", multiple=True, metavar="L4/R10", help="A region; may be given more than once.")
@click.option(
    "--connection",
    "connections",
    multiple=True,
    metavar="'L4/R10>L5/R8'",
    help="A connection of two regions; may be given more than once.",
)
@click.option("--findings", type=click.IntRange(1), metavar="N", help="The N most stable findings on connections.")
@click.option(
    "--add",
    "adds",
    type=float,
    multiple=True,
    metavar="STRENGTH",
    help="Add the region's direction to other texts; 1 is the whole difference of means.",
)
@click.option("--erase", is_flag=True, help="Project the region's direction out of its own texts.")
@click.option(
    "--swap",
    "swaps",
    multiple=True,
    metavar="REGION",
    help="Move texts of the region to this one of its layer; of a connection, texts of this one to its first region. "
    "'largest' is the largest other region.",
)
@click.option(
    "--controls",
    type=click.IntRange(1),
    default=99,
    show_default=True,
    metavar="N",
    help="Directions to rank among; 99 or more.",
)
@click.option(
    "--documents",
    type=click.IntRange(1),
    default=200,
    show_default=True,
    metavar="N",
    help="Texts that each is tried on, at most.",
)
@click.option("--seed", type=click.IntRange(0), metavar="N", help="Of halves, samples and controls; else the study's.")
@trust_option
@progress_file_option
@quiet_option
@store_option
@json_option
def command(
    study: str,
    regions: tuple[str, ...],
    connections: tuple[str, ...],
    findings: int | None,
    adds: tuple[float, ...],
    erase: bool,
    swaps: tuple[str, ...],
    controls: int,
    documents: int,
    seed: int | None,
    trust_remote_code: bool,
    progress_file: Path | None,
    quiet: bool,
    store: str | None,
    as_json: bool,
) -> None:
    """Run the model of STUDY again with a region's direction added, erased or swapped, next to controls.

    \b
    mri intervene STUDY --findings 5                       erase each of the five most stable findings' regions
    mri intervene STUDY --region L4/R10 --add 1 --erase    add one region's direction, and erase it
    mri intervene STUDY --connection 'L4/R10>L5/R8' --swap largest

    Does the model use a region, or does it only show there? The direction is made of one half of the documents and
    tried on the other. What follows in later layers is ranked among other directions as large: of other regions, of
    random groups, of the layer's covariance. Without --add, --erase or --swap the direction is erased. An effect is of
    this direction in this model on these texts; none is no proof that the model does not use the region.
    """
    from ingest.run import Run
    from ingest.studies.intervening import Extent, intervene
    from mri_core.studies.intervention_request import wanted_of
    from queries.runner import EVERY_ROW
    from ui.reports import interventions
    from ui.reports.answers import Answers
    from ui.wording.labels import READER_NAME, words_of

    wanted = wanted_of(regions, connections, findings or 0, adds, swaps, erase=erase)
    extent = Extent(controls, documents, seed)
    extent.check()
    with open_study(study, store, quiet=quiet or as_json, progress_file=progress_file) as (opened, of, progress):
        found = intervene(opened, of, wanted, extent, trust_remote_code=trust_remote_code, run=Run(progress))
        rows = Answers(opened, max_rows=EVERY_ROW)(of, "regions", limit=of.regions).records()
    words = {local_id(of.id, row["region"]): words_of(row[READER_NAME], row["keywords"]) for row in rows}
    if as_json:
        print_json(interventions.as_json(of, found))
    else:
        click.echo(fitted(interventions.in_words(of, found, words)))
