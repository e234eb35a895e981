"""`mri ingest`: scan a corpus and store the study."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from ui.cli.ingest_options import ingest_options
from ui.cli.options import json_option, progress_file_option, quiet_option, store_option
from ui.cli.output import print_json
from ui.wording.forms import OF_CATEGORIES, scanned, unchanged
from ui.wording.terminal import fitted, runnable
from ui.wording.units import of_tokens

if TYPE_CHECKING:
    from ingest.pipeline import Outcome
    from ingest.progress import Progress
    from ingest.request import Request
    from mri_core.studies.confirmation import Confirmed


@click.command("ingest")
@click.argument("corpus", required=False)
@ingest_options
@store_option
@json_option
@quiet_option
@progress_file_option
def command(
    store: str | None,
    as_json: bool,
    quiet: bool,
    progress_file: Path | None,
    **choices: Any,
) -> None:
    """Scan CORPUS with a model and store the study.

    CORPUS is a .csv, .tsv, .json, .jsonl or .parquet file (text may be compressed: .gz, .bz2, .xz, .zst), a folder of
    text files whose subfolders are the labels or of such tables, a saved Hugging Face dataset, or one on the hub. With
    --unit token it may also have a label for each word (CoNLL files, lists of words and tags) or for pieces of a text.
    """
    if quiet or as_json:  # downloads draw bars of their own
        os.environ.update(HF_HUB_DISABLE_PROGRESS_BARS="1", HF_DATASETS_DISABLE_PROGRESS_BARS="1")
    from ingest.pipeline import run
    from ingest.request import Request
    from ui.cli.progress import progress_for, split_of_time
    from ui.reports.confirmation import as_json as confirmation_json
    from ui.reports.confirmation import in_words as confirmation_words

    source = click.get_current_context().get_parameter_source
    request = Request(
        **choices, given=frozenset(name for name in choices if source(name) is not ParameterSource.DEFAULT)
    )
    with closing(progress_for(quiet=quiet or as_json, file=progress_file)) as progress:
        outcome = run(request, store=store, progress=progress)
        progress.note(split_of_time(outcome.seconds))
        if not as_json:
            click.echo(_in_words(outcome))
        confirmed = _confirmed(request, store, progress)
    if as_json:
        print_json(_as_json(outcome) | ({} if confirmed is None else {"confirmation": confirmation_json(confirmed)}))
    elif confirmed is not None:
        click.echo(fitted(f"\n{confirmation_words(confirmed)}"))


def _confirmed(request: Request, store: str | None, progress: Progress) -> Confirmed | None:
    """The findings tested on what was held out; None if nothing was."""
    if request.holdout is None or request.held_out:
        return None
    from ingest.confirmation import confirm_held_out

    return confirm_held_out(request, store=store, progress=progress)


def _as_json(outcome: Outcome) -> dict[str, Any]:
    study = outcome.study
    counts = ("documents", *(["tokens"] if of_tokens(study) else []), "categories", "layers", "regions", "connections")
    return {
        "study": study.id,
        "name": study.name,
        "status": outcome.status,
        **{count: getattr(study, count) for count in counts},
        "documents_stored": study.documents if study.documents_stored is None else study.documents_stored,
        "added": list(outcome.added),
        "seconds": outcome.seconds,
    }


def _in_words(outcome: Outcome) -> str:
    study = outcome.study
    if outcome.status == "unchanged":
        return unchanged(f"{study.name} ({study.id})", outcome.added)
    documents = scanned(study.documents, study.documents_stored, study.tokens)
    return (
        f"{study.name} is ready: {documents}, {study.categories} categories, {study.layers} layers,\n"
        f"{study.regions} regions, {study.connections} {OF_CATEGORIES}, in {outcome.seconds['total']:.1f} s.\n"
        f"{runnable(f'Next: mri show {study.name}    or: mri ui')}"
    )
