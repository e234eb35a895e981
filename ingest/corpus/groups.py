"""The groups of a corpus's documents."""

from __future__ import annotations

import numpy as np

from ingest.corpus.corpus import Corpus
from ingest.corpus.remembered import RememberedCorpus
from mri_core.statistics.blocks import numbered_groups


def groups_of(corpus: Corpus) -> np.ndarray | None:
    """(documents,) number of each document's group, a document without one being alone; None if no two share one."""
    if isinstance(corpus, RememberedCorpus):
        return corpus.groups
    if corpus.columns.group is None:
        return None
    return numbered_groups(document.group for document in corpus)
