"""Later documents in a frozen atlas: their regions, and how well the atlas describes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from mri_core.atlas.fitting import AtlasFit, Described, Later, layer_scores
from mri_core.atlas.kinds import ATLAS_KINDS
from mri_core.chunks import Rows
from mri_core.errors import UsageError
from mri_core.numbers import finite
from mri_core.records.arrays import Activations, Atlas, LayerAtlas
from mri_core.records.measures import ATLAS_FIT, Measure

FARTHEST = 99  # percentile of the distances of the atlas' own documents
MOST_BEYOND = 0.1  # share of later documents beyond it, above which an atlas does not describe them
MOST_FAR = 1.5  # median distance of later documents over that of the atlas' own, likewise


def placed_fit(
    atlas: Atlas,
    activations: Activations,
    advance: Callable[[], None] = lambda: None,
    turned: Callable[[int, np.ndarray], Rows] = lambda _, rows: rows,
) -> AtlasFit:
    """Places documents in an atlas, a layer at a time; nothing is fitted.

    Args:
        atlas: fitted to other documents, or to another model's activations of the same ones.
        activations: documents × width for each layer.
        advance: called after each layer.
        turned: gives the rows of a layer as they are placed, from its index and its rows as they are.

    Raises:
        UsageError: the layers differ in number or width, or the atlas needs lengths and there are none.
    """
    check_widths(widths_of(atlas), [rows.shape[1] for rows in activations.layers])
    kind, found = ATLAS_KINDS.named(atlas.spec.kind), Described()
    distances: list[np.ndarray] = []
    margins: list[np.ndarray | None] = []
    for index, (layer, rows) in enumerate(zip(atlas.layers, activations.layers, strict=True)):
        reduced = layer_scores(atlas.spec, layer, turned(index, rows), activations.tokens)
        located = kind.located(layer, reduced)
        distances.append(located.distances)
        margins.append(located.margins)
        found.add(reduced, located.codes)
        advance()
    return found.as_fit(atlas, Later(np.stack(distances, axis=1).astype(np.float32), _stacked(margins)))


def widths_of(atlas: Atlas) -> tuple[int, ...]:
    """The width of the activations that each layer has a place for."""
    return tuple(len(layer.mean) for layer in atlas.layers)


def check_widths(own: Sequence[int], widths: Sequence[int]) -> None:
    """Raises `UsageError` for activations of other layers than an atlas has a place for.

    Args:
        own: widths of the atlas' layers.
        widths: of the activations'.
    """
    if list(own) == list(widths):
        return
    differing = f"{len(widths)} layers" if len(own) != len(widths) else f"layers {_width_words(widths)} wide"
    there = f"{len(own)}" if len(own) != len(widths) else _width_words(own)
    raise UsageError(
        "An atlas has a place for activations of its own number of layers and widths",
        f"These have {differing}, the atlas {there}",
        "Choose a model of the same architecture, or scan with an atlas of its own and compare with `mri match`",
    )


def atlas_fit_measures(fit: AtlasFit) -> list[Measure]:
    """How well an atlas describes later documents, by layer; none for an atlas of an earlier version.

    The value is their median distance over that of the atlas' own documents (`AtlasKind.distances`); `details` hold the
    share of them beyond the 99th percentile of those (.01 if they are as the atlas' own), and whether either exceeds
    its bound.
    """
    if fit.later is None or any(layer.distances is None for layer in fit.atlas.layers):
        return []
    return [
        _fit_of_layer(index, layer, own)
        for index, (layer, own) in enumerate(zip(fit.atlas.layers, fit.later.distances.T, strict=True))
    ]


def _fit_of_layer(index: int, layer: LayerAtlas, distances: np.ndarray) -> Measure:
    known = np.asarray(layer.distances, dtype=np.float64)
    median, beyond = float(np.median(distances)), float(np.mean(distances > known[FARTHEST]))
    ratio = median / known[50] if known[50] > 0 else float("nan" if median > 0 else 1)
    bad = beyond > MOST_BEYOND or not ratio <= MOST_FAR
    details = {"beyond": beyond, "median": median, "own_median": float(known[50]), "misfit": bool(bad)}
    return Measure(ATLAS_FIT, finite(ratio), index, details=details)


def misfit_lines(measures: Sequence[Measure], atlas_of: str, *, aligned: bool = False) -> list[str]:
    """A warning that names the layers that an atlas does not describe; none if there are none.

    Args:
        measures: those of `atlas_fit_measures`, perhaps among others.
        atlas_of: name of the study that the atlas was fitted to.
        aligned: the documents' activations were aligned with that study's.
    """
    measures = [measure for measure in measures if measure.kind == ATLAS_FIT]
    bad = [measure for measure in measures if measure.details["misfit"]]
    if not bad:
        return []
    these = "these documents, aligned as they are" if aligned else "these documents"
    layers = [int(measure.layer or 0) for measure in bad]
    rest = layers == list(range(layers[0], len(measures)))
    if len(layers) == len(measures):
        where = "In every layer"
    elif rest:
        where = f"From layer {layers[0]} on"
    else:
        where = f"In layer {', '.join(map(str, layers))}"
    worst = max(measure.details["beyond"] for measure in bad)
    if worst > MOST_BEYOND:
        far = f"up to {worst:.0%} of them are farther from their region than {FARTHEST} % of {atlas_of}'s own"
    else:
        times = [measure.value for measure in bad if measure.value is not None]
        known = f"up to {max(times):.1f} times" if times else "farther than"
        far = f"half of them are {known} as far from their region as half of {atlas_of}'s own or more"
    return [f"{where} the atlas of {atlas_of} does not describe {these}: {far}."]


def _stacked(margins: Sequence[np.ndarray | None]) -> np.ndarray | None:
    known = [own for own in margins if own is not None]
    return np.stack(known, axis=1).astype(np.float32) if known and len(known) == len(margins) else None


def _width_words(widths: Sequence[int]) -> str:
    different = list(dict.fromkeys(widths))
    return ", ".join(map(str, different[:4])) + (", …" if len(different) > 4 else "")
