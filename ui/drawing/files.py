"""What a picture's file may be called."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mri_core.errors import UsageError

PICTURES = (".png", ".svg", ".pdf")


def check_picture(file: Path, what: str, endings: Sequence[str] = PICTURES) -> None:
    """Raises `UsageError` where a file's name does not end as that of a picture does.

    Args:
        file: that is to be written.
        what: it holds, with its article.
        endings: that it may have.
    """
    if file.suffix.lower() not in endings:
        fact = f"{file.name} ends in none of them"
        raise UsageError(f"The file of {what} ends in {', '.join(endings)}", fact, "Choose another name")
