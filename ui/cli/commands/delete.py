"""`mri delete`: delete a study."""

from __future__ import annotations

import click

from mri_core.errors import StoreError
from mri_core.numbers import how_many
from mri_core.paths import forget
from mri_core.store import open_store
from mri_core.store.store import Store
from ui.cli.options import store_option
from ui.cli.output import confirmed, tell_upgraded
from ui.reports.names import lost_with
from ui.wording.forms import scanned


@click.command("delete")
@click.argument("study")
@click.option("--yes", is_flag=True, help="Do not ask.")
@store_option
def command(study: str, yes: bool, store: str | None) -> None:
    """Delete STUDY (a name or an id): everything it owns, and nothing else.

    Its atlas, its file of all documents and their labels in the cache go too; cached activations stay (`mri cache
    clear`).

    A name of which there is only what a load left that died: that.
    """
    with open_store(store, create=False) as opened:
        if study in opened.unfinished() and study not in {ready.name for ready in opened.studies()}:
            _delete_leftovers(opened, study, yes=yes)
            return
        found = opened.study(study, of_any_schema=True)
        lost = lost_with(opened.annotations(found))
        size = scanned(found.documents, None, found.tokens)
        question = f"Delete {found.name} ({size}, {found.regions} regions)?{lost}"
        if not confirmed(question, yes=yes):
            click.echo("Nothing was deleted.")
            return
        tell_upgraded(opened.upgrade())  # what an older version wrote lacks the mark by which ours is found
        removed = opened.delete(found)
        forget(found.id)
    click.echo(f"Deleted {found.name} ({found.id}): {how_many(removed, 'node')}.")


def _delete_leftovers(store: Store, name: str, *, yes: bool) -> None:
    if not confirmed(f"Delete what an unfinished load left of {name}?", yes=yes):
        click.echo("Nothing was deleted.")
        return
    removed = store.sweep(name)
    if not removed:
        raise StoreError(
            "A load that is under way is left alone", f"A process loads {name!r}", "End it, and wait for a minute"
        )
    click.echo(f"Deleted what a load left of {name}: {how_many(removed, 'node')}.")
