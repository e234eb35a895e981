"""One model's activations rotated onto another's of the same documents: orthogonal Procrustes (Schönemann 1966)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mri_core.atlas.fitting import AtlasFit, layer_scores
from mri_core.atlas.kinds import ATLAS_KINDS
from mri_core.atlas.placing import placed_fit
from mri_core.chunks import Chosen, Rows, chunks, let_go
from mri_core.errors import UsageError
from mri_core.numbers import finite
from mri_core.records.arrays import Activations, Atlas
from mri_core.records.measures import ALIGNMENT, Measure

LEAST = 2  # documents of a half: one has no spread to rotate
NO_REGIONS = "regions of components hold no documents"


class Halves(NamedTuple):
    """Ordinals of the documents that an alignment is fitted on, and of those that judge it, each in rising order."""

    fitted: np.ndarray
    judged: np.ndarray


@dataclass(frozen=True)
class LayerAlignment:
    """A rotation about a mean, of one layer.

    Attributes:
        mean: (width,) of the fitted documents' rows.
        target: (width,) of the same documents' rows on the other side, to which the mean goes.
        rotation: (width, width) orthogonal; rows are multiplied by it from the right. It may be a reflection.
    """

    mean: np.ndarray
    target: np.ndarray
    rotation: np.ndarray

    def applied(self, rows: np.ndarray) -> np.ndarray:
        """Rows (documents, width), aligned, in float32."""
        return (rows.astype(np.float32) - self.mean) @ self.rotation + self.target


class Aligned:
    """Rows that are aligned a block at a time, when they are read.

    Args:
        rows: (documents, width), in memory or memory-mapped.
        alignment: of their layer.
    """

    def __init__(self, rows: Rows, alignment: LayerAlignment) -> None:
        self._rows, self._alignment = rows, alignment

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the rows."""
        return self._rows.shape

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, place: slice) -> np.ndarray:
        block = self._alignment.applied(self._rows[place])
        let_go(self._rows)
        return block


