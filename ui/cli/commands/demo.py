"""`mri demo`: scan the demo corpus and print what it found."""

from __future__ import annotations

from contextlib import closing

import click

from ingest.corpus.demo import demo_corpus
from ingest.request import OPTIONS, Request
from mri_core.errors import StoreError
from mri_core.store import exists, open_store
from ui.cli.ingest_options import click_option
from ui.cli.options import quiet_option, store_option
from ui.reports.answers import Answers
from ui.reports.demo_factors import factor_table
from ui.reports.overview import in_words, overview
from ui.wording.forms import unchanged
from ui.wording.terminal import fitted, runnable

FACTORS = "The corpus crosses topics with registers. How well each separates the texts, as a share of the maximum (1):"
OWN = "Your own texts, from the columns text and label: mri ingest your.csv --name yours"


@click.command("demo")
@click.option(
    "--model",
    type=click.Choice(["minilm", "smollm2"]),
    default="minilm",
    show_default=True,
    help="An encoder of 6 layers, or a decoder of 30.",
)
@click_option(OPTIONS["refits"])
@store_option
@quiet_option
def command(model: str, refits: int, store: str | None, quiet: bool) -> None:
    """Scan the demo corpus with a small model and print what it found.

    The corpus: 300 short texts in six categories, three topics (cooking, astronomy, law) told in two registers (plain,
    technical), with lengths matched between the categories.
    """
    from ingest.corpus.corpus import open_corpus
    from ingest.pipeline import run
    from ui.cli.progress import progress_for, split_of_time

    name = "demo" if model == "minilm" else f"demo-{model}"
    corpus = demo_corpus()
    with closing(progress_for(quiet=quiet)) as progress:
        _spare_others(name, open_corpus(corpus).content_hash, store)
        request = Request(name=name, corpus=corpus, model=model, refits=refits, replace=True)
        outcome = run(request, store=store, progress=progress)
        progress.note(split_of_time(outcome.seconds))
    if outcome.status == "unchanged":
        click.echo(unchanged(f"{outcome.study.name} ({outcome.study.id})", outcome.added))
        click.echo(runnable(f"What it found: mri show {name}    The page: mri ui"))
        return
    with open_store(store) as opened:
        told = in_words(overview(outcome.study, Answers(opened), opened.measures(outcome.study)))
        factors = factor_table(opened, outcome.study)
    click.echo(runnable(f"\n{fitted(told)}\n\n{fitted(FACTORS)}\n{factors}\n\n{fitted(OWN)}"))


def _spare_others(name: str, corpus_hash: str, store: str | None) -> None:
    """A newer demo takes the place of an older one of the same texts, and of nothing else."""
    if not exists(store):
        return
    with open_store(store) as opened:
        others = [study.corpus for study in opened.studies() if study.name == name and study.corpus_hash != corpus_hash]
    if others:
        raise StoreError(
            f"The demo stores its study as {name!r}",
            f"That is a study of {others[0]} here",
            "Name another folder with --store, or delete that study",
        )
