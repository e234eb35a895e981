"""`mri show`: show what a study found, what matters most first."""

from __future__ import annotations

from typing import Any

import click

from mri_core.records.graph import Study
from mri_core.store import open_store
from mri_core.store.store import Store
from ui.cli.options import json_option, reading_options
from ui.cli.output import print_json, tell_cut
from ui.reports import overview, summary
from ui.reports.answers import Answers
from ui.wording.terminal import fitted, runnable


@click.command("show")
@click.argument("study")
@click.option("--full", is_flag=True, help="Every number: by category, by layer, by test, and six findings.")
@reading_options
@json_option
def command(study: str, full: bool, store: str | None, timeout: float, max_rows: int, as_json: bool) -> None:
    """Show what STUDY (a name or an id) found: what was scanned, three findings, how far to trust them, what is next.

    The findings are the most stable ones, of as many categories and regions as there are.
    """
    with open_store(store, create=False) as opened:
        show = _show_all if full or as_json else _show_first
        cut = show(opened, opened.study(study), as_json, timeout=timeout, max_rows=max_rows)
    if cut:
        tell_cut(max_rows)


def _show_first(store: Store, study: Study, as_json: bool, **limits: Any) -> bool:
    """Prints the first screen; returns whether an answer was cut for it."""
    answers = Answers(store, **limits)
    shown = overview.overview(study, answers, store.measures(study), store.studies())
    click.echo(runnable(fitted(overview.in_words(shown))))
    return answers.cut


def _show_all(store: Store, study: Study, as_json: bool, **limits: Any) -> bool:
    """Prints all of it, in words or as JSON; returns whether an answer was cut for it."""
    facts = summary.findings(store, study, printed=not as_json, **limits)
    if as_json:
        print_json(facts)
    else:
        click.echo(runnable(fitted(summary.in_words(facts))))
    return bool(facts["cut"])
