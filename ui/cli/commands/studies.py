"""`mri studies`: list the studies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import click

from mri_core.records.graph import Study
from mri_core.store import open_store
from ui.cli.options import json_option, reading_options
from ui.cli.output import print_json, tell_cut
from ui.wording.terminal import runnable, table
from ui.wording.units import of_tokens

COLUMNS = ("name", "model", "corpus", "atlas", "tokens", "documents", "categories", "layers", "regions", "created_at")


@click.command("studies")
@reading_options
@json_option
def command(store: str | None, timeout: float, max_rows: int, as_json: bool) -> None:
    """List the studies of the store."""
    with open_store(store, create=False) as opened:
        studies = opened.studies(timeout=timeout)
        unreadable = opened.unreadable(timeout=timeout)
    shown = studies[:max_rows]
    if as_json:
        print_json([asdict(study) for study in shown])
    elif shown:
        click.echo(_listed(shown))
    elif not unreadable:
        click.echo(runnable("No study yet. The first one: mri demo"))
    if len(shown) < len(studies):
        tell_cut(len(shown))
    for error in unreadable:
        click.echo(f"Not shown: {error}", err=True)


def _listed(studies: Sequence[Study]) -> str:
    """A study a row; where one is of tokens, these are a column, next to texts, as which its documents are known."""
    tokens = any(map(of_tokens, studies))
    columns = [name for name in COLUMNS if name != "tokens" or tokens]
    heads = ["texts" if name == "documents" and tokens else name for name in columns]
    return table(heads, [_row(study, columns) for study in studies])


def _row(study: Study, columns: Sequence[str]) -> list[object]:
    """The minute in which it was made is enough for a reader; JSON has all."""
    made = study.created_at[:16].replace("T", " ")
    return [*(getattr(study, column) for column in columns[:-1]), made]
