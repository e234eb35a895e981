"""A later text's path through the regions of a study, set against the documents there."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from mri_core.atlas.fitting import region_name
from mri_core.evidence.surprise import nearest_categories, parts_of_categories, surprise
from mri_core.numbers import how_many
from mri_core.records.arrays import AtlasSpec
from mri_core.records.corpus import excerpt
from mri_core.records.graph import Study
from queries.text import words_told
from ui.drawing.palette import NEUTRAL
from ui.drawing.picture import Ask
from ui.drawing.scene import Spot, Stroke
from ui.wording.units import number_of

TIED = "none alone"
EMPTY = "no document lies there"


@dataclass(frozen=True)
class Walk:
    """A path, and the study's documents along it.

    Attributes:
        categories: names, sorted.
        regions: within the study, `L3/R5`, one a layer.
        inside: (layers, categories) documents in each region.
        shares: the same over all documents of the category.
        taking: (layers − 1, categories) documents that take each step.
    """

    categories: tuple[str, ...]
    regions: tuple[str, ...]
    inside: np.ndarray
    shares: np.ndarray
    taking: np.ndarray

    @property
    def steps(self) -> list[tuple[str, str]]:
        """From region to region."""
        return list(pairwise(self.regions))

    @property
    def parts(self) -> np.ndarray:
        """(layers, categories) what part of each region is each category's."""
        return parts_of_categories(self.shares)

    @property
    def nearest(self) -> list[str | None]:
        """For each layer the category with the largest part; None where none has it alone."""
        return [None if index is None else self.categories[index] for index in nearest_categories(self.parts)]

    @property
    def overall(self) -> np.ndarray:
        """(categories,) mean part over the layers in which documents lie; NaN where there are none."""
        known = self.parts[~np.isnan(self.parts).any(axis=1)]
        return known.mean(axis=0) if len(known) else np.full(len(self.categories), np.nan)

    @property
    def nearest_overall(self) -> str | None:
        """The category with the largest mean part."""
        (index,) = nearest_categories(self.overall[None])
        return None if index is None else self.categories[index]

    @property
    def bits(self) -> np.ndarray:
        """(layers − 1,) surprise of each step among all documents of the region that it leaves."""
        return surprise(self.taking.sum(axis=1), self.inside[:-1].sum(axis=1))

    @property
    def taken(self) -> np.ndarray:
        """(layers − 1,) whether any document takes each step."""
        return self.taking.sum(axis=1) > 0

    @property
    def all_bits(self) -> float:
        """The surprise of all steps together; infinite where no document takes one of them."""
        return float(self.bits.sum()) if self.taken.all() else np.inf

    @property
    def bits_of_categories(self) -> np.ndarray:
        """(layers − 1, categories) the same among the documents of each category."""
        return surprise(self.taking, self.inside[:-1])


def path(spec: AtlasSpec, codes: Sequence[int]) -> tuple[str, ...]:
    """The regions of a text's codes, one a layer."""
    return tuple(f"L{layer}/R{region_name(spec, code)}" for layer, code in enumerate(codes))


def walk(of: Study, ask: Ask, regions: tuple[str, ...], known: Mapping[str, Spot], categories: Sequence[str]) -> Walk:
    """The documents along a path.

    Args:
        of: the study.
        ask: asks it a question.
        regions: of the path, one a layer.
        known: the study's regions by name; where a text lies in none of them, there are no documents.
        categories: names, sorted.
    """
    number = {name: index for index, name in enumerate(categories)}
    inside, shares = np.zeros((len(regions), len(number))), np.zeros((len(regions), len(number)))
    taking = np.zeros((len(regions) - 1, len(number)))
    for layer, region in enumerate(regions):
        if region in known:
            for row in ask(of, "region-profile", region=region).records():
                inside[layer, number[row["category"]]] = number_of(row) or 0
                shares[layer, number[row["category"]]] = row["share"]
    for layer, (source, target) in enumerate(pairwise(regions)):
        if source in known and target in known:
            for row in ask(of, "connection-profile", source=source, target=target).records():
                taking[layer, number[row["category"]]] = number_of(row) or 0
    return Walk(tuple(categories), regions, inside, shares, taking)


