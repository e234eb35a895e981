"""Repeated stratified splits, and an interval for a mean over splits that share documents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from mri_core.errors import MriError, UsageError

TEST_SHARE = 0.3
INNER_FOLDS = 3
FEWEST = 5  # documents of a category: with 3 or 4 in training, each inner fold holds one out


class Split(NamedTuple):
    """Ordinals in rising order: of the documents that are fitted to, and of those that are asked about."""

    train: np.ndarray
    test: np.ndarray


class Interval(NamedTuple):
    """A mean with its 95 % interval."""

    mean: float
    low: float
    high: float


def check_categories(labels: np.ndarray, names: Sequence[str]) -> None:
    """Raises `MriError` where there is one category only, or one has too few documents to be split; it is named."""
    if len(names) < 2:
        raise MriError("A probe tells categories apart", f"This study has {len(names)}")
    counts = np.bincount(labels, minlength=len(names))
    small = int(counts.argmin())
    if counts[small] < FEWEST:
        rule = f"A probe needs at least {FEWEST} documents of every category"
        remedy = "Add documents, or choose --categories without it"
        raise MriError(rule, f"{names[small]} has {counts[small]}", remedy)


def splits(labels: np.ndarray, count: int, seed: int) -> Iterator[Split]:
    """Seeded stratified shuffle splits, `TEST_SHARE` of the documents held out in each.

    Raises:
        UsageError: fewer than 2 splits, over which nothing varies.
    """
    from sklearn.model_selection import StratifiedShuffleSplit

    if count < 2:
        raise UsageError("An interval needs at least 2 splits", f"--splits is {count}")
    shuffle = StratifiedShuffleSplit(n_splits=count, test_size=TEST_SHARE, random_state=seed)
    for train, test in shuffle.split(np.zeros(len(labels)), labels):
        yield Split(np.sort(train), np.sort(test))


def corrected_interval(scores: Sequence[float], train: int, test: int) -> Interval:
    """Corrected resampled t (Nadeau and Bengio 2003): the splits' variance counts (1/J + test/train) times.

    Args:
        scores: one a split, at least two.
        train, test: documents on either side of a split.
    """
    from scipy.stats import t

    values = np.asarray(scores, dtype=float)
    error = np.sqrt((1 / len(values) + test / train) * values.var(ddof=1))
    reach = float(t.ppf(0.975, len(values) - 1) * error)
    return Interval(float(values.mean()), float(values.mean()) - reach, float(values.mean()) + reach)
