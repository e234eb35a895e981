"""`mri compare`: some categories of a study against one another, or two studies in one atlas."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, get_args

import click

from mri_core.atlas.kinds import traits_of
from mri_core.errors import UsageError, one_line
from mri_core.records.graph import Study
from mri_core.records.measures import Measure
from mri_core.statistics.fdr import Method
from ui.cli.measuring import open_study
from ui.cli.options import json_option, quiet_option, store_option
from ui.cli.output import print_json
from ui.cli.two_studies import compare_studies, refuse_studies
from ui.wording import found_again
from ui.wording.evidence import SATURATED, any_difference, chance, percent, saturated
from ui.wording.labels import ends_with_words, reader_names, with_names
from ui.wording.terminal import fitted, table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mri_core.store.store import Store
    from mri_core.studies.comparing import Compared, Difference

LISTED = 20  # findings that are told; --json has all


@click.command("compare")
@click.argument("study")
@click.argument("names", metavar="OTHER | CATEGORY CATEGORY...", nargs=-1, required=True)
@click.option("--sham", "shams", multiple=True, metavar="STUDY", help="A run whose change means nothing; repeatable.")
@click.option("--run", "runs", multiple=True, metavar="STUDY", help="A further run of OTHER's kind; repeatable.")
@click.option("--fdr", type=click.Choice(get_args(Method)), help="How q is worked out; else as in the study.")
@quiet_option
@store_option
@json_option
def command(
    study: str,
    names: tuple[str, ...],
    shams: tuple[str, ...],
    runs: tuple[str, ...],
    fdr: Method | None,
    quiet: bool,
    store: str | None,
    as_json: bool,
) -> None:
    """Test two or more categories of STUDY against one another, or the study OTHER against STUDY in the same atlas.

    \b
    mri compare STUDY CATEGORY CATEGORY...   as if there were no other categories
    mri compare STUDY OTHER                  document by document, if both read the same documents

    What `mri show` reports is each category against all others; the regions are the same in both. Components hold no
    documents to test anew: of a study of them two categories are shown, each against all others.

    OTHER is scanned with `mri ingest … --atlas-of STUDY`, by another model or under other conditions. What changed is
    stored with it. --sham names models that were tuned alike on labels that mean nothing, --run further seeds of OTHER.
    """
    if len(names) == 1:
        compare_studies(study, names[0], runs, shams, fdr, quiet=quiet, store=store, as_json=as_json)
        return
    if runs or shams:
        raise UsageError("Runs are compared as studies", "Categories are named", "Name one other study in their place")
    _compare_categories(study, names, fdr, quiet=quiet, store=store, as_json=as_json)


def _compare_categories(
    study: str, categories: tuple[str, ...], fdr: Method | None, *, quiet: bool, store: str | None, as_json: bool
) -> None:
    from mri_core.studies.comparing import compare_categories
    from ui.reports.answers import Answers

    with open_study(study, store, quiet=quiet or as_json) as (opened, found, progress):
        if not traits_of(found.atlas).holds_documents:
            _show_stored(opened, found, categories, fdr, as_json=as_json)
            return
        report = (lambda steps: progress.stage("compare", steps, "steps"), progress.advance)
        try:
            compared = compare_categories(opened, found, categories, fdr, *report)
        except UsageError:
            refuse_studies(opened, found, categories)
            raise
    if as_json:
        print_json(asdict(compared))
    else:
        names = reader_names(found, Answers(opened))
        click.echo(fitted(_in_words(compared, found, _listed(opened, found.id, compared), names)))


def _show_stored(store: Store, study: Study, named: tuple[str, ...], fdr: Method | None, *, as_json: bool) -> None:
    from ui.reports import stored_comparison

    if fdr is not None:
        fact = f"{study.name} is a study of components, whose tests are stored"
        raise UsageError("--fdr applies where documents are tested again", fact, "Leave it out")
    pair, evidence = stored_comparison.stored_evidence(store, study, named)
    if as_json:
        print_json(stored_comparison.as_json(study, pair, evidence))
    else:
        click.echo(fitted(stored_comparison.in_words(pair, evidence)))


def _listed(store: Store, study: str, compared: Compared) -> list[tuple[Difference, float]]:
    """The first findings, each with the share of the documents of those it was compared with that take the connection.

    What one of two categories takes more the other takes less: it is listed once, as more.
    """
    from queries.catalog import own_catalog
    from queries.runner import run

    sizes = dict(zip(compared.categories, compared.documents, strict=True))
    two, profile = len(sizes) == 2, own_catalog().get("connection-profile")
    listed = []
    for row in [row for row in compared.rows if row.finding == "more" or not two][:LISTED]:
        ends = {"study": study, "source": row.source, "target": row.target}
        taken = {of["category"]: of["documents"] for of in run(store, profile, ends).records()}
        others = [name for name in sizes if name not in (row.category, *row.named_before)]
        listed.append((row, sum(taken[name] for name in others) / sum(sizes[name] for name in others)))
    return listed


def _in_words(
    compared: Compared, study: Study, listed: Sequence[tuple[Difference, float]], names: Mapping[str, str]
) -> str:
    sizes = zip(compared.categories, compared.documents, strict=True)
    told = ", ".join(f"{one_line(name)} ({documents})" for name, documents in sizes)
    parts = [f"Documents of {told}, against one another; q by {compared.fdr}.", any_difference(compared.measures)]
    parts.append(_layers(compared.measures, len(compared.categories)))
    if not compared.rows:
        parts.append("No connection is taken more by one of them than by the others beyond chance (q <= 0.05).")
        return "\n\n".join(parts)
    two = len(compared.categories) == 2
    stay = [_name(row.source) == _name(row.target) for row in compared.rows if row.finding == "more" or not two]
    found = len(stay)
    finding = () if two else ("finding",)
    columns = ("category", *finding, "from", "to", "share", "others", "odds ratio", "interval", "q", "routing q")
    rows = [
        (
            *((row.category,) if two else (row.category, row.finding)),
            *ends_with_words(study.id, ends, 2),
            *(percent(row.share), percent(others)),
            *chance(row.effect, row.ci_low, row.ci_high),
            *(row.q, row.routing_q),
        )
        for (row, others), ends in zip(listed, with_names([asdict(row) for row, _ in listed], names), strict=True)
    ]
    more = f" of {found}; --json has all" if found > len(listed) else ""
    counts = found_again.counted([(None, same) for same in stay], matched=traits_of(study.atlas).chained)
    parts += [told] if (told := found_again.told(counts, "findings")) else []
    parts.append(f"Findings, the nearer end of the interval first ({len(listed)}{more})")
    parts.append(table(columns, rows))
    parts.append(
        "others: share of the documents of the others together; odds ratio: of taking the connection against the others"
        f"{', of the category that takes it more' if two else ', both without those named before it there'}; "
        "routing q: the same within the source region."
    )
    return "\n\n".join(parts)


def _name(region: str) -> str:
    """Of a region within its layer."""
    return region.rpartition("/")[2]


def _layers(measures: tuple[Measure, ...], categories: int) -> str:
    rows = [
        (measure.layer, measure.value, *_interval(measure, categories), measure.p)
        for measure in measures
        if measure.kind == "divergence"
    ]
    rows_of_layers = table(("layer", "divergence", "from", "to", "p"), rows)
    return (
        f"{rows_of_layers}\n\ndivergence: bits by which they sit apart, less what chance gives; p is familywise over "
        f"the layers; {SATURATED}: no region holds documents of two of them, so that there is no interval."
    )


def _interval(measure: Measure, categories: int) -> tuple[float | str | None, float | None]:
    if saturated(measure.details["observed"], categories):
        return SATURATED, None
    return measure.ci_low, measure.ci_high
