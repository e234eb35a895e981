"""`mri delete`: delete a study."""

from __future__ import annotations

import sys

import click

from mri_core.errors import UsageError
from mri_core.store import open_store
from ui.options import store_option


@click.command("delete")
@click.argument("study")
@click.option("--yes", is_flag=True, help="Do not ask.")
@store_option
def command(study: str, yes: bool, store: str | None) -> None:
    """Delete STUDY (a name or an id): everything it owns, and nothing else."""
    with open_store(store, create=False) as opened:
        found = opened.study(study)
        if not yes:
            if not sys.stdin.isatty():
                raise UsageError("Deleting is confirmed", "There is no terminal to ask on", "Add --yes")
            if not click.confirm(f"Delete {found.name} ({found.documents} documents, {found.regions} regions)?"):
                click.echo("Nothing was deleted.")
                return
        removed = opened.delete(found)
    click.echo(f"Deleted {found.name} ({found.id}): {removed} nodes.")
