"""What a picture's file may be called."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path

from mri_core.errors import UsageError
from mri_core.export.earlier import begins
from mri_core.export.placing import check_ours
from ui.drawing.origin import PROGRAM

PICTURES = (".png", ".svg", ".pdf")
GENERATOR = f'<meta name="generator" content="{PROGRAM} '  # of a page with a graph
REGION = re.compile(r"L\d+/R.+")


def _is_matrix(file: Path) -> bool:
    """Whether a CSV file has a column for each of some regions, as a connectivity matrix has."""
    with file.open(encoding="utf-8", errors="replace", newline="") as opened:
        head = next(csv.reader(opened), [])
    return len(head) > 1 and all(REGION.fullmatch(name) for name in head[1:])


HOLDS = {
    ".png": begins(b"\x89PNG"),
    ".svg": begins(b"<", b"<svg"),
    ".pdf": begins(b"%PDF"),
    ".html": begins(b"<html", GENERATOR.encode()),
    ".csv": _is_matrix,
}


def check_picture(file: Path, what: str, endings: Sequence[str] = PICTURES) -> None:
    """Raises `UsageError` where a file's name does not end as that of a picture does, or something else is there.

    A picture that is there is replaced, as is customary; a page or a matrix if it is one of ours.

    Args:
        file: that is to be written.
        what: it holds, with its article.
        endings: that it may have.
    """
    rule = f"The file of {what} ends in {', '.join(endings)}"
    if not file.name:
        raise UsageError(rule, "No file is named", "Name one")
    if file.is_dir():
        raise UsageError(rule, f"{file} is a folder", "Name a file in it")
    if file.suffix.lower() not in endings:
        fact = f"{file.name} ends in none of them"
        raise UsageError(rule, fact, "Choose another name")
    if file.exists():
        check_ours([file], HOLDS[file.suffix.lower()], "Choose another name, or delete it")
