"""`mri compare STUDY OTHER`: two studies in one atlas."""

from __future__ import annotations

from collections.abc import Sequence

import click

from mri_core.errors import UsageError
from mri_core.records.graph import Study
from mri_core.statistics.fdr import Method
from mri_core.store.store import Store
from ui.cli.measuring import OpenStudy, open_study
from ui.cli.output import print_json
from ui.reports.answers import Answers
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
    """Compares two studies, prints the comparison, and stores it with the second.

    Args:
        base, other, runs, shams: names or ids of studies.
        fdr: how q is computed; None for the base's own method.
        quiet: whether no progress is shown.
        store: as `--store` names it.
        as_json: whether JSON is printed.
    """
    from mri_core.studies.same_documents import is_paired

    with open_study(base, store, quiet=quiet or as_json) as opened:
        second = opened.store.study(other)
        several = [[opened.store.study(name) for name in names] for names in (runs, shams)]
        if not is_paired(opened.study, second):
            if runs or shams:
                fact = f"{second.name} read other documents than {opened.study.name}"
                raise UsageError("Runs are compared on the same documents", fact, "Leave --run and --sham out")
            _other_documents(opened, second, fdr, as_json=as_json)
            return
        _same_documents(opened, second, several[0], several[1], fdr, as_json=as_json)


def _same_documents(
    opened: OpenStudy,
    other: Study,
    runs: Sequence[Study],
    shams: Sequence[Study],
    fdr: Method | None,
    *,
    as_json: bool,
) -> None:
    from mri_core.studies.same_documents import compare_same_documents, measures_of
    from ui.reports import same_documents

    progress, store = opened.progress, opened.store
    compared = compare_same_documents(
        store,
        opened.study,
        other,
        runs=runs,
        shams=shams,
        fdr=fdr,
        begin=lambda steps: progress.stage("compare", steps, "steps"),
        advance=progress.advance,
    )
    store.add_measures(other, measures_of(compared))
    if as_json:
        print_json(same_documents.as_json(compared))
    else:
        click.echo(fitted(same_documents.in_words(compared, _layer_names(store, opened.study))))


def _other_documents(opened: OpenStudy, other: Study, fdr: Method | None, *, as_json: bool) -> None:
    from mri_core.studies.other_documents import compare_other_documents
    from ui.reports import other_documents

    progress = opened.progress
    compared = compare_other_documents(
        opened.store,
        opened.study,
        other,
        fdr=fdr,
        begin=lambda steps: progress.stage("compare", steps, "steps"),
        advance=progress.advance,
    )
    if as_json:
        print_json(other_documents.as_json(compared))
    else:
        click.echo(fitted(other_documents.in_words(compared)))


def _layer_names(store: Store, study: Study) -> list[str]:
    return [str(row["name"]) for row in Answers(store)(study, "layers").records()]
