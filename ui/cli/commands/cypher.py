"""`mri cypher`: a reader's own Cypher."""

from __future__ import annotations

import click

from mri_core.store import open_store
from queries import runner
from queries.emptiness import why_empty_cypher
from queries.sampled import of_sample_cypher
from ui.cli.options import format_option, reading_options
from ui.cli.output import print_sample_line, print_table


@click.command("cypher")
@click.argument("statement")
@click.option("--study", metavar="NAME", help="The study, a name or an id, whose id $study is in the statement.")
@format_option
@reading_options
def command(statement: str, study: str | None, format: str, store: str | None, timeout: float, max_rows: int) -> None:
    """Run a Cypher STATEMENT that only reads."""
    with open_store(store, create=False) as opened:
        of = None if study is None else opened.study(study)
        table = runner.cypher(opened, statement, study=of, timeout=timeout, max_rows=max_rows)
        print_table(table, format, why_empty=lambda: why_empty_cypher(opened, statement))
        print_sample_line(of_sample_cypher(statement, [of] if of else opened.studies()))
