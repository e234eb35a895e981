"""`mri cache`: the activations that are kept on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from ingest.cache.entries import CacheEntry, Listed, describe, entries, size
from mri_core.errors import MriError, unknown_name
from mri_core.numbers import how_many
from mri_core.paths import cache_folder, documents_folder, token_plans_folder
from ui.cli.options import json_option
from ui.cli.output import confirmed, print_json
from ui.wording.forms import in_bytes
from ui.wording.terminal import table

OLD_ATLASES = "atlases"  # folder of the cache in which earlier versions left them
COLUMNS = ("entry", "model", "site", "pooling", "dtype", "corpus", "documents", "state", "size", "last used")


@click.group("cache", invoke_without_command=True)
@json_option
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    """List the activations that are kept on this machine, the last used first; `mri cache clear` frees them."""
    if context.invoked_subcommand is not None:
        return
    listed = [describe(entry) for entry in entries()]
    if as_json:
        print_json({"folder": str(cache_folder()), "entries": [asdict(one) for one in listed]})
        return
    if listed:
        click.echo(table(COLUMNS, [_row(one) for one in listed]))
    total = in_bytes(sum(one.bytes for one in listed))
    click.echo(f"Activations: {total}, in {cache_folder()}")


@command.command("clear")
@click.argument("names", metavar="[ENTRY]...", nargs=-1)
@click.option("--unfinished", is_flag=True, help="Only what interrupted runs, or an older version, left.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def clear(names: tuple[str, ...], unfinished: bool, yes: bool) -> None:
    """Free the activations of each ENTRY, or all, and then the labels of scanned corpora too.

    What a run is writing just now stays. Atlases are in the store; those that an earlier version cached are freed too,
    and so are the lists of tokens of scans of tokens.
    """
    chosen = [entry for entry in _named(names) if not (unfinished and entry.state == "complete")]
    labels = [] if names or unfinished else sorted(documents_folder().glob("*.npz"))
    old = [] if names or unfinished else sorted((cache_folder() / OLD_ATLASES).glob("*.npz"))
    plans = [] if names or unfinished else sorted(token_plans_folder().glob("*.npz"))
    if not (chosen or labels or old or plans):
        click.echo("There is nothing to free.")
        return
    sizes = {entry: size(entry.folder) for entry in chosen}
    others = (*labels, *old, *plans)
    told = sum(file.stat().st_size for file in others)
    counted = _counted(chosen, labels, old, plans)
    if not confirmed(f"Free {in_bytes(sum(sizes.values()) + told)}: {counted}?", yes=yes):
        click.echo("Nothing was freed.")
        return
    freed = [entry for entry in chosen if entry.clear()]
    for file in others:
        file.unlink(missing_ok=True)
    counted = _counted(freed, labels, old, plans)
    click.echo(f"Freed {in_bytes(sum(sizes[entry] for entry in freed) + told)}: {counted}.")
    busy = [entry.name for entry in chosen if entry not in freed]
    if busy:
        raise MriError("What a run is writing stays", f"A run works on {', '.join(busy)}", "Wait until it has ended")


def _named(names: Sequence[str]) -> list[CacheEntry]:
    """The entries of these names, each once; all where none is given."""
    there = entries()
    known = {entry.name for entry in there}
    for name in names:
        if name not in known:
            raise unknown_name("entry of the cache", name, known, "See them with: mri cache")
    return [entry for entry in there if not names or entry.name in names]


def _counted(chosen: Sequence[CacheEntry], labels: Sequence[Path], old: Sequence[Path], plans: Sequence[Path]) -> str:
    counted = [how_many(len(chosen), "entry", "entries")] if chosen or not old else []
    counted += [f"the labels of {how_many(len(labels), 'study', 'studies')}"] if labels else []
    counted += [how_many(len(old), "atlas of an earlier version", "atlases of an earlier version")] if old else []
    counted += [how_many(len(plans), "list of tokens", "lists of tokens")] if plans else []
    return " and ".join(counted)


def _row(one: Listed) -> tuple[object, ...]:
    state: str = one.state
    if state == "unfinished" and one.documents:
        state = f"unfinished: {one.done:,} of {one.documents:,}"
    taken = in_bytes(one.bytes)
    return one.entry, one.model, one.site, one.pooling, one.dtype, one.corpus, one.documents, state, taken, one.used
