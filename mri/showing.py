"""What a study found, in one call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mri_core.store import Location, Named, open_store
from ui.reports import summary
from ui.reports.answers import Answers
from ui.reports.overview import Overview, in_words, overview
from ui.wording.terminal import fitted


@dataclass(frozen=True)
class Summary:
    """What a study found: `print` it, or take the numbers from `facts`.

    Attributes:
        facts: as `mri show --json` prints them.
        overview: what matters first, as `mri show` prints it.
        full: whether it prints all, as `mri show --full` does, or what matters first.
    """

    facts: dict[str, Any]
    overview: Overview
    full: bool = False

    def __str__(self) -> str:
        return fitted(summary.in_words(self.facts) if self.full else in_words(self.overview))

    __repr__ = __str__


def show(study: Named, *, full: bool = False, store: Location | None = None) -> Summary:
    """What a study found, as `mri show` prints it; `print` it.

    >>> mri.show("demo").facts["study"]["name"]
    'demo'

    Args:
        study: a name, an id or a view.
        full: print all, as `mri show --full` does.
        store: a folder or a server's URL; None for `MRI_STORE`, else `./mri-store`.

    Raises:
        MriError: there is no such study or store.
    """
    with open_store(store, create=False) as opened:
        found = opened.study(study)
        first = overview(found, Answers(opened), opened.measures(found), opened.studies())
        return Summary(summary.findings(opened, found), first, full)
