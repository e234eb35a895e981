"""Documents that are held out before anything is fitted: a seeded split, stratified by category, groups whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from mri_core.errors import CorpusError, UsageError
from mri_core.records.corpus import Document
from mri_core.statistics.blocks import numbered_groups, splits


def check_holdout(share: float | None, held_out: bool) -> None:
    """Raises `UsageError` for a share that is none, or held-out documents where nothing is held out."""
    if share is not None and not 0 < share < 1:
        raise UsageError("--holdout is a share between 0 and 1", f"It is {share}")
    if held_out and share is None:
        raise UsageError("--held-out reads what --holdout leaves out", "There is no --holdout", "Give its share")


def kept_part(
    documents: Iterable[Document],
    counts: Mapping[str, int],
    sample: Mapping[str, bytes] | None,
    share: float,
    held_out: bool,
    seed: int,
) -> dict[str, bytes]:
    """For each category a byte for each of its documents in order: 1 if it is in the wanted part.

    Args:
        documents: of the sample, in order.
        counts: documents of each category, whether or not they are in the sample.
        sample: a byte for each of them, 1 if it is; None if all are.
        share: of the sample that is held out.
        held_out: whether the held-out part is wanted, or the other.
        seed: of the split.

    Raises:
        CorpusError: a category, or the only group of one, is too small to be split.
    """
    names = list(counts)
    labels: list[int] = []
    groups: list[str | None] = []
    for document in documents:
        labels.append(names.index(document.category))
        groups.append(document.group)
    label = np.array(labels)
    (fitted,) = splits(label, 1, seed, numbered_groups(groups), 1 - share)
    for part in (fitted, ~fitted):
        sizes = np.bincount(label[part], minlength=len(names))
        if not sizes.all():
            fact = f"One part would have no document of {names[int(sizes.argmin())]!r}"
            raise CorpusError("Both parts have documents of every category", fact, "Choose another --holdout")
    wanted = ~fitted if held_out else fitted
    masks = {}
    for number, name in enumerate(names):
        mask = np.frombuffer(sample[name], dtype=np.uint8).copy() if sample else np.ones(counts[name], dtype=np.uint8)
        mask[np.flatnonzero(mask)] = wanted[label == number]
        masks[name] = mask.tobytes()
    return masks
