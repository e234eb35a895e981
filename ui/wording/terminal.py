"""What commands print, fitted to the reader's terminal: the width of lines and tables, and commands that run."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from textwrap import fill
from typing import Any

from queries.text import text_table
from ui.wording.commands import COMMANDS

WIDTH = 100  # where standard output is no terminal
NARROWEST = 40
NUMBERED = re.compile(r" *([0-9]+\. )?")  # the beginning of a line, below which it goes on


@cache
def _proposed() -> re.Pattern[str]:
    """What a command that is proposed begins with: `mri `, and a command's name after it."""
    return re.compile(rf"(?<![\w./-])mri (?=({'|'.join(COMMANDS)})\b)")


def width() -> int:
    """Characters of a line: the terminal's, else 100."""
    if not sys.stdout.isatty():
        return WIDTH
    return max(NARROWEST, shutil.get_terminal_size((WIDTH, 24)).columns)


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table that is no wider than the terminal."""
    return text_table(columns, rows, width())


def fitted(text: str) -> str:
    """The text in lines that are no wider than the terminal; a command that it proposes stays on one line."""
    return "\n".join(_fitted(line, width()) for line in text.split("\n"))


def _fitted(line: str, most: int) -> str:
    if len(line) <= most:
        return line
    start = NUMBERED.match(line)
    indent = " " * (start.end() if start else 0)
    told, colon, proposed = line.rpartition(": ")
    if colon and _proposed().match(proposed):
        return f"{_fitted(f'{told}:', most)}\n{indent}  {proposed}"
    if _proposed().match(line.lstrip()):
        return line
    return fill(line, most, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def runnable(text: str) -> str:
    """The text with every `mri …` that it proposes as this shell finds it: by its path where `mri` is not on PATH."""
    called = program()
    return text if called == "mri" else _proposed().sub(lambda found: f"{called} ", text)


def program() -> str:
    """What a shell calls this installation's `mri` by."""
    own = Path(sys.executable).parent / "mri"
    on_path = shutil.which("mri")
    if on_path is not None and (not own.exists() or own.samefile(on_path)):
        return "mri"
    if not own.exists():
        return f"{_short(Path(sys.executable))} -m ui.cli.main" if on_path is None else "mri"
    return _short(own)


def _short(path: Path) -> str:
    """A path as it is typed here: from the current folder where it lies in that."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
