"""Whether a file that is there is an earlier export of ours: by what it begins with, never by its name."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from mri_core.errors import UsageError
from mri_core.export.admitted import MANIFEST

Ours = Callable[[Path], bool]
HEAD = 2_000  # bytes, in which every mark stands
# Endings that say what a file is. One of these is refused for anything else; any other says nothing.
KNOWN = re.compile(
    r"\.(csv|tsv|jsonl?|parquet|xlsx|xml|graphml|gexf|gml|cypher|cql|mri|zip|gz"
    r"|html?|md|tex|bib|docx|pdf|png|svg|py|ipynb|yaml)"
)


def begins(*marks: bytes) -> Ours:
    """Whether a file begins with the first of some marks, and has the others further on in its head, in this order."""

    def ours(file: Path) -> bool:
        with file.open("rb") as opened:
            head = opened.read(HEAD)
        if not head.startswith(marks[0]):
            return False
        place = 0
        for mark in marks:
            place = head.find(mark, place)
            if place < 0:
                return False
        return True

    return ours


def is_bundle(file: Path) -> bool:
    """Whether a file is an archive with a manifest of ours, damaged or not."""
    from mri_core.export.bundle import FORMAT

    try:
        with ZipFile(file) as archive, archive.open(MANIFEST) as member:
            return f'"format": "{FORMAT}"'.encode() in member.read(2**24)
    except (KeyError, BadZipFile, EOFError):
        return False


def is_table(file: Path) -> bool:
    """Whether a CSV or Parquet file has the first columns of our tables; one without rows has an id alone."""
    if file.suffix == ".parquet":
        from pyarrow import ArrowInvalid
        from pyarrow.parquet import read_schema

        try:
            names = read_schema(file).names
        except ArrowInvalid:
            return False
    else:
        with file.open("rb") as opened:
            names = opened.readline(HEAD).decode("utf-8", "replace").strip().replace('"', "").split(",")
    return names[:2] in (["id"], ["id", "node_type"], ["id", "source"])


def check_ending(file: Path, endings: tuple[str, ...], what: str) -> None:
    """Raises `UsageError` where a file's name says that it is something else.

    Args:
        file: that is to be written.
        endings: that it may have.
        what: it will be.
    """
    suffix = file.suffix.lower()
    if KNOWN.fullmatch(suffix) and suffix not in endings:
        named = file.with_suffix(endings[0] if endings else "").name
        raise UsageError(
            f"A file is named by what it holds, {what}", f"{file.name} ends in {suffix}", f"Name it {named}"
        )
