"""The errors that users see: one line each, which states the rule, then the fact, then what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

FEW_NAMES = 8  # are all listed, near or not
SHOWN_NAMES = 20  # an error that lists valid names stays readable on one line
JOINERS = "\u200c\u200d"  # not printable by themselves, but part of words and emoji


class MriError(Exception):
    """An error that a user can understand and fix. Every failure that leaves the library is one of these.

    Args:
        rule: what must hold ("A corpus has at least two categories").
        fact: what was found instead ("news.csv has one, 'sport'").
        remedy: what to do about it ("Name another label column with --label").
    """

    exit_status = 1

    def __init__(self, rule: str, fact: str = "", remedy: str = "") -> None:
        self.rule, self.fact, self.remedy = rule, fact, remedy
        super().__init__(" ".join(_sentence(part) for part in (rule, fact, remedy) if part))

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback, which leads through our code and says nothing to a user."""
        return [f"{type(self).__name__}: {self}"]


class UsageError(MriError):
    """The request itself is wrong: a bad option, an unknown name, a missing or badly typed parameter."""

    exit_status = 2


class CorpusError(MriError):
    """The corpus, or a folder of given activations, cannot be read as one."""


class ModelError(MriError):
    """The model cannot be found, loaded or read."""


class StoreError(MriError):
    """The store cannot be reached, or refuses a request."""


class QueryError(MriError):
    """A query template is badly formed, or the engine refuses a statement."""


def unknown_name(kind: str, name: str, known: Iterable[str], remedy: str = "") -> UsageError:
    """A `UsageError` for an unknown name, with the nearest names, or else the known ones."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    if near:
        few = f"; there are: {', '.join(names)}" if len(near) < len(names) <= FEW_NAMES else ""
        fact = f"Near names: {', '.join(near)}{few}"
    elif names:
        more = f" and {len(names) - SHOWN_NAMES} more" if len(names) > SHOWN_NAMES else ""
        fact = f"There are: {', '.join(names[:SHOWN_NAMES])}{more}"
    else:
        fact = f"There is no {kind} yet"
    return UsageError(f"No {kind} is called {name!r}", fact, remedy)


def name_taken(fact: str) -> StoreError:
    """A `StoreError` if another study of the store has the name; for a scan and for a copy."""
    remedy = "Replace that study with --replace, or scan this one under another name: mri ingest --name"
    return StoreError("A name belongs to one study", fact, remedy)


def names_lost(study: str) -> StoreError:
    """A `StoreError` where a study whose regions readers have named would be replaced; for a scan and for a copy."""
    return StoreError(
        "A study whose regions have names or notes is not replaced: they would be lost",
        f"{study} has some",
        "Scan under another name (mri ingest --name) and take them over where both have one atlas (mri name NEW --from "
        f"OLD), or take them away first (mri name {study} --remove)",
    )


def one_line(text: str) -> str:
    """A user's text on one line: control characters must neither break the line nor command the terminal."""
    line = " ".join(text.split())
    return "".join(c if c.isprintable() or c in JOINERS else repr(c)[1:-1] for c in line)


def _sentence(part: str) -> str:
    line = one_line(part)
    return line if line.endswith((".", "?", "!", ":")) else f"{line}."
