"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import Any, TypeVar

import click

from queries.runner import MAX_ROWS, TIMEOUT

F = TypeVar("F", bound=Callable[..., Any])

store_option = click.option(
    "--store",
    metavar="STORE",
    help="Where studies are stored: a folder, or a server as neo4j://host:7687; else MRI_STORE, else ./mri-store.",
)
format_option = click.option(
    "--format",
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    show_default=True,
    help="How rows are printed.",
)
quiet_option = click.option("--quiet", is_flag=True, help="Show no progress.")
progress_file_option = click.option(
    "--progress-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Report progress to other programs: a JSON object in this file, replaced twice a second.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_LIMITS = (
    click.option(
        "--timeout",
        type=click.FloatRange(0, min_open=True),
        default=TIMEOUT,
        show_default=True,
        help="Seconds to wait.",
    ),
    click.option(
        "--max-rows",
        type=click.IntRange(1),
        default=MAX_ROWS,
        show_default=True,
        help="Number of rows at most; if there are more, a line says so.",
    ),
)


def reading_options(function: F) -> F:
    """`--store`, `--timeout` and `--max-rows`."""
    return reduce(lambda wrapped, option: option(wrapped), reversed((store_option, *_LIMITS)), function)
