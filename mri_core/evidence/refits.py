"""Bootstrap refits of the whole atlas, with regions numbered as the atlas regions that they match."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from mri_core.atlas.fitting import fit_atlas, place
from mri_core.records.arrays import REFITS, SEEDS, Activations, Atlas
from mri_core.statistics.blocks import bootstraps
from mri_core.statistics.matching import matched


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
    """The refits, one at a time.

    Each is fitted to a bootstrap resample, with its own seed and as many clusters as the atlas; then all documents are
    placed in it once, so that no test contains duplicates.

    Args:
        activations: that the atlas was fitted to.
        atlas: of clusters or cells.
        codes: (documents, layers) of all documents in it.
        seed: of the resamples.
        groups: (documents,) blocks that are drawn as a whole.
        refits: their number.
        advance: called after each layer that is fitted.
    """
    centres = atlas.layers[0].centres
    spec = replace(atlas.spec, clusters=None if centres is None else len(centres))
    for number, drawn in enumerate(bootstraps(len(codes), refits, seed, groups), start=1):
        fit = fit_atlas(activations, replace(spec, seed=(spec.seed + number) % SEEDS), advance, drawn)
        placed = [_placed(fit.atlas, activations, codes, layer) for layer in range(codes.shape[1])]
        yield Refit(np.stack(placed, axis=1), np.bincount(drawn, minlength=len(codes)) > 0)


def _placed(atlas: Atlas, activations: Activations, codes: np.ndarray, layer: int) -> np.ndarray:
    """Places one layer, so that reduced rows of all layers are never in memory at once."""
    one = replace(atlas, layers=(atlas.layers[layer],))
    rows = replace(activations, layers=(activations.layers[layer],))
    return matched(codes[:, layer], place(one, rows)[:, 0])
