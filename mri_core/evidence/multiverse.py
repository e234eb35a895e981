"""The headline numbers under every other reasonable choice of the analysis: a multiverse (Steegen et al. 2016)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product

import numpy as np

from mri_core.atlas.fitting import fit_atlas
from mri_core.atlas.kinds.clusters import cluster_count
from mri_core.atlas.quality import Quality, atlas_quality, started_anew
from mri_core.atlas.spec import adjusts_for_length
from mri_core.errors import UsageError
from mri_core.records.arrays import SEEDS, Activations, AtlasSpec
from mri_core.records.measures import HALF, LARGEST, MULTIVERSE, NUMBERS, SILHOUETTE, UNCHAINED, Measure
from mri_core.statistics.atlas_spread import Headlines, headlines
from mri_core.statistics.procedure import Procedure

UNDEFINED = {HALF: "no layer is over chance", SILHOUETTE: "every layer has one region only"}


@dataclass(frozen=True)
class Universe:
    """One set of choices.

    Attributes:
        seed: of the atlas.
        clusters: their number.
        standardize: whether columns are standardised.
        length_adjust: whether dependence on length is removed.
    """

    seed: int
    clusters: int
    standardize: bool
    length_adjust: bool

    def __str__(self) -> str:
        own = "standardised" if self.standardize else "own scales"
        return (
            f"seed {self.seed}, {self.clusters} clusters, {own}, length {'' if self.length_adjust else 'not '}adjusted"
        )


def universes(
    activations: Activations, spec: AtlasSpec, seeds: int, clusters: Sequence[int] = ()
) -> tuple[Universe, ...]:
    """All combinations, the study's own choices first.

    Args:
        activations: of the study; without tokens, or of too few documents, nothing is adjusted for length.
        spec: the study's atlas.
        seeds: their number, consecutive from the study's.
        clusters: numbers of clusters; none for half, once and twice the study's.

    Raises:
        UsageError: the atlas is not of clusters.
    """
    if spec.kind != "clusters":
        remedy = "Scan the corpus with --atlas clusters under another name"
        raise UsageError("A multiverse is of atlases of clusters", f"This one is of {spec.kind}", remedy)
    documents = len(activations.layers[0])
    own = cluster_count(spec, documents)
    several = [own, *(clusters or (max(2, own // 2), min(2 * own, documents)))]
    ways = [spec.standardize, not spec.standardize]
    adjusts = adjusts_for_length(replace(spec, length_adjust=True), activations)
    lengths = [spec.length_adjust, not spec.length_adjust] if adjusts else [False]
    numbered = [(spec.seed + number) % SEEDS for number in range(seeds)]
    return tuple(Universe(*choices) for choices in product(numbered, dict.fromkeys(several), ways, lengths))


def multiverse_measures(
    activations: Activations,
    spec: AtlasSpec,
    procedure: Procedure,
    choices: Sequence[Universe],
    advance: Callable[[], None] = lambda: None,
) -> list[Measure]:
    """A `multiverse` for each headline number in each universe; `other` names both, the details hold the choices.

    Args:
        activations: of the study.
        spec: its atlas.
        procedure: how it was tested; the seed of permutations stays the same.
        choices: the universes.
        advance: called after each layer that is fitted.
    """
    measures, independent = [], {}
    for place, universe in enumerate(choices):
        fit = fit_atlas(activations, replace(spec, **asdict(universe)), advance)
        rest = (universe.clusters, universe.standardize, universe.length_adjust)
        if rest not in independent:  # seeds share it: it takes ten times as long as the chained fit
            independent[rest] = started_anew(activations, fit.atlas)
        quality = atlas_quality(activations, fit.atlas, fit.codes, independent[rest])
        measures += _measures(headlines(fit.codes, procedure), quality, universe, place)
    return measures


def _measures(found: Headlines, quality: Quality, universe: Universe, place: int) -> list[Measure]:
    apart = quality.silhouette[np.isfinite(quality.silhouette)]
    known: dict[str, float | None] = {
        **found.numbers,
        LARGEST: float(np.max(found.excess)),
        SILHOUETTE: float(apart.mean()) if len(apart) else None,
        UNCHAINED: float(quality.unchained.mean()),
    }
    details = {**asdict(universe), "universe": place}
    return [
        Measure(
            MULTIVERSE,
            known[name],
            other=f"{name} | {universe}",
            details={
                **details,
                "number": name,
                **({"undefined": UNDEFINED[name]} if known[name] is None else {}),
            },
        )
        for name in NUMBERS
    ]
