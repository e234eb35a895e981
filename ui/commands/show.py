"""`mri show`: tell what a study found."""

from __future__ import annotations

import click

from mri_core.store import open_store
from ui.options import json_option, store_option
from ui.output import print_json
from ui.summary import findings, in_words


@click.command("show")
@click.argument("study")
@store_option
@json_option
def command(study: str, store: str | None, as_json: bool) -> None:
    """Tell what STUDY (a name or an id) found: documents, layers, and where the categories differ most."""
    with open_store(store, create=False) as opened:
        facts = findings(opened, opened.study(study))
    if as_json:
        print_json(facts)
    else:
        click.echo(in_words(facts))
