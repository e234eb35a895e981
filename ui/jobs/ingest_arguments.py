"""A request as the command line that asks for it."""

from __future__ import annotations

import csv
import io
from dataclasses import fields
from typing import Any

from ingest.request import Request

OFF = {"standardize": "--no-standardize", "length_adjust": "--no-length-adjust"}  # on unless switched off


def ingest_arguments(request: Request) -> list[str]:
    """The arguments of `mri` that stand for a request; what is at its default is left out."""
    flags = [
        flag
        for field in fields(request)
        if field.name != "corpus" and (value := getattr(request, field.name)) != field.default
        for flag in _flags(field.name, value)
    ]
    corpus = [] if request.corpus is None else ["--", str(request.corpus)]  # its name may begin with a dash
    return ["ingest", *flags, *corpus]


def _flags(name: str, value: Any) -> list[str]:
    if name in OFF:
        return [OFF[name]]
    option = f"--{name.replace('_', '-')}"
    if value is True:
        return [option]
    if name == "categories":
        return [f"{option}={_listed(value)}"]
    values = value if isinstance(value, tuple) else (value,)  # labels that are crossed
    return [f"{option}={each}" for each in values]


def _listed(names: tuple[str, ...]) -> str:
    """Names on one line of CSV: one may hold a comma."""
    line = io.StringIO()
    csv.writer(line).writerow(names)
    return line.getvalue().removesuffix("\r\n")
