"""`mri report`: a study as one page to share."""

from __future__ import annotations

from pathlib import Path

import click

from mri_core.store import open_store
from ui.cli.options import store_option
from ui.publishing.report import check, report


@click.command("report")
@click.argument("study")
@click.option("-o", "--output", metavar="FILE", required=True, help="An HTML file; replaced.")
@store_option
def command(study: str, output: str, store: str | None) -> None:
    """Write the report of STUDY (a name or an id) into one HTML file, which needs no network.

    What was scanned, how far to trust it, findings, figures, a Methods paragraph with its references, data tables to
    save from the page, and how the study is made again. It prints well. It holds excerpts of texts, and no paths.
    """
    file = Path(output)
    check(file)  # before an engine is started for it
    with open_store(store, create=False) as opened:
        report(opened, study, file)
    click.echo(f"Wrote {file}.")
