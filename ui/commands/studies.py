"""`mri studies`: list the studies."""

from __future__ import annotations

from dataclasses import asdict

import click

from mri_core.store import open_store
from queries.catalog import load_catalog
from queries.runner import run
from ui.options import json_option, reading_options
from ui.output import print_json, print_table


@click.command("studies")
@reading_options
@json_option
def command(store: str | None, timeout: float, max_rows: int, as_json: bool) -> None:
    """List the studies of the store."""
    with open_store(store, create=False) as opened:
        if as_json:
            print_json([asdict(study) for study in opened.studies()])
            return
        table = run(opened, load_catalog(environment={}).get("studies"), {}, timeout=timeout, max_rows=max_rows)
    if table.rows:
        print_table(table, "table")
    else:
        click.echo("No study yet. The first one: mri demo")
