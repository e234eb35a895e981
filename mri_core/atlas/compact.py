"""What is left of a document's rows once they are placed: a code a layer in the smallest integer, or its scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mri_core.atlas.fitting import NEAREST, AtlasFit, layer_scores
from mri_core.atlas.kinds import ATLAS_KINDS
from mri_core.chunks import Rows, others
from mri_core.records.arrays import Atlas

BLOCK = 16_384  # documents at a time: their coordinates take little memory, and products run at full speed


def compact_type(atlas: Atlas) -> np.dtype[Any]:
    """The type of `placed_rows`: the smallest unsigned integer of all codes; float32 where documents have scores."""
    kind = ATLAS_KINDS.named(atlas.spec.kind)
    if not kind.traits.holds_documents:
        return np.dtype(np.float32)
    counts = [kind.regions(layer) for layer in atlas.layers]
    return np.min_scalar_type(2**32 - 1 if None in counts else max(n for n in counts if n is not None) - 1)


def compact_widths(atlas: Atlas) -> tuple[int, ...]:
    """The numbers a document has in each layer of `placed_rows`: one, or as many as there are components."""
    if ATLAS_KINDS.named(atlas.spec.kind).traits.holds_documents:
        return (1,) * len(atlas.layers)
    return tuple(len(layer.components) for layer in atlas.layers)


def placed_rows(atlas: Atlas, rows: Sequence[Rows], tokens: np.ndarray | None) -> list[np.ndarray]:
    """Documents placed in an atlas, a block at a time: memory is flat in the width of their rows.

    Args:
        atlas: frozen.
        rows: for each layer (documents, width).
        tokens: (documents,) their lengths; None if they are unknown.

    Returns:
        For each layer (documents, 1) codes, or (documents, components) scores, of `compact_type`.

    Raises:
        UsageError: the atlas was adjusted for length and the documents come without token counts.
    """
    return [placed_layer(atlas, index, own, tokens) for index, own in enumerate(rows)]


def placed_layer(atlas: Atlas, index: int, rows: Rows, tokens: np.ndarray | None) -> np.ndarray:
    """`placed_rows` of one layer, by its index; raises the same."""
    kind, layer = ATLAS_KINDS.named(atlas.spec.kind), atlas.layers[index]
    found = np.empty((len(rows), compact_widths(atlas)[index]), dtype=compact_type(atlas))
    for start in range(0, len(rows), BLOCK):
        block = slice(start, min(start + BLOCK, len(rows)))
        reduced = layer_scores(atlas.spec, layer, rows[block], None if tokens is None else tokens[block])
        found[block] = kind.assign(layer, reduced)[:, None] if kind.traits.holds_documents else reduced
    return found


def with_rest(fit: AtlasFit, fitted: np.ndarray, placed: Sequence[np.ndarray]) -> AtlasFit:
    """The atlas with all documents: those that it was fitted to, and the rest, which were placed in it.

    Args:
        fit: with the documents that it was fitted to. The nearest of a region are among them; of a region that none of
            them lies in, the first that do.
        fitted: ordinals of these among all documents, in rising order.
        placed: `placed_rows` of the others, in rising order.
    """
    documents = len(fitted) + len(placed[0])
    rest = others(documents, fitted)
    nearest = tuple(
        {code: tuple(fitted[list(ordinals)].tolist()) for code, ordinals in layer.items()} for layer in fit.nearest
    )
    if fit.scores is not None:
        scores = np.empty((documents, *fit.scores.shape[1:]), dtype=fit.scores.dtype)
        scores[fitted], scores[rest] = fit.scores, np.stack(placed, axis=1)
        return fit._replace(nearest=nearest, scores=scores, codes=np.empty((documents, 0), dtype=fit.codes.dtype))
    codes = np.empty((documents, fit.codes.shape[1]), dtype=fit.codes.dtype)
    codes[fitted], codes[rest] = fit.codes, np.concatenate(placed, axis=1)
    for own, layer in zip(nearest, codes.T, strict=True):
        own.update(_first(layer, [*own]))
    return fit._replace(nearest=nearest, codes=codes)


def _first(codes: np.ndarray, known: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """The first documents of each region that is not known, by code."""
    elsewhere = np.flatnonzero(~np.isin(codes, known))
    order = elsewhere[np.argsort(codes[elsewhere], kind="stable")]
    unknown, starts = np.unique(codes[order], return_index=True)
    members = np.split(order, starts[1:])
    return {int(code): tuple(own[:NEAREST].tolist()) for code, own in zip(unknown, members, strict=False)}
