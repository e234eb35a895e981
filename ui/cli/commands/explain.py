"""`mri explain`: which tokens of a document or a text put it where it lies in a study's regions."""

from __future__ import annotations

import click

from mri_core.records.ids import local_id
from ui.cli.measuring import open_study, trust_option
from ui.cli.options import json_option, quiet_option, store_option
from ui.cli.output import print_json
from ui.wording.terminal import fitted


@click.command("explain")
@click.argument("study")
@click.option("--document", metavar="D12", help="A document of the study, by its id or its own id in the corpus.")
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

    In clusters the margin between the text's region and the next nearest is a sum over its tokens, with a part for
    length and a constant; in a grid each coordinate is, among components the score. Nothing is approximated. A token's
    state holds its context: a part is what the position adds, not what the word adds. UMAP has no such sum.
    """
    from ingest.run import Run
    from ingest.studies.explaining import explain
    from mri_core.studies.token_request import Wanted
    from queries.runner import EVERY_ROW
    from ui.reports import explained
    from ui.reports.answers import Answers

    wanted = Wanted(layer, region, versus, connection)
    with open_study(study, store, quiet=quiet or as_json) as (opened, of, progress):
        found = explain(
            opened,
            of,
            document=document,
            text=text,
            wanted=wanted,
            trust_remote_code=trust_remote_code,
            run=Run(progress),
        )
        rows = Answers(opened, max_rows=EVERY_ROW)(of, "regions", limit=of.regions).records()
    if as_json:
        print_json(explained.as_json(found))
        return
    words = {local_id(of.id, row["region"]): row["keywords"] for row in rows}
    click.echo(fitted(explained.in_words(of, found, words, tokens)))
