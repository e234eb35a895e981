"""What functions of a notebook take in more than one form, and what they refuse."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from numbers import Integral
from typing import Any

from mri_core.errors import UsageError
from mri_core.records.graph import Study

TEXTS = "Texts are strings: one, or a list, an array or a Series of them"


def several(names: str | Sequence[str]) -> list[str]:
    """Names that may be given as one."""
    return [names] if isinstance(names, str) else list(names)


def key_of(given: Any) -> Any:
    """The id of what `mri.study` or `mri.studies` gives; what is another thing is itself."""
    return given.id if isinstance(given, Study) or isinstance(getattr(given, "record", None), Study) else given


def text(what: str, value: object) -> str:
    """A text; raises `UsageError` for another value, and for one that cannot be encoded.

    Args:
        what: it is, as an error begins: "A name".
        value: as it was given.
    """
    if not isinstance(value, str):
        raise UsageError(f"{what} is a string", f"This one is {_shown(value)}")
    if not _encodes(value):
        raise UsageError(f"{what} is text in Unicode", f"This one has half of a character: {ascii(value)[:60]}")
    return value


def whole(what: str, value: object) -> int:
    """A whole number, of Python or NumPy; raises `UsageError` for another value.

    Args:
        what: it is, as an error begins: "A layer".
        value: as it was given.
    """
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise UsageError(f"{what} is a whole number", f"This one is {_shown(value)}")
    return int(value)


def as_texts(given: Any) -> list[str]:
    """Texts that may be given as one; raises `UsageError` for a table, and names the first that is no text."""
    if isinstance(given, str):
        given = [given]
    unordered = isinstance(given, bytes | Mapping | Set) or not isinstance(given, Iterable)
    if unordered or getattr(given, "ndim", 1) != 1:
        raise UsageError(TEXTS, f"This is of type {type(given).__name__}", "Name the column of a table: frame['text']")
    listed = list(given)
    for number, each in enumerate(listed, 1):
        if not isinstance(each, str):
            raise UsageError(TEXTS, f"Number {number} of {len(listed)} is {_shown(each)}")
        text(f"Number {number} of {len(listed)}", each)
    return listed


def _shown(value: object) -> str:
    kind = type(value).__name__
    return "None" if value is None else f"{repr(value)[:40]}, of type {kind}"


def _encodes(text: str) -> bool:
    return not any("\ud800" <= sign <= "\udfff" for sign in text)
