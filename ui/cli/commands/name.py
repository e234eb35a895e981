"""`mri name`: names and notes on a study's regions."""

from __future__ import annotations

import click

from mri_core.errors import UsageError
from mri_core.numbers import how_many
from mri_core.records.annotations import Annotation
from mri_core.records.graph import Study
from mri_core.store import open_store
from mri_core.store.store import Store
from mri_core.studies.names import give, said_of, take_over
from ui.cli.options import json_option, store_option
from ui.cli.output import confirmed, print_json
from ui.reports import names
from ui.wording.terminal import fitted

RULE = "A name or a note is of one region"


@click.command("name")
@click.argument("study")
@click.argument("region", required=False)
@click.argument("name", required=False)
@click.option("--note", metavar="TEXT", help='A note on the region, of up to 4,000 characters; "" takes it away.')
@click.option("--remove", is_flag=True, help="Take away the region's name and note; without REGION, all of the study.")
@click.option("--from", "other", metavar="OTHER", help="Take over the names and notes of a study in the same atlas.")
@click.option("--yes", is_flag=True, help="Do not ask before all are taken away.")
@json_option
@store_option
def command(
    study: str,
    region: str | None,
    name: str | None,
    note: str | None,
    remove: bool,
    other: str | None,
    yes: bool,
    as_json: bool,
    store: str | None,
) -> None:
    """Name a region of STUDY, note what is known of it, or list all names and notes.

    \b
    mri name STUDY L4/R10 "night sky" --note "stars and planets"    name a region
    mri name STUDY                                                  list the names
    mri name STUDY L4/R10 --remove                                  take a name away

    What readers say is stored with the study, apart from what was computed, goes with copies and exports, and is shown
    first among the region's words, in quotation marks. A study that has names is not replaced by another one.
    """
    _check(region, name, note, other, remove=remove)
    with open_store(store, create=False) as opened:
        of = opened.study(study)
        if other is not None:
            told = names.taken_over(of, base := opened.study(other), take_over(opened, of, base))
        elif remove and region is None:
            told = _remove_all(opened, of, yes=yes)
        elif region is not None and (remove or name is not None or note is not None):
            told = names.changed(of, *give(opened, of, region, **_wanted(name, note, remove=remove)))
        elif as_json:
            print_json(names.as_json(_given(opened, of, region)))
            return
        elif region is None:
            told = names.listed(of, opened.annotations(of))
        else:
            told = f"{region} of {of.name} has {names.said(said_of(opened, of, region))}."
    click.echo(fitted(told))


def _check(region: str | None, name: str | None, note: str | None, other: str | None, *, remove: bool) -> None:
    if other is not None and (region is not None or remove or note is not None):
        raise UsageError("--from takes over all names and notes", "More is asked for", "Leave out the rest")
    if region is None and note is not None:
        raise UsageError(RULE, "None is named", "Name it: mri name STUDY L4/R10 --note TEXT")
    if remove and (name is not None or note is not None):
        raise UsageError("--remove takes away what there is", "A name or note is given too", "Leave one of them out")


def _wanted(name: str | None, note: str | None, *, remove: bool) -> dict[str, str | None]:
    return {"name": "", "note": ""} if remove else {"name": name, "note": note}


def _remove_all(store: Store, of: Study, *, yes: bool) -> str:
    given = store.annotations(of)
    if not given:
        return names.listed(of, given)
    counted = how_many(len(given), "region")
    if not confirmed(f"Take away the names and notes of {counted} of {of.name}?", yes=yes):
        return "Nothing was taken away."
    store.annotate(of, [Annotation(each.region) for each in given], {each.region: each.changed_at for each in given})
    gone = "\n".join(f"  {each.region}: {names.said(each)}" for each in given)
    return f"Taken away from {of.name}:\n{gone}"


def _given(store: Store, of: Study, region: str | None) -> list[Annotation]:
    if region is None:
        return store.annotations(of)
    said = said_of(store, of, region)
    return [] if said.empty else [said]
