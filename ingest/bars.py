"""Progress as a bar for each stage: in a notebook, or on standard error."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ingest.progress import Pace, Progress, Silent
from ingest.stage import Stage, speed_in_words
from mri_core.errors import one_line

BAR = "{desc}: {percentage:3.0f}%|{bar}| {n_fmt} of {total_fmt}{unit}{postfix}"


class Bars:
    """A bar of tqdm for each stage, with its rate and the time left.

    Args:
        notebook: bars are a notebook's, and vanish when their stage has ended; notes are printed.
        facts: what is said of a stage behind its bar.
    """

    def __init__(self, *, notebook: bool = False, facts: Callable[[Stage], str] | None = None) -> None:
        self._notebook = notebook
        self._facts = facts or (lambda stage: speed_in_words(stage.speed()))
        self._bar: Any = None
        self._stage = Stage("", 0, "")

    def stage(self, name: str, total: int, unit: str) -> None:
        """Ends the bar before and begins one."""
        self.close()
        self._stage = Stage(name, total, unit)
        options: dict[str, Any] = {"bar_format": BAR, "leave": not self._notebook}
        if not self._notebook:
            options |= {"file": sys.stderr, "dynamic_ncols": True}
        self._bar = self._kind(total=total, desc=name, unit=f" {unit}", **options)

    @property
    def _kind(self) -> Any:
        """Without ipywidgets `tqdm.auto` warns, and draws a notebook's bars as text."""
        if not self._notebook:
            from tqdm import tqdm

            return tqdm
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from tqdm.auto import tqdm as bar_of_a_notebook
        return bar_of_a_notebook

    def advance(self, steps: int = 1, pace: Pace | None = None) -> None:
        """Moves the bar."""
        self._stage.advance(steps, pace)
        self._bar.set_postfix_str(self._facts(self._stage), refresh=False)
        self._bar.update(steps)

    def note(self, line: str) -> None:
        """A line above the bar."""
        to = sys.stdout if self._notebook else sys.stderr
        if self._bar is None:
            print(one_line(line), file=to)
        else:
            self._bar.write(one_line(line), file=to)

    def close(self) -> None:
        """Ends the last bar."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None


@contextmanager
def reporting(progress: Progress | bool | None) -> Iterator[Progress]:
    """What a function of a notebook reports its progress to.

    Args:
        progress: True for bars where someone sees them, in a notebook or a terminal; False or None for silence; or an
            object of the caller's, who closes it.
    """
    if not isinstance(progress, bool | None):
        yield progress
        return
    notebook = in_notebook()
    own: Progress = Bars(notebook=notebook) if progress and (notebook or has_room()) else Silent()
    try:
        yield own
    finally:
        own.close()


def in_notebook() -> bool:
    """Whether the code runs in a kernel, whose front end draws what it shows."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return shell is not None and "IPKernelApp" in shell.config


def has_room() -> bool:
    """Whether standard error is a terminal with columns: one without a window has none."""
    return sys.stderr.isatty() and os.get_terminal_size(sys.stderr.fileno()).columns > 0