def halves(documents: int, seed: int, groups: np.ndarray | None = None) -> Halves:
    """Two seeded halves; documents of one group are in the same.

    Args:
        documents: how many there are.
        seed: of the draw.
        groups: (documents,) number of each document's group; None if they are independent.

    Raises:
        UsageError: a half would have fewer than two documents.
    """
    units = np.arange(documents) if groups is None else np.unique(groups, return_inverse=True)[1]
    sizes = np.bincount(units)
    order = np.random.default_rng(seed).permutation(len(sizes))
    # groups as they are drawn, up to the one with which half of the documents are there
    first = order[: int(np.searchsorted(np.cumsum(sizes[order]), (documents + 1) // 2)) + 1]
    is_fitted = np.isin(units, first)
    found = Halves(np.flatnonzero(is_fitted), np.flatnonzero(~is_fitted))
    if min(map(len, found)) < LEAST:
        of_groups = "" if groups is None else f" in {len(sizes)} groups"
        fact = f"There are {documents} documents{of_groups}"
        raise UsageError("An alignment is fitted on one half of the documents and judged by the other", fact)
    return found


def fit_alignment(rows: np.ndarray, reference: np.ndarray, ordinals: np.ndarray) -> LayerAlignment:
    """The rotation about the means that brings rows nearest to those of the reference, by the sum of squares.

    With n documents it is determined in at most n - 1 directions of either side. Of all the rotations that fit as
    well, this is the one nearest to no rotation at all (by the sum of the squares of its difference from the identity):
    directions in which neither side's documents differ stay as they are, and what is left of the first side's goes to
    what is left of the second's by the shortest way. An SVD alone would turn them at random. Where even that leaves a
    choice, two directions being at right angles, the SVD's is taken.

    Memory does not grow with the documents.

    Args:
        rows: (documents, width), finite.
        reference: (documents, width) of the same documents.
        ordinals: of the documents to fit on, in rising order; no other is read.
    """
    count, width = len(ordinals), rows.shape[1]
    own, other = Chosen(rows, ordinals), Chosen(reference, ordinals)
    mean, target = _mean(own), _mean(other)
    if 2 * count < width:  # all that is rotated lies in the space that they span
        centred = np.concatenate([_whole(own) - mean, _whole(other) - target])
        basis = np.linalg.qr(centred.T)[0]
        coordinates = centred @ basis
        turned = procrustes(coordinates[:count].T @ coordinates[count:], count - 1)
        rotation = np.eye(width) + basis @ (turned - np.eye(len(turned))) @ basis.T
    else:
        products = np.zeros((width, width))
        for place, block in chunks(own):
            products += (block.astype(np.float64) - mean).T @ (other[place].astype(np.float64) - target)
        rotation = procrustes(products, count - 1)
    return LayerAlignment(*(found.astype(np.float32) for found in (mean, target, rotation)))


def procrustes(products: np.ndarray, most: int) -> np.ndarray:
    """The orthogonal matrix R with the largest trace of its transpose times `products`, nearest to the identity.

    Args:
        products: (width, width) sums over documents of the one side's centred columns times the other side's.
        most: rank that they can have, beyond which they are rounding.
    """
    left, values, right = np.linalg.svd(products)
    rank = min(most, int(np.sum(values > values[0] * len(values) * np.finfo(values.dtype).eps)))
    free, freed = left[:, rank:], right[rank:].T
    turn, _, back = np.linalg.svd(free.T @ freed)
    return left[:, :rank] @ right[:rank] + free @ (turn @ back) @ freed.T


def aligned_fit(
    atlas: Atlas,
    own: Activations,
    reference: Activations,
    parted: Halves,
    advance: Callable[[], None] = lambda: None,
) -> tuple[AtlasFit, list[Measure]]:
    """Aligns documents layer by layer and places them in an atlas, and measures each layer's alignment.

    Args:
        atlas: fitted to the reference.
        own: documents × width for each layer.
        reference: of the same documents, as many and as wide.
        parted: the documents that the alignment is fitted on, and those that judge it.
        advance: called after each layer.

    Raises:
        UsageError: as `placed_fit`.
    """
    measures: list[Measure] = []

    def turned(index: int, rows: np.ndarray) -> Rows:
        alignment = fit_alignment(rows, reference.layers[index], parted.fitted)
        measures.append(alignment_measure(atlas, index, own, reference, alignment, parted.judged))
        return Aligned(rows, alignment)

    return placed_fit(atlas, own, advance, turned), measures


def alignment_measure(
    atlas: Atlas, index: int, own: Activations, reference: Activations, alignment: LayerAlignment, judged: np.ndarray
) -> Measure:
    """How well a layer's alignment fits documents that it was not fitted on.

    The value is the share of them in the region of the atlas that the reference has for them. `details` hold the same
    without the alignment (`unaligned`), the residual squares as a share of the reference's about the fitted documents'
    mean, with the alignment and without (`residual`, `residual_unaligned`), and the documents of both halves.

    Args:
        atlas: fitted to the reference.
        index: of the layer.
        own: activations that are aligned.
        reference: of the same documents.
        alignment: of the layer.
        judged: ordinals of the documents that judge it.
    """
    rows, others = Chosen(own.layers[index], judged), Chosen(reference.layers[index], judged)
    aligned = Aligned(rows, alignment)
    residual, before = _residuals(rows, others, alignment)
    details = {"residual": finite(residual), "residual_unaligned": finite(before)}
    details |= {"fitted": len(own.layers[index]) - len(judged), "judged": len(judged)}
    if not ATLAS_KINDS.named(atlas.spec.kind).traits.holds_documents:
        return Measure(ALIGNMENT, None, index, details={**details, "unaligned": None, "undefined": NO_REGIONS})
    true = _codes(atlas, index, others, reference.tokens, judged)
    share, plain = (float(np.mean(_codes(atlas, index, side, own.tokens, judged) == true)) for side in (aligned, rows))
    return Measure(ALIGNMENT, share, index, details={**details, "unaligned": plain})


def _codes(atlas: Atlas, index: int, rows: Rows, tokens: np.ndarray | None, ordinals: np.ndarray) -> np.ndarray:
    layer, lengths = atlas.layers[index], None if tokens is None else tokens[ordinals]
    reduced = layer_scores(atlas.spec, layer, rows, lengths)
    return ATLAS_KINDS.named(atlas.spec.kind).assign(layer, reduced)


def _residuals(rows: Rows, reference: Rows, alignment: LayerAlignment) -> tuple[float, float]:
    """Squares of the differences from the reference, with the alignment and without, over its own about the mean."""
    after = before = total = 0.0
    for place, block in chunks(reference):
        own, other = rows[place], block.astype(np.float64)
        after += float(np.square(alignment.applied(own) - other).sum())
        before += float(np.square(own - other).sum())
        total += float(np.square(other - alignment.target).sum())
    return (after / total, before / total) if total > 0 else (float("nan"), float("nan"))


def _mean(rows: Rows) -> np.ndarray:
    total = np.zeros(rows.shape[1])
    for _, block in chunks(rows):
        total += block.sum(axis=0, dtype=np.float64)
    return total / len(rows)


def _whole(rows: Rows) -> np.ndarray:
    return rows[slice(None)].astype(np.float64)
