"""`mri confirm`: a study's findings tested on texts that took no part in it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import click

from ui.cli.measuring import trust_option
from ui.cli.options import json_option, quiet_option, store_option
from ui.cli.output import print_json
from ui.cli.progress import progress_for
from ui.wording.terminal import fitted

OF_THE_CORPUS = ("text", "label", "title", "id", "group", "limit")


@click.command("confirm")
@click.argument("study")
@click.argument("corpus", required=False)
@click.option("--plan", type=click.Path(path_type=Path), metavar="FILE", help="Test what FILE says, and nothing else.")
@click.option("--name", metavar="NAME", help="Name of the new study; else STUDY-confirmation.")
@click.option("--text", metavar="COL", help="Text column, if it is not that of STUDY.")
@click.option("--label", metavar="COL", help="Label column, if it is not that of STUDY.")
@click.option("--title", metavar="COL", help="Title column, if it is not that of STUDY.")
@click.option("--id", metavar="COL", help="Id column, if it is not that of STUDY.")
@click.option("--group", metavar="COL", help="Group column, if it is not that of STUDY.")
@click.option("--limit", type=int, metavar="N", help="Size of a seeded sample, stratified by category.")
@click.option("--replace", is_flag=True, help="Replace a study that has the new one's name.")
@trust_option
@quiet_option
@store_option
@json_option
def command(
    study: str,
    corpus: str | None,
    plan: Path | None,
    name: str | None,
    replace: bool,
    trust_remote_code: bool,
    quiet: bool,
    store: str | None,
    as_json: bool,
    **columns: Any,
) -> None:
    """Test the findings of STUDY on the texts of CORPUS, which took no part in it.

    \b
    mri confirm STUDY CORPUS               place the texts in STUDY's atlas and test what STUDY found
    mri confirm STUDY --plan FILE          write what will be tested, before the texts are seen
    mri confirm STUDY CORPUS --plan FILE   test what FILE says; refused if FILE was changed

    Every finding on a connection is tested in the direction in which it was found, with Holm's correction over these
    tests; near-duplicates of STUDY's documents are left out. CORPUS may also be a study placed in STUDY's atlas.
    """
    from ingest.confirmation import NewCorpus, confirm, plan_confirmation
    from mri_core.errors import UsageError
    from ui.reports import confirmation

    if corpus is None:
        if plan is None:
            raise UsageError("A confirmation needs new texts", "Neither CORPUS nor --plan was given", "Name a corpus")
        digest = plan_confirmation(study, plan, store=store)
        click.echo(f"{plan} says what a confirmation of {study} will test (SHA-256 {digest}).")
        return
    given = tuple((key, columns[key]) for key in OF_THE_CORPUS if columns[key] is not None)
    with closing(progress_for(quiet=quiet or as_json)) as progress:
        new = NewCorpus(corpus, name, given, trust_remote_code, replace)
        confirmed = confirm(study, new, plan=plan, store=store, progress=progress)
    if as_json:
        print_json(confirmation.as_json(confirmed))
    else:
        click.echo(fitted(confirmation.in_words(confirmed)))
