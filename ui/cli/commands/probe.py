"""`mri probe`: how much of the category can be read from each layer of a study."""

from __future__ import annotations

import shlex
from contextlib import closing
from dataclasses import asdict

import click

from mri_core.store import open_store
from ui.cli.options import json_option, store_option
from ui.cli.output import print_json
from ui.cli.progress import progress_for
from ui.reports.probe_tables import probe_tables

OLDER = (
    "Probed before token embeddings were the baseline: mri probe {name} --again adds them, where the model has a table "
    "of them."
)


@click.command("probe")
@click.argument("study")
@click.option(
    "--splits",
    type=click.IntRange(2, 1_000),
    metavar="N",
    help="Splits into documents to learn from and documents held out, 5 unless given; probes anew.",
)
@click.option(
    "--random-blocks",
    is_flag=True,
    help="The same model too with its embeddings trained and its blocks not, drawn anew for each split.",
)
@click.option("--again", is_flag=True, help="Probe anew what is kept already.")
@click.option("--trust-remote-code", is_flag=True, help="Run code that the model brings along, where it has to run.")
@click.option("--quiet", is_flag=True, help="No progress.")
@store_option
@json_option
def command(
    study: str,
    splits: int | None,
    random_blocks: bool,
    again: bool,
    trust_remote_code: bool,
    quiet: bool,
    store: str | None,
    as_json: bool,
) -> None:
    """Read the category of held-out documents from every layer of STUDY (a name or an id).

    From the full activations and from the regions alone, next to shuffled labels, token embeddings and words. It is
    done once; the measures are stored in the study. The activations come from the cache, else the model runs again.
    """
    from ingest.studies.probing import stored_probe

    with open_store(store, create=False) as opened:
        found = opened.study(study)
        with closing(progress_for(quiet=quiet or as_json)) as progress:
            measures = stored_probe(
                opened,
                found,
                splits=splits,
                random_blocks=random_blocks,
                again=again,
                trust_remote_code=trust_remote_code,
                progress=progress,
            )
    if found.site != "given" and not any(measure.other == "embeddings" for measure in measures):
        click.echo(OLDER.format(name=shlex.quote(found.name)), err=True)
    if as_json:
        print_json([asdict(measure) for measure in measures])
    else:
        click.echo(probe_tables(measures))
