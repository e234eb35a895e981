"""A request as the command line that asks for it."""

from __future__ import annotations

import csv
import io
from typing import Any

from ingest.options import Option
from ingest.request import OPTIONS, Request


def ingest_arguments(request: Request) -> list[str]:
    """The arguments of `mri` that stand for a request; what is at its default is left out."""
    flags = [
        flag
        for name, option in OPTIONS.items()
        if name != "corpus" and (value := getattr(request, name)) != option.default
        for flag in _flags(option, value)
    ]
    corpus = [] if request.corpus is None else ["--", str(request.corpus)]  # its name may begin with a dash
    return ["ingest", *flags, *corpus]


def _flags(option: Option, value: Any) -> list[str]:
    if option.kind == "switch":
        return [option.flag]
    if option.kind == "list":
        return [f"{option.flag}={_listed(value)}"]
    if value is None:
        return [f"{option.flag}={option.word}"]
    values = value if isinstance(value, tuple) else (value,)  # labels that are crossed
    return [f"{option.flag}={each}" for each in values]


def _listed(names: tuple[str, ...]) -> str:
    """Names on one line of CSV: one may hold a comma."""
    line = io.StringIO()
    csv.writer(line).writerow(names)
    return line.getvalue().removesuffix("\r\n")
