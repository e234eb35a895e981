"""How often tokens occur: counted once over the texts that an atlas of tokens is fitted to, and part of it."""

from __future__ import annotations

import numpy as np

from mri_core.records.arrays import Frequency


def frequency_of(ids: np.ndarray) -> Frequency:
    """How often each of the ids (tokens,) occurs."""
    found, counts = np.unique(np.asarray(ids, dtype=np.int64), return_counts=True)
    return Frequency(found, counts.astype(np.int64))


def log_frequency(frequency: Frequency, ids: np.ndarray) -> np.ndarray:
    """(tokens,) float64 log(1 + count) of each of the ids (tokens,); 0 for those that never occurred."""
    ids = np.asarray(ids, dtype=np.int64)
    if not len(frequency.ids):
        return np.zeros(len(ids))
    place = np.minimum(np.searchsorted(frequency.ids, ids), len(frequency.ids) - 1)
    found: np.ndarray = np.log1p(np.where(frequency.ids[place] == ids, frequency.counts[place], 0))
    return found
