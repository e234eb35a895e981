"""The frame of commands that measure a study: its options, the open study with its progress, the printed measures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from functools import reduce
from pathlib import Path
from typing import Any, NamedTuple

import click

from ingest.progress import Progress
from mri_core.records.graph import Study
from mri_core.records.measures import Measure
from mri_core.store import open_store
from mri_core.store.store import Store
from ui.cli.options import json_option, quiet_option, store_option
from ui.cli.output import print_json
from ui.cli.progress import progress_for

Decorator = Callable[[Any], Any]
trust_option = click.option(
    "--trust-remote-code", is_flag=True, help="Run code that the model brings along, where it has to run."
)
again_option = click.option("--again", is_flag=True, help="Compute again what is stored already.")


class OpenStudy(NamedTuple):
    """A study in its open store, and what a command reports its progress to."""

    store: Store
    study: Study
    progress: Progress


@contextmanager
def open_study(study: str, store: str | None, *, quiet: bool, progress_file: Path | None = None) -> Iterator[OpenStudy]:
    """A study while its store is open.

    Args:
        study: its name or id.
        store: as `--store` names it.
        quiet: whether no progress is shown.
        progress_file: that progress is reported in instead, if any.

    Raises:
        MriError: there is no such study or store.
    """
    with open_store(store, create=False) as opened, closing(progress_for(quiet=quiet, file=progress_file)) as progress:
        yield OpenStudy(opened, opened.study(study), progress)


def measuring_options(*own: Decorator) -> Decorator:
    """Those of a command that stores what it measures: STUDY, its own, then what all of them share."""
    shared = (again_option, quiet_option, store_option, json_option)
    options = (click.argument("study"), *own, *shared)
    return lambda function: reduce(lambda wrapped, option: option(wrapped), reversed(options), function)


def print_measures(measures: Sequence[Measure], table: Callable[[Sequence[Measure]], str], *, as_json: bool) -> None:
    """Measures as JSON, else as a table for readers.

    Args:
        measures: in the order of the store.
        table: lays them out.
        as_json: whether JSON is asked for.
    """
    if as_json:
        print_json([asdict(measure) for measure in measures])
    else:
        click.echo(table(measures))
