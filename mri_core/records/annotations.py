"""Names and notes that a reader gives to regions: kept with a study, apart from what was computed."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime

from mri_core.errors import JOINERS, UsageError

LONGEST_NAME = 80  # characters
LONGEST_NOTE = 4_000
LINES = "\n\t"  # may stand in a note


@dataclass(frozen=True, slots=True)
class Annotation:
    """What a reader says of a region: a name, a note, or both; with neither it takes away what was said.

    Attributes:
        region: within the study, `L4/R10`.
        name: one line, "" for none.
        note: lines of text, "" for none.
        changed_at: ISO 8601, UTC.
    """

    region: str
    name: str = ""
    note: str = ""
    changed_at: str = ""

    @property
    def empty(self) -> bool:
        """Whether it says nothing."""
        return not (self.name or self.note)


def annotation(region: str, name: str, note: str) -> Annotation:
    """What a reader says of a region from now on, as it is stored.

    Args:
        region: within the study.
        name: that it is called; "" for none.
        note: on it; "" for none.

    Raises:
        UsageError: the name or the note is too long, or holds characters that are not printed.
    """
    return Annotation(region, stored_name(name), stored_note(note), datetime.now(UTC).isoformat())


def stored_name(text: str) -> str:
    """A name as it is stored, with single spaces; raises `UsageError` where it cannot be one.

    Ends of lines around it are left out, as those of a text that was pasted; within it they are refused.
    """
    lines = unicodedata.normalize("NFC", text).strip().splitlines()
    if len(lines) > 1:
        raise UsageError("A region's name is one line", f"This one has {len(lines)}", "Several lines make a note")
    name = " ".join("".join(lines).split())
    _check(name, "A region's name", LONGEST_NAME, "")
    return name


def stored_note(text: str) -> str:
    """A note as it is stored, without spaces around it; raises `UsageError` where it cannot be one."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    note = lines.strip()
    _check(note, "A note on a region", LONGEST_NOTE, LINES)
    return note


def _check(text: str, what: str, longest: int, allowed: str) -> None:
    if len(text) > longest:
        raise UsageError(f"{what} has up to {longest:,} characters", f"This one has {len(text):,}")
    odd = sorted({sign for sign in text if not (sign.isprintable() or sign in JOINERS or sign in allowed)})
    if odd:  # control characters, and those that reverse what is read
        rule, fact = f"{what} holds characters that are printed", f"This one has {', '.join(map(ascii, odd[:5]))}"
        raise UsageError(rule, fact, "Leave them out")
