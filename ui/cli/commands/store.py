"""`mri store`: the embedded engine of a folder, and copies from store to store."""

from __future__ import annotations

from pathlib import Path

import click

from mri_core.errors import UsageError
from mri_core.store import Server, locate, open_store
from mri_core.store.embedded import lifecycle
from mri_core.store.store import Store
from ui.cli.commands.copy import copy
from ui.cli.options import store_option


@click.group("store")
def command() -> None:
    """Look at a store, copy studies between stores, start or stop a folder's engine.

    The engine also starts by itself, and stops when idle.
    """


command.add_command(copy)


@command.command("start")
@store_option
def start(store: str | None) -> None:
    """Start the engine, if it does not run."""
    folder = _folder(store)
    lifecycle.ensure(folder)
    _tell(lifecycle.status(folder))


@command.command("stop")
@store_option
def stop(store: str | None) -> None:
    """Stop the engine, if it runs."""
    folder = _folder(store)
    click.echo(f"The engine of {folder} stopped." if lifecycle.stop(folder) else f"No engine ran for {folder}.")


@command.command("status")
@store_option
def status(store: str | None) -> None:
    """Tell whether the engine runs, or the server answers."""
    place = locate(store)
    if isinstance(place, Server):
        with open_store(place) as opened:
            studies = len(opened.studies())
            click.echo(f"The server {place} answers and holds {studies} {'study' if studies == 1 else 'studies'}.")
            _tell_unfinished(opened)
        return
    state = lifecycle.status(place)
    _tell(state)
    if state.running:
        with open_store(place, create=False) as opened:
            _tell_unfinished(opened)


@command.command("upgrade")
@store_option
def upgrade(store: str | None) -> None:
    """Make studies of older versions ones that this version reads; nothing is scanned again."""
    with open_store(store, create=False) as opened:
        opened.check_usable(None)
        upgraded = opened.upgrade()
        left = opened.unreadable()
    click.echo(f"Upgraded: {', '.join(upgraded)}." if upgraded else "There was no study to upgrade.")
    for error in left:
        click.echo(f"Not upgraded: {error}", err=True)


def _folder(store: str | None) -> Path:
    place = locate(store)
    if isinstance(place, Server):
        raise UsageError(
            "Only the embedded engine of a folder is started and stopped here",
            f"{place} is a server",
            "Ask how it is: mri store status",
        )
    return place


def _tell_unfinished(store: Store) -> None:
    for name in store.unfinished():
        click.echo(f"{name} is unfinished: a load is under way, or one that died is taken up by the same command.")


def _tell(status: lifecycle.Status) -> None:
    if not status.exists:
        click.echo(f"There is no store at {status.folder}.")
    elif not status.running:
        click.echo(f"The engine of {status.folder} does not run; the next command starts it.")
    else:
        memory = (status.memory or 0) / 2**20
        click.echo(f"The engine of {status.folder} runs: process {status.pid}, {status.uri}, {memory:.0f} MiB.")
