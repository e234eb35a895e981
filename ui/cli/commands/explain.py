"""`mri explain`: which tokens of a document or a text put it where it lies in a study's regions."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from mri_core.errors import UsageError
from mri_core.records.ids import local_id
from mri_core.records.units import refuse_tokens
from ui.cli.measuring import OpenStudy, again_option, open_study, trust_option
from ui.cli.options import json_option, quiet_option, store_option
from ui.wording.forms import json_text
from ui.wording.labels import reader_names, region_words
from ui.wording.terminal import fitted

if TYPE_CHECKING:
    from mri_core.studies.token_request import Wanted

GIVEN = (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT)
OF_DOCUMENTS = ("region", "versus", "connection")


@click.command("explain")
@click.argument("study")
@click.option(
    "--document", metavar="D12", help="A document of the study, by its id, its place or its own id in the corpus."
)
@click.option("--text", metavar="TEXT", help="Another text.")
@click.option("--layer", type=click.IntRange(0), metavar="L", help="One layer, token by token; else a line a layer.")
@click.option("--region", metavar="L3/R5", help="The cluster or component that is asked about; else the text's own.")
@click.option("--versus", metavar="REGION", help="The cluster that it is compared with; else the next nearest.")
@click.option(
    "--connection",
    metavar="'L2/R1>L3/R5'",
    help="Compare its second region with the one to which the other categories go from the first.",
)
@click.option(
    "--tokens",
    type=click.IntRange(1),
    default=20,
    show_default=True,
    metavar="N",
    help="Tokens that are listed of one layer, those with the largest parts; --json has all.",
)
@click.option("--regions", is_flag=True, help="The driving tokens of every region, over a sample; stored.")
@click.option(
    "--documents",
    type=click.IntRange(1),
    metavar="N",
    help="With --regions: documents of the sample at most, 300 unless given; reads them again.",
)
@again_option
@trust_option
@quiet_option
@store_option
@json_option
def command(
    study: str,
    document: str | None,
    text: str | None,
    layer: int | None,
    region: str | None,
    versus: str | None,
    connection: str | None,
    tokens: int,
    regions: bool,
    documents: int | None,
    again: bool,
    trust_remote_code: bool,
    quiet: bool,
    store: str | None,
    as_json: bool,
) -> None:
    """Show which tokens put a document or a text where it lies in STUDY, in one forward pass.

    \b
    mri explain STUDY --document D12                       every layer, a line each
    mri explain STUDY --document D12 --layer 5             one layer, token by token
    mri explain STUDY --text 'The court adjourned.' --versus L5/R2
    mri explain STUDY --regions                            the tokens that put documents in each region

    In clusters the margin between the text's region and the next nearest is a sum over its tokens, with a part for
    length and a constant; in a grid each coordinate is, among components the score. Nothing is approximated. A token's
    state holds its context: a part is what the position adds, not what the word adds. UMAP has no such sum.

    In a scan of tokens (mri ingest --unit token) each token has a region of its own in every layer: these are listed,
    and with --layer the words of the regions.
    """
    from mri_core.studies.token_request import Wanted

    wanted = Wanted(layer, region, versus, connection)
    _check(document, text, wanted, regions=regions, sampled=documents is not None or again)
    with open_study(study, store, quiet=quiet or as_json) as opened:
        if opened.study.unit == "token":
            _check_tokens(opened, wanted, regions=regions)
            most = tokens if click.get_current_context().get_parameter_source("tokens") in GIVEN else None
            click.echo(_tokens(opened, document, text, layer, most, trusted=trust_remote_code, as_json=as_json))
        elif regions:
            click.echo(_regions(opened, documents, again=again, trusted=trust_remote_code, as_json=as_json))
        else:
            click.echo(_text(opened, document, text, wanted, tokens, trusted=trust_remote_code, as_json=as_json))


def _check(document: str | None, text: str | None, wanted: Wanted, *, regions: bool, sampled: bool) -> None:
    """Raises `UsageError` for options that do not go together."""
    of_text = document is not None or text is not None or any(each is not None for each in wanted)
    if regions and of_text:
        fact = "Options of a document or a text are given as well"
        raise UsageError("--regions is about all regions", fact, "Leave them out, or leave out --regions")
    if sampled and not regions:
        raise UsageError("--documents and --again go with --regions", "It is not given", "Add it")


def _check_tokens(opened: OpenStudy, wanted: Wanted, *, regions: bool) -> None:
    """Raises `UsageError` for options that only a scan of documents has."""
    from mri_core.studies.token_request import ask_tokens

    flags = {"--regions": regions} | {f"--{name}": getattr(wanted, name) is not None for name in OF_DOCUMENTS}
    for flag in (flag for flag, is_given in flags.items() if is_given):
        remedy = ask_tokens(opened.store, opened.study) if flag == "--regions" else "Leave it out"
        refuse_tokens(opened.study, f"{flag} is about the tokens that put a document in its region", remedy)


def _tokens(
    opened: OpenStudy,
    document: str | None,
    text: str | None,
    layer: int | None,
    most: int | None,
    *,
    trusted: bool,
    as_json: bool,
) -> str:
    """The tokens of a text with their regions, as they are printed."""
    from ingest.run import Run
    from ingest.studies.token_places import token_places
    from queries.runner import EVERY_ROW
    from ui.reports import token_places as places
    from ui.reports.answers import Answers

    store, study, progress = opened
    places.check_layer(study, layer)
    run = Run(progress)
    found = token_places(store, study, document=document, text=text, trust_remote_code=trusted, run=run)
    if as_json:
        return json_text(places.as_json(found))
    words = region_words(study, Answers(store, max_rows=EVERY_ROW))
    return fitted(places.in_words(study, found, words, layer, most))


def _text(
    opened: OpenStudy,
    document: str | None,
    text: str | None,
    wanted: Wanted,
    tokens: int,
    *,
    trusted: bool,
    as_json: bool,
) -> str:
    """A document or a text, as it is printed."""
    from ingest.run import Run
    from ingest.studies.explaining import explain
    from queries.runner import EVERY_ROW
    from ui.reports import explained
    from ui.reports.answers import Answers

    store, study, progress = opened
    asked: dict[str, Any] = {"document": document, "text": text, "wanted": wanted}
    found = explain(store, study, **asked, trust_remote_code=trusted, run=Run(progress))
    if as_json:
        return json_text(explained.as_json(found))
    words = region_words(study, Answers(store, max_rows=EVERY_ROW))
    return fitted(explained.in_words(study, found, words, tokens))


def _regions(opened: OpenStudy, documents: int | None, *, again: bool, trusted: bool, as_json: bool) -> str:
    """The driving tokens of all regions, as they are printed."""
    from ingest.run import Run
    from ingest.studies.driving import stored_driving
    from queries.runner import EVERY_ROW
    from ui.reports import driving
    from ui.reports.answers import Answers

    store, study, progress = opened
    run = Run(progress)
    found = stored_driving(store, study, documents=documents, again=again, trust_remote_code=trusted, run=run)
    if as_json:
        return json_text([asdict(measure) for measure in found])
    answers = Answers(store, max_rows=EVERY_ROW)
    names = {local_id(study.id, region): name for region, name in reader_names(study, answers).items()}
    return fitted(driving.in_words(study, found, region_words(study, answers, named=False), names))
