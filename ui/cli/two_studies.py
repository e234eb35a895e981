"""`mri compare STUDY OTHER`: two studies in one atlas."""

from __future__ import annotations

from collections.abc import Sequence

import click

from mri_core.errors import UsageError, one_line
from mri_core.records.graph import Study
from mri_core.statistics.fdr import Method
from mri_core.store.store import Store
from ui.cli.measuring import open_study
from ui.cli.output import print_json
from ui.reports.answers import Answers
from ui.wording.labels import reader_names
from ui.wording.terminal import fitted


def compare_studies(
    base: str,
    other: str,
    runs: Sequence[str],
    shams: Sequence[str],
    fdr: Method | None,
    *,
    quiet: bool,
    store: str | None,
    as_json: bool,
) -> None:
    """Compares two studies and prints the comparison.

    Args:
        base, other, runs, shams: names or ids of studies.
        fdr: how q is computed; None for the base's own method.
        quiet: whether no progress is shown.
        store: as `--store` names it.
        as_json: whether JSON is printed.
    """
    from mri_core.studies.same_documents import SameDocuments
    from mri_core.studies.two_studies import compare_two
    from ui.reports import other_documents, same_documents
    from ui.reports.naming import with_reader_names

    with open_study(base, store, quiet=quiet or as_json) as (opened, first, progress):
        second = _second(opened, first, other)
        several = ([opened.study(name) for name in names] for names in (runs, shams))
        compared = compare_two(
            opened,
            first,
            second,
            *several,
            fdr=fdr,
            begin=lambda steps: progress.stage("compare", steps, "steps"),
            advance=progress.advance,
        )
        ask = Answers(opened)
        names = [str(row["name"]) for row in ask(first, "layers").records()]
        given = reader_names(first, ask)
    if isinstance(compared, SameDocuments):
        if as_json:
            print_json(same_documents.as_json(compared))
        else:
            click.echo(fitted(same_documents.in_words(with_reader_names(compared, given), names)))
    elif as_json:
        print_json(other_documents.as_json(compared))
    else:
        click.echo(fitted(other_documents.in_words(with_reader_names(compared, given))))


def _second(store: Store, first: Study, name: str) -> Study:
    """The other study; a name that is a category of the first is told apart from one that nothing has."""
    from mri_core.studies.placements import categories_of

    try:
        return store.study(name)
    except UsageError:
        if name in categories_of(store, first):
            fact = f"{one_line(name)!r} alone is one of {first.name}'s"
            remedy = "Name another category, or another study"
            raise UsageError("Two categories or more are compared", fact, remedy) from None
        raise


def refuse_studies(store: Store, first: Study, names: Sequence[str]) -> None:
    """Raises `UsageError` where several studies are named in place of categories."""
    from mri_core.studies.placements import categories_of

    known, ready = categories_of(store, first), {study.name for study in store.studies()}
    for name in names:
        if name not in known and name in ready:
            fact = f"{name} is a study, and no category of {first.name}"
            raise UsageError("Two studies are compared at a time", fact, "Name further runs with --run or --sham")
