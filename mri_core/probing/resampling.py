"""Repeated stratified splits, and an interval for a mean over splits that share documents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from mri_core.errors import MriError, UsageError
from mri_core.records.arrays import SEEDS

TEST_SHARE = 0.3
INNER_FOLDS = 3
FEWEST = 5  # documents of a category: with 3 or 4 in training, each inner fold holds one out


class Split(NamedTuple):
    """Ordinals in rising order: of the training documents, and of the held-out documents."""

    train: np.ndarray
    test: np.ndarray


class Interval(NamedTuple):
    """A mean with its 95 % interval."""

    mean: float
    low: float
    high: float


def check_categories(labels: np.ndarray, names: Sequence[str], groups: np.ndarray | None = None) -> None:
    """Raises `MriError` if there is only one category, or one has too few documents to be split, which it names.

    Args:
        labels: (documents,) index of each document's category in `names`.
        names: of the categories.
        groups: (documents,) number of each one's group; a category then needs as many groups.
    """
    if len(names) < 2:
        raise MriError("A probe needs at least two categories", f"This study has {len(names)}")
    unit = "documents" if groups is None else "groups of documents"
    each = np.arange(len(labels)) if groups is None else groups
    counts = [len(np.unique(each[labels == index])) for index in range(len(names))]
    small = int(np.argmin(counts))
    if counts[small] < FEWEST:
        rule = f"A probe needs at least {FEWEST} {unit} of every category"
        remedy = "Add documents, or choose --categories without it"
        raise MriError(rule, f"{names[small]} has {counts[small]}", remedy)


def splits(labels: np.ndarray, count: int, seed: int, groups: np.ndarray | None = None) -> Iterator[Split]:
    """Seeded stratified shuffle splits, `TEST_SHARE` of the documents held out in each.

    Documents of a group are on one side: a third of the groups is held out, as evenly over the categories as possible.

    Raises:
        UsageError: fewer than 2 splits, over which nothing varies.
        MriError: groups are so uneven that a category is on one side only.
    """
    from sklearn.model_selection import StratifiedShuffleSplit

    if count < 2:
        raise UsageError("An interval needs at least 2 splits", f"--splits is {count}")
    if groups is not None:
        yield from _of_groups(labels, count, seed, groups)
        return
    shuffle = StratifiedShuffleSplit(n_splits=count, test_size=TEST_SHARE, random_state=seed)
    for train, test in shuffle.split(np.zeros(len(labels)), labels):
        yield Split(np.sort(train), np.sort(test))


def _of_groups(labels: np.ndarray, count: int, seed: int, groups: np.ndarray) -> Iterator[Split]:
    from sklearn.model_selection import StratifiedGroupKFold

    for number in range(count):
        folds = StratifiedGroupKFold(round(1 / TEST_SHARE), shuffle=True, random_state=(seed + number) % SEEDS)
        train, test = next(iter(folds.split(np.zeros(len(labels)), labels, groups)))
        if any(len(np.unique(labels[side])) < len(np.unique(labels)) for side in (train, test)):
            rule, fact = "A split has every category on both sides", "The groups are too uneven for that"
            raise MriError(rule, fact, "Scan more groups")
        yield Split(train, test)


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
