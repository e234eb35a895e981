"""`mri ingest`: scan a corpus and keep the study."""

from __future__ import annotations

import csv
import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from ingest.corpus.corpus import Match
from ingest.extract.poolings import POOLINGS
from ingest.model.device import Compiling, Device, Dtype
from ingest.model.sites import SITES
from mri_core.errors import UsageError
from mri_core.records.arrays import Stack
from mri_core.statistics.fdr import Method
from ui.cli.options import json_option, refits_option, store_option
from ui.cli.output import print_json
from ui.wording.forms import OF_CATEGORIES, unchanged
from ui.wording.terminal import runnable

if TYPE_CHECKING:
    from ingest.pipeline import Outcome


@click.command("ingest")
@click.argument("corpus", required=False)
@click.option("--activations", metavar="FOLDER", help="Activations made elsewhere: L0.npy … and documents.csv.")
@click.option("--name", required=True, help="The study's name.")
@click.option("--replace", is_flag=True, help="Take the name over from another study.")
@click.option("--text", metavar="COL", help="Column of the texts; guessed by name.")
@click.option(
    "--label",
    metavar="COL",
    multiple=True,
    help="Column of the categories; guessed by name. Given again, labels are crossed: law/plain.",
)
@click.option("--title", metavar="COL", help="Column of the titles.")
@click.option("--id", metavar="COL", help="Column of the documents' ids.")
@click.option(
    "--group", metavar="COL", help="Column of what belongs together: such documents are no independent evidence."
)
@click.option("--limit", type=int, metavar="N", help="A stratified, seeded sample of N documents.")
@click.option("--categories", metavar="A,B,C", help="Keep these categories only; one with a comma in double quotes.")
@click.option(
    "--match",
    type=click.Choice(get_args(Match)),
    help="Keep as many texts of each length in every category: a seeded subsample.",
)
@click.option("--bins", type=int, metavar="N", help="Group labels that are numbers into N categories, by quantiles.")
@click.option("--top", type=int, metavar="N", help="Keep the N most frequent categories only.")
@click.option(
    "--separator", metavar="CHAR", help="Of the fields of CSV or TSV: a character, comma, semicolon, tab or pipe."
)
@click.option("--model", default="minilm", show_default=True, help="Alias, folder, .gguf file, or hub name.")
@click.option("--revision", help="Of a model on the hub: a branch, tag or commit.")
@click.option("--trust-remote-code", is_flag=True, help="Run code that the model brings along.")
@click.option("--max-length", type=int, metavar="N", help="Tokens a text is cut to; else the model's own, at most 512.")
@click.option(
    "--site",
    type=click.Choice(list(SITES)),
    default="residual",
    show_default=True,
    help="The residual stream, or what each block's attention or MLP adds to it.",
)
@click.option(
    "--stack", type=click.Choice(get_args(Stack)), help="Of an encoder–decoder; without it, the encoder's is read."
)
@click.option(
    "--pooling",
    type=click.Choice(list(POOLINGS)),
    default="mean",
    show_default=True,
    help="How a text's tokens become one row.",
)
@click.option(
    "--template",
    metavar="PROMPT",
    help="A prompt with {text} in it, as 'Classify: {text}'; only the text's own tokens are pooled.",
)
@click.option("--chat", is_flag=True, help="Each text as a user's message in the tokenizer's chat template.")
@click.option(
    "--device",
    type=click.Choice(get_args(Device)),
    default="auto",
    show_default=True,
    help="Where the model runs: auto takes an accelerator where there is one.",
)
@click.option(
    "--dtype",
    type=click.Choice(get_args(Dtype)),
    default="auto",
    show_default=True,
    help="What it computes in: auto is float32 on a CPU, else the checkpoint's own type.",
)
@click.option("--batch-tokens", type=int, metavar="N", help="Padded tokens in a batch; else what suits the device.")
@click.option(
    "--compile",
    type=click.Choice(get_args(Compiling)),
    default="auto",
    show_default=True,
    help="Compile the model: auto does so where the scan is long enough to pay for it.",
)
@click.option("--atlas", default="clusters", show_default=True, help="clusters, grid or components.")
@click.option("--clusters", default="auto", show_default=True, metavar="auto|N", help="How many.")
@click.option("--reducer", default="pca", show_default=True, help="Of a grid or components: pca, svd or umap.")
@click.option("--resolution", type=int, default=10, show_default=True, help="Bins of each axis of a grid.")
@click.option("--components", type=int, metavar="N", help="Components of each layer; else 10.")
@click.option(
    "--threshold", type=float, default=0.3, show_default=True, help="Components are connected where |rho| is greater."
)
@click.option("--no-standardize", "standardize", flag_value=False, default=True, help="Keep the columns' own scale.")
@click.option("--no-length-adjust", "length_adjust", flag_value=False, default=True, help="Keep what is due to length.")
@click.option(
    "--fdr",
    type=click.Choice(get_args(Method)),
    default="discrete",
    show_default=True,
    help="How the chance of findings is held down: discrete, dbh and bh their false share, fwer any false one.",
)
@refits_option
@click.option(
    "--controls",
    is_flag=True,
    help="Hold the findings against shuffled labels, five models with random blocks, token embeddings and words.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of everything random.")
