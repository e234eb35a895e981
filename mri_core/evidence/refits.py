"""Bootstrap refits of the whole atlas, with regions numbered as the atlas regions that they match."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from mri_core.atlas.fitting import dimensions_of, fit_layer, own_spec
from mri_core.atlas.kinds import ATLAS_KINDS
from mri_core.atlas.reducers import REDUCERS
from mri_core.atlas.spec import adjusts_for_length, columns_of
from mri_core.atlas.standardise import fit_standard
from mri_core.chunks import Chosen
from mri_core.errors import UsageError
from mri_core.records.arrays import REFITS, SEEDS, Activations, Atlas
from mri_core.statistics.blocks import bootstraps
from mri_core.statistics.matching import matched

SPACE = 100  # axes of the first fit that refits are fitted in, at least: twice those that clusters are found in


class Refit(NamedTuple):
    """An atlas fitted again.

    Attributes:
        codes: (documents, layers) region of every document in it.
        drawn: (documents,) whether it is in the bootstrap resample that the refit was fitted to.
    """

    codes: np.ndarray
    drawn: np.ndarray


def refitted(
    activations: Activations,
    atlas: Atlas,
    codes: np.ndarray,
    seed: int,
    groups: np.ndarray | None = None,
    refits: int = REFITS,
    advance: Callable[[], None] = lambda: None,
) -> Iterator[Refit]:
    """The refits, one at a time; all are fitted before the first, a layer at a time.

    Each is fitted to a bootstrap resample, with its own seed and as many clusters as the atlas; then all documents are
    placed in it once, so that no test contains duplicates. What a refit takes from the atlas is each column's scale and
    the space of the layer's first 100 axes; its adjustment for length and its axes in this space are its own.

    Args:
        activations: that the atlas was fitted to.
        atlas: of clusters or cells.
        codes: (documents, layers) of all documents in it.
        seed: of the resamples.
        groups: (documents,) blocks that are drawn as a whole.
        refits: their number.
        advance: called after each layer that is fitted.

    Raises:
        UsageError: the atlas' regions hold no documents.
    """
    if not ATLAS_KINDS.named(atlas.spec.kind).traits.holds_documents:
        raise UsageError("Refits place documents in regions", f"Those of an atlas of {atlas.spec.kind} hold none")
    documents, layers = codes.shape
    draws = [_small(np.bincount(drawn, minlength=documents)) for drawn in bootstraps(documents, refits, seed, groups)]
    found: list[list[np.ndarray]] = []
    for layer in range(layers):
        rows = _Layer(activations, atlas, layer)
        fits: list[np.ndarray] = []
        for number, draw in enumerate(draws):
            own = rows.refitted(draw, number + 1, found[-1][number] if found else None)
            fits.append(_small(own))
            advance()
        found.append(fits)
    for number, draw in enumerate(draws):
        placed = [matched(codes[:, layer], found[layer][number]) for layer in range(layers)]
        yield Refit(np.stack(placed, axis=1), draw > 0)


def _small(numbers: np.ndarray) -> np.ndarray:
    """The same natural numbers, a byte each if that suffices: there are as many as refits, layers and documents."""
    return numbers.astype(np.min_scalar_type(numbers.max()))


class _Layer:
    """A layer's rows as its refits take them: scaled, and in the space of the first axes where these suffice."""

    def __init__(self, activations: Activations, atlas: Atlas, index: int) -> None:
        self._index, self._kind = index, ATLAS_KINDS.named(atlas.spec.kind)
        self._reducer = REDUCERS.named(atlas.spec.reducer)
        self._tokens = activations.tokens if adjusts_for_length(atlas.spec, activations) else None
        self._dimensions = dimensions_of(atlas.spec, activations, len(activations.layers[0]))
        self._spec = own_spec(atlas, len(activations.layers[0]))
        self._rows, self._columns = activations.layers[index], columns_of(atlas.spec)
        within = getattr(self._reducer, "within", None)  # a reducer of another package may have none
        if within is not None:
            standard = fit_standard(self._rows, self._tokens, self._columns)
            self._rows = within.fit(standard, max(SPACE, 2 * self._dimensions), self._spec.seed)[1]
            self._columns = self._columns._replace(scaled=False)  # once; a resample is only centred, where the atlas is

    def refitted(self, draw: np.ndarray, number: int, before: np.ndarray | None) -> np.ndarray:
        """(documents,) codes of all documents in a refit.

        Args:
            draw: (documents,) how often each is in the resample.
            number: of the refit, from 1.
            before: (documents,) codes in its layer before; None for the first.
        """
        ordinals, left_out = np.flatnonzero(draw), np.flatnonzero(draw == 0)
        spec = replace(self._spec, seed=(self._spec.seed + number) % SEEDS)
        own, counts = None if before is None else before[ordinals].astype(np.int64), draw[ordinals].astype(np.int64)
        rows, lengths = self._some(ordinals)
        fit = fit_layer(rows, lengths, spec, self._dimensions, self._index, own, counts, self._columns)
        codes = np.empty(len(self._rows), dtype=np.int64)
        codes[ordinals] = np.asarray(fit.codes)
        if len(left_out):  # few groups may all be drawn
            codes[left_out] = self._kind.assign(fit.layer, self._reducer.transform(fit.layer, *self._some(left_out)))
        return codes

    def _some(self, ordinals: np.ndarray) -> tuple[Chosen, np.ndarray | None]:
        """Rows and lengths of some documents."""
        return Chosen(self._rows, ordinals), None if self._tokens is None else self._tokens[ordinals]
