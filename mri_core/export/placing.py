"""Puts files and folders in their place when they are complete, or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mri_core.errors import MriError, UsageError
from mri_core.export.earlier import Ours

RULE = "An export is written to a place of its own"
WITH_REPLACE = "Choose another name, or replace it with --replace"


def check(target: Path, members: Collection[str] = (), rule: str = RULE, ours: Ours | None = None) -> None:
    """Makes sure that something may be written to a path; to be called before the work.

    Args:
        target: a file, which is replaced if it is there; with `members` a folder.
        members: names of all files of the folder: one that is there is replaced if it has no others.
        rule: that a refusal names.
        ours: whether a file that is there was made by the same command earlier; None to replace whatever file is there.

    Raises:
        UsageError: the target is the other kind, or a folder with other files; or its folder is missing; or a file of
            somebody else's is there.
    """
    if target.name in ("", ".."):
        raise UsageError(RULE, f"{target} is the folder itself", "Name a file or a folder in it")
    if not target.parent.is_dir():
        raise UsageError(rule, f"There is no folder {target.parent}", "Create it, or choose another place")
    if not members and target.is_dir():
        raise UsageError(rule, f"{target} is a folder, and this format a file", "Name a file in it")
    if members and target.exists() and not target.is_dir():
        raise UsageError(rule, f"{target} is a file, and this format a folder", "Choose another name")
    if members and target.is_dir():
        others = sorted(path.name for path in target.iterdir() if path.name not in members)
        if others:
            fact = f"{target} has other files, such as {others[0]}"
            raise UsageError("A folder is replaced only if an earlier export made it", fact, "Choose another name")
    there = [target / name for name in members if (target / name).exists()] if members else [target]
    if ours is not None:
        check_ours([file for file in there if file.exists()], ours)


def check_ours(there: Iterable[Path], ours: Ours, remedy: str = WITH_REPLACE) -> None:
    """Raises `UsageError` where a file holds something that was not written by us. An empty one holds nothing.

    Args:
        there: files that exist.
        ours: whether one is ours.
        remedy: that a refusal names.
    """
    for file in there:
        if not file.is_file() or (file.stat().st_size and not ours(file)):
            rule = "A file is replaced only if the same command made it"
            raise UsageError(rule, f"{file} holds something else", remedy)


@contextmanager
def placed(target: Path, members: Collection[str] = (), rule: str = RULE, ours: Ours | None = None) -> Iterator[Path]:
    """A path to write to, which takes the target's place at the end; it is removed if anything fails.

    Args:
        target: as of `check`.
        members: as of `check`; the path is then a folder.
        rule, ours: as of `check`.

    Raises:
        UsageError: as `check`.
        MriError: it cannot be written.
    """
    check(target, members, rule, ours)
    made = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        if members:
            made.mkdir()
        yield made
        if members and target.is_dir():
            _swap(made, target)
        else:
            made.replace(target)
    except OSError as error:
        fact = f"{target} cannot be written: {error.strerror or error}"
        raise MriError(rule, fact, "Choose another place, or make room there") from error
    finally:
        _remove(made)


def _swap(made: Path, target: Path) -> None:
    """Puts a folder in the place of an earlier one, which goes only when the new one is there."""
    old = made.with_suffix(".old")
    target.rename(old)
    try:
        made.rename(target)
    except OSError:
        old.rename(target)
        raise
    _remove(old)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    elif os.path.lexists(path):
        path.unlink()