@click.option("--force", is_flag=True, help="Insist on a pooling that says little about this kind of model.")
@store_option
@json_option
@click.option("--quiet", is_flag=True, help="No progress.")
@click.option(
    "--progress-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Tell the progress to other programs: a JSON object in this file, replaced twice a second.",
)
def command(
    categories: str | None,
    clusters: str,
    label: tuple[str, ...],
    store: str | None,
    as_json: bool,
    quiet: bool,
    progress_file: Path | None,
    **choices: Any,
) -> None:
    """Scan CORPUS with a model and keep the study.

    CORPUS is a .csv, .tsv, .json, .jsonl or .parquet file (text may be compressed: .gz, .bz2, .xz, .zst), a folder of
    text files whose subfolders are the labels or of such tables, a saved Hugging Face dataset, or one on the hub.
    """
    if quiet or as_json:  # downloads draw bars of their own
        os.environ.update(HF_HUB_DISABLE_PROGRESS_BARS="1", HF_DATASETS_DISABLE_PROGRESS_BARS="1")
    from ingest.pipeline import run
    from ingest.request import Request
    from ui.cli.progress import progress_for, split_of_time

    request = Request(categories=_split(categories), clusters=_cluster_count(clusters), label=_labels(label), **choices)
    with closing(progress_for(quiet=quiet or as_json, file=progress_file)) as progress:
        outcome = run(request, store=store, progress=progress)
        progress.note(split_of_time(outcome.seconds))
    if as_json:
        print_json(_as_json(outcome))
    else:
        click.echo(_in_words(outcome))


def _as_json(outcome: Outcome) -> dict[str, Any]:
    study = outcome.study
    counts = ("documents", "categories", "layers", "regions", "connections")
    return {
        "study": study.id,
        "name": study.name,
        "status": outcome.status,
        **{count: getattr(study, count) for count in counts},
        "added": list(outcome.added),
        "seconds": outcome.seconds,
    }


def _in_words(outcome: Outcome) -> str:
    study = outcome.study
    if outcome.status == "unchanged":
        return unchanged(f"{study.name} ({study.id})", outcome.added)
    return (
        f"{study.name} is ready: {study.documents} documents, {study.categories} categories, {study.layers} layers,\n"
        f"{study.regions} regions, {study.connections} {OF_CATEGORIES}, in {outcome.seconds['total']:.1f} s.\n"
        f"{runnable(f'Next: mri show {study.name}    or: mri ui')}"
    )


def _split(categories: str | None) -> tuple[str, ...] | None:
    if categories is None:
        return None
    try:  # a label with a comma stands in quotes
        listed = next(csv.reader([categories], skipinitialspace=True), [])
    except csv.Error:
        rule = "--categories names categories, with commas between them"
        remedy = "Put a name with a comma or a line break in double quotes"
        raise UsageError(rule, f"{categories!r} cannot be taken apart", remedy) from None
    names = tuple(part.strip() for part in listed if part.strip())
    if not names:
        raise UsageError("--categories names the categories to keep", f"{categories!r} names none")
    return names


def _labels(named: tuple[str, ...]) -> str | tuple[str, ...] | None:
    return named if len(named) > 1 else next(iter(named), None)


def _cluster_count(wanted: str) -> int | None:
    if wanted == "auto":
        return None
    try:
        return int(wanted)
    except ValueError:
        raise UsageError("--clusters is 'auto' or a whole number", f"It is {wanted!r}") from None
