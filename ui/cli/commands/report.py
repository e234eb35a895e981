"""`mri report`: a study, or a comparison of two, as one page to share."""

from __future__ import annotations

from pathlib import Path

import click

from mri_core.errors import UsageError
from mri_core.store import open_store
from ui.cli.options import store_option
from ui.publishing.report import check, report, report_comparison


@click.command("report")
@click.argument("study")
@click.argument("other", required=False)
@click.option("-o", "--output", metavar="FILE", required=True, help="An HTML file; an earlier report is replaced.")
@click.option("--replace", is_flag=True, help="Replace the file whatever it holds.")
@click.option("--sham", "shams", multiple=True, metavar="STUDY", help="As of `mri compare STUDY OTHER`; repeatable.")
@click.option("--run", "runs", multiple=True, metavar="STUDY", help="As of `mri compare STUDY OTHER`; repeatable.")
@store_option
def command(
    study: str,
    other: str | None,
    output: str,
    replace: bool,
    shams: tuple[str, ...],
    runs: tuple[str, ...],
    store: str | None,
) -> None:
    """Write the report of STUDY (a name or an id) into one HTML file, which needs no network.

    What was scanned, how far to trust it, findings, figures, a Methods paragraph with its references, data tables to
    save from the page, and how the study is made again. It prints well. It holds excerpts of texts, and no paths.

    With OTHER, a study in the same atlas, it is the report of the comparison that `mri compare STUDY OTHER` prints.
    """
    file = Path(output)
    check(file, replace=replace)  # before an engine is started for it
    if other is None and (runs or shams):
        fact = "No other study is named"
        raise UsageError("Runs and sham runs belong to a comparison", fact, "Name it: mri report STUDY OTHER")
    with open_store(store, create=False) as opened:
        if other is None:
            report(opened, study, file, replace=replace)
        else:
            report_comparison(opened, study, other, file, runs=runs, shams=shams, replace=replace)
    click.echo(f"Wrote {file}.")
