"""`mri doctor`: check what a scan needs on this machine."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from mri_core.errors import one_line
from ui.cli.options import json_option, store_option
from ui.cli.output import print_json
from ui.reports.doctor import Check, examine

MARKS = {"fine": "ok", "missing": "--", "wrong": "!!"}


@click.command("doctor")
@store_option
@json_option
def command(store: str | None, as_json: bool) -> None:
    """Check versions, engine, models, disk and memory; the exit status is 1 where something is wrong."""
    checks = []
    for check in examine(store):
        checks.append(check)
        if not as_json:
            click.echo(_line(check))
    if as_json:
        print_json([asdict(check) for check in checks])
    if any(check.state == "wrong" for check in checks):
        sys.exit(1)


def _line(check: Check) -> str:
    remedy = f": {check.remedy}" if check.remedy else ""
    return one_line(f"{MARKS[check.state]} {check.what}: {check.fact}{remedy}")
