"""`mri probe`: how much of the category can be read from each layer of a study."""

from __future__ import annotations

import shlex
from functools import partial

import click

from mri_core.records.graph import GIVEN
from ui.cli.measuring import measuring_options, open_study, print_measures, trust_option
from ui.reports.probe_tables import probe_tables

OLDER = (
    "There is no baseline of token embeddings: an earlier version probed it, or its texts or the model's table of them "
    "were not at hand. Where they are, mri probe {name} --again adds it."
)


@click.command("probe")
@measuring_options(
    click.option(
        "--splits",
        type=click.IntRange(2, 1_000),
        metavar="N",
        help="Number of splits into training and held-out documents, 5 unless given; probes again.",
    ),
    click.option(
        "--random-blocks",
        is_flag=True,
        help="Also probe the same model with trained embeddings and re-initialised blocks, drawn again for each split.",
    ),
    trust_option,
)
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

    From the full activations and from the regions alone, next to shuffled labels (of tokens: random labels by token
    type), token embeddings and words. It is done once; the measures are stored in the study. The activations come from
    the cache, else the model runs again.
    """
    from ingest.run import Run
    from ingest.studies.probing import stored_probe

    with open_study(study, store, quiet=quiet) as opened:
        measures = stored_probe(
            opened.store,
            opened.study,
            splits=splits,
            random_blocks=random_blocks,
            again=again,
            trust_remote_code=trust_remote_code,
            run=Run(opened.progress),
        )
    if opened.study.site != GIVEN and not any(measure.other == "embeddings" for measure in measures):
        click.echo(OLDER.format(name=shlex.quote(opened.study.name)), err=True)
    print_measures(measures, partial(probe_tables, opened.study), as_json=as_json)