def strokes(of: Walk, documents: np.ndarray, colours: Mapping[str, str]) -> list[Stroke]:
    """The steps of a path as lines, each in the colour of the nearest category of the region that it reaches.

    Args:
        of: the path.
        documents: (categories,) of the study.
        colours: of each category.
    """
    return [
        Stroke(
            id=f"{source}>{target}",
            source=source,
            target=target,
            weight=1.0,
            colour=colours.get(of.nearest[step + 1] or "", NEUTRAL),
            told=_told(of, step, of.taking[step] / documents),
            opacity=0.9,
            dashed=not of.taken[step],
        )
        for step, (source, target) in enumerate(of.steps)
    ]


def empty_cells(of: Walk, known: Container[str]) -> list[Spot]:
    """The regions of a path in which no document lies, as they are drawn."""
    apart = [(layer, region) for layer, region in enumerate(of.regions) if region not in known]
    return [Spot(region, layer, region.partition("/R")[2], 0, "none", ()) for layer, region in apart]


def _told(of: Walk, step: int, shares: np.ndarray) -> str:
    if not of.taken[step]:
        return "no document takes this step"
    (most,) = nearest_categories(shares[None])
    whose = TIED if most is None else of.categories[most]
    taking = round(of.taking[step].sum())
    takes = "takes" if taking == 1 else "take"
    return f"{how_many(taking, 'document')} {takes} this step, largest share {shares.max():.2f} ({whose})"


def table(of: Walk, known: Mapping[str, Spot], layers: Mapping[int, str]) -> pd.DataFrame:
    """The path layer by layer: whose regions, and how surprising the step to each is."""
    parts, nearest = of.parts, of.nearest
    steps = np.vstack([np.full((1, 1 + len(of.categories)), np.nan), np.column_stack([of.bits, of.bits_of_categories])])
    rows = []
    for layer, region in enumerate(of.regions):
        spot = known.get(region)
        rows.append(
            {
                "layer": layers[layer],
                "region": region.partition("/R")[2],
                "words": words_told(spot.words, 5) if spot else EMPTY,
                "documents": int(of.inside[layer].sum()),
                "nearest category": nearest[layer] or TIED,
                "its part": np.nanmax(parts[layer]) if spot else np.nan,
                "surprise, bits": steps[layer, 0],
                **{f"among {name}, bits": bits for name, bits in zip(of.categories, steps[layer, 1:], strict=True)},
            }
        )
    return pd.DataFrame(rows)


def overview(texts: Sequence[str], walks: Sequence[Walk]) -> pd.DataFrame:
    """The texts, one a row."""
    return pd.DataFrame(
        [
            {
                "text": excerpt(text, 120),
                "nearest category": walk.nearest_overall or TIED,
                "its mean part": np.max(walk.overall),
                "surprise, bits": walk.all_bits,
            }
            for text, walk in zip(texts, walks, strict=True)
        ]
    )


def score_table(
    scores: Sequence[np.ndarray], text: int, known: Mapping[str, Spot], layers: Mapping[int, str]
) -> pd.DataFrame:
    """A text's scores on the components of each layer.

    Args:
        scores: for each layer (texts, components).
        text: its number among them.
        known: the study's components by name.
        layers: their names.
    """
    return pd.DataFrame(
        [
            {
                "layer": layers[layer],
                "component": code,
                "words": words_told(known[key].words, 5) if (key := f"L{layer}/R{code}") in known else "",
                "score": float(score),
            }
            for layer, of_layer in enumerate(scores)
            for code, score in enumerate(of_layer[text])
        ]
    )
