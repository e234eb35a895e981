"""Answers about studies straight from a store, for whoever keeps none from before."""

from __future__ import annotations

from typing import Any

from mri_core.records.graph import Study
from mri_core.records.table import Table
from mri_core.store.store import Store
from queries.catalog import own_catalog
from queries.runner import run


class Answers:
    """Gives the answer to a template about a study, as `ui.drawing.picture.Ask` has it.

    Attributes:
        cut: whether any answer was longer than `max_rows`.
    """

    def __init__(self, store: Store, **limits: Any) -> None:
        """Answers from `store`; `limits` are the `timeout` and `max_rows` of each, as of `queries.runner.run`."""
        self.cut = False
        self._store, self._limits, self._catalog = store, limits, own_catalog()

    def __call__(self, of: Study, template: str, /, **values: Any) -> Table:
        """The answer to `template` with these values."""
        table = run(self._store, self._catalog.get(template), {"study": of.id, **values}, **self._limits)
        self.cut = self.cut or table.cut
        return table
