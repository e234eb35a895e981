"""`mri cypher`: a reader's own Cypher."""

from __future__ import annotations

import click

from mri_core.store import open_store
from queries import runner
from ui.options import format_option, reading_options
from ui.output import print_table


@click.command("cypher")
@click.argument("statement")
@format_option
@reading_options
def command(statement: str, format: str, store: str | None, timeout: float, max_rows: int) -> None:
    """Run a Cypher STATEMENT that only reads."""
    with open_store(store, create=False) as opened:
        print_table(runner.cypher(opened, statement, timeout=timeout, max_rows=max_rows), format)
