"""`mri delete`: delete a study."""

from __future__ import annotations

import click

from mri_core.store import open_store
from ui.options import store_option
from ui.output import confirmed


@click.command("delete")
@click.argument("study")
@click.option("--yes", is_flag=True, help="Do not ask.")
@store_option
def command(study: str, yes: bool, store: str | None) -> None:
    """Delete STUDY (a name or an id): everything it owns, and nothing else."""
    with open_store(store, create=False) as opened:
        found = opened.study(study)
        question = f"Delete {found.name} ({found.documents} documents, {found.regions} regions)?"
        if not confirmed(question, yes=yes):
            click.echo("Nothing was deleted.")
            return
        removed = opened.delete(found)
    click.echo(f"Deleted {found.name} ({found.id}): {removed} nodes.")
