"""`mri show`: show what a study found."""

from __future__ import annotations

import click

from mri_core.store import open_store
from ui.cli.options import json_option, reading_options
from ui.cli.output import print_json, tell_cut
from ui.reports.summary import findings, in_words
from ui.wording.terminal import fitted, runnable


@click.command("show")
@click.argument("study")
@reading_options
@json_option
def command(study: str, store: str | None, timeout: float, max_rows: int, as_json: bool) -> None:
    """Show what STUDY (a name or an id) found: documents, layers, and where the categories differ most."""
    with open_store(store, create=False) as opened:
        facts = findings(opened, opened.study(study), printed=not as_json, timeout=timeout, max_rows=max_rows)
    if as_json:
        print_json(facts)
    else:
        click.echo(runnable(fitted(in_words(facts))))
    if facts["cut"]:
        tell_cut(max_rows)
