"""`mri power`: what a study of some size could find."""

from __future__ import annotations

import click

from mri_core.errors import UsageError
from ui.cli.options import json_option
from ui.cli.output import print_json


@click.command("power")
@click.option("--documents", type=click.IntRange(2), required=True, metavar="N", help="Of each category.")
@click.option("--share", type=float, required=True, metavar="S", help="Of the documents that take the connection.")
@click.option("--lift", type=float, metavar="L", help="The category's share over the mean of all.")
@click.option("--categories", type=click.IntRange(2), default=2, show_default=True, help="In the study.")
@json_option
def command(documents: int, share: float, lift: float | None, categories: int, as_json: bool) -> None:
    """Tell the chance that a study finds one connection that a category takes more, or less, than the others.

    Found is q <= 0.05 by discrete FDR, nothing else being there to find, in a study of 7 layers with as many regions as
    --clusters auto makes of so many documents.
    """
    _check(share, lift, categories)
    from mri_core.evidence.power import CHANCE, detectable, power, threshold_alone, typical_tests

    threshold = threshold_alone(typical_tests(documents, categories).expected)
    least = detectable(documents, share, threshold, categories)
    chance = None if lift is None else power(documents, share, lift, threshold, categories)
    if as_json:
        least_lift = None if least is None else least.lift
        asked = {"documents": documents, "share": share, "lift": lift, "categories": categories}
        print_json({**asked, "power": chance, "threshold": threshold, "detectable_lift": least_lift})
        return
    whose = f"of {categories} categories of {documents} documents"
    if lift is not None and chance is not None:
        own = f"{share * lift:.1%} of its documents where all take it in {share:.1%}"
        click.echo(
            f"A category that takes a connection with a lift of {lift:g} ({own}),\n{whose}: found in {chance:.0%}."
        )
    if least is None:
        click.echo(f"In studies {whose} not even the largest lift would be found in {CHANCE:.0%}.")
    else:
        own = f"{least.share:.1%} of its documents"
        click.echo(f"Found in {CHANCE:.0%} of studies {whose}: a lift of {least.lift:.2f} or more ({own}).")


def _check(share: float, lift: float | None, categories: int) -> None:
    if not 0 < share < 1:
        raise UsageError("A share lies between 0 and 1", f"--share is {share:g}")
    most = min(categories, 1 / share)
    if lift is not None and not 0 <= lift <= most:
        rule = "A lift is the category's share over the mean of all categories' shares"
        raise UsageError(rule, f"--lift is {lift:g}", f"Here it lies between 0 and {most:.4g}")
