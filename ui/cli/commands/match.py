"""`mri match`: which regions of two studies hold the same documents."""

from __future__ import annotations

import click

from ui.cli.measuring import open_study, trust_option
from ui.cli.options import json_option, quiet_option, store_option
from ui.cli.output import print_json
from ui.wording.terminal import fitted


@click.command("match")
@click.argument("study")
@click.argument("other")
@click.option(
    "--cka", is_flag=True, help="Compare the activations of aligned layers too, from the cache or the models."
)
@trust_option
@quiet_option
@store_option
@json_option
def command(
    study: str, other: str, cka: bool, trust_remote_code: bool, quiet: bool, store: str | None, as_json: bool
) -> None:
    """Match the layers and regions of STUDY and OTHER, which read the same documents with any models and atlases.

    Layers are aligned by the adjusted mutual information of their regions; regions are matched one to one by the
    documents that they share. The matches are stored: `mri query matched-findings` asks which findings of STUDY hold in
    the matched regions of OTHER.
    """
    from mri_core.studies.matching import match_studies
    from ui.reports import matching

    with open_study(study, store, quiet=quiet or as_json) as (opened, found, progress):
        second = opened.study(other)
        matched = match_studies(
            opened, found, second, lambda steps: progress.stage("match", steps, "steps"), progress.advance
        )
        opened.add_matches(found, second, matched.matches)
        similar = None
        if cka:
            from ingest.run import Run
            from ingest.studies.similarity import aligned_cka

            run = Run(progress)
            similar = aligned_cka(found, second, matched.alignment.aligned, run, trust_remote_code=trust_remote_code)
    if as_json:
        print_json(matching.as_json(matched, similar))
    else:
        click.echo(fitted(matching.in_words(matched, similar)))
