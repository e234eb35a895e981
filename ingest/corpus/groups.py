"""The groups of a corpus's documents."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np

from ingest.corpus.corpus import Corpus
from mri_core.statistics.blocks import numbered_groups


@runtime_checkable
class Grouped(Protocol):
    """A corpus that knows its groups without being read: one that is remembered, or of tokens."""

    @property
    def groups(self) -> np.ndarray | None:
        """As `groups_of` gives them."""


def groups_of(corpus: Corpus) -> np.ndarray | None:
    """(documents,) number of each document's group, a document without one being alone; None if no two share one."""
    if isinstance(corpus, Grouped):
        return corpus.groups
    if corpus.columns.group is None:
        return None
    return numbered_groups(document.group for document in corpus)
