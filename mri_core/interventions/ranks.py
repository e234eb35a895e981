"""Effects of interventions: their ranks among controls, their intervals, and what is said of several at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.stats import false_discovery_control

from mri_core.records.measures import ALPHA
from mri_core.statistics.blocks import bootstraps

RESAMPLES = 2_000
RARE = 0.05  # a share whose sampling error is the least spread that controls are taken to have
EQUAL = 1e-9  # of standard deviations: numbers computed in two ways differ by rounding


class Ranked(NamedTuple):
    """Effects among those of their controls, (items,) each.

    Attributes:
        p: of each alone: (1 + controls that stand out as much) / (1 + controls).
        p_max: of each, adjusted for all items: controls are ranked by the item in which they stand out most (Westfall
            and Young 1993).
        apart: by how many standard deviations of them all the effect differs from their mean; -inf for none.
        standardised: effect less the controls' mean, over their standard deviation.
        mean: of the controls.
        largest: of the controls, in the direction in which the effect differs from their mean, or of `side`.
    """

    p: np.ndarray
    p_max: np.ndarray
    apart: np.ndarray
    standardised: np.ndarray
    mean: np.ndarray
    largest: np.ndarray


def ranked(effects: np.ndarray, controls: np.ndarray, least: float = 0.0, side: int = 0) -> Ranked:
    """Ranks effects among controls.

    If the direction were one of its controls, every rank would be as likely, so that p is exact whatever the numbers'
    distribution: all of them, the effect's own included, are standardised alike before they are compared. An effect of
    nothing, or against its side, has p 1, however much the controls do.

    Args:
        effects: (items,).
        controls: (controls, items).
        least: standard deviation that an item is taken to have at least, so that one control in which a rare thing
            happens does not stand out most of all.
        side: in which direction an effect stands out: 1 for more, -1 for fewer, 0 for either.
    """
    together = np.concatenate([effects[None], controls])
    spread = np.sqrt(together.var(axis=0) + least**2)
    distance = together - together.mean(axis=0)
    distance = side * distance if side else np.abs(distance)
    apart = np.divide(distance, spread, out=np.zeros_like(distance), where=spread > 0)
    p = np.mean(apart >= apart[0] - EQUAL, axis=0)
    p_max = np.mean(apart.max(axis=1, initial=0)[:, None] >= apart[0] - EQUAL, axis=0)
    mean = controls.mean(axis=0)
    # An effect that is none, or that is opposite to how it differs from the controls, is the controls' doing.
    against = effects * (side or np.sign(effects - mean)) <= 0
    deviation = controls.std(axis=0, ddof=1)
    above = effects >= mean if side == 0 else np.full(len(mean), side > 0)
    largest = np.where(above, controls.max(axis=0), controls.min(axis=0))
    standardised = np.divide(effects - mean, deviation, out=np.full_like(mean, np.nan), where=deviation > 0)
    p, p_max = np.where(against, 1.0, p), np.where(against, 1.0, p_max)
    return Ranked(p, p_max, np.where(against, -np.inf, apart[0]), standardised, mean, largest)


def least_spread(texts: int) -> float:
    """The sampling error of a share of `RARE` in so many texts."""
    return float(np.sqrt(RARE * (1 - RARE) / texts))


def paired_intervals(changes: np.ndarray, groups: np.ndarray | None, seed: int) -> np.ndarray:
    """(2, items) 95 % percentile intervals of the mean change, over resampled texts or whole groups.

    Args:
        changes: (texts, items) what was after less what was before.
        groups: (texts,) integer group of each; None if texts are independent.
        seed: of the resamples.
    """
    means = np.stack([changes[drawn].mean(axis=0) for drawn in bootstraps(len(changes), RESAMPLES, seed, groups)])
    return np.percentile(means, [2.5, 97.5], axis=0)


def adjusted(p: np.ndarray, fdr: str | None) -> np.ndarray:
    """(tests,) p adjusted for all of them: by Holm (1979) if a study asked for `fwer`, else by Benjamini–Hochberg."""
    if fdr != "fwer":
        return np.asarray(false_discovery_control(p))
    order = np.argsort(p, kind="stable")
    steps = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    found = np.empty(len(p))
    found[order] = np.minimum(steps, 1)
    return found


def selected_share(smallest: np.ndarray, fdr: str | None) -> float:
    """What p within one of several families is divided by, if only families that pass are read.

    After Benjamini and Bogomolov (2014): families pass by their smallest adjusted p, and what is found within them is
    right at the level of the share that passed.

    Args:
        smallest: (families,) smallest familywise p of each.
        fdr: the study's way to make q.
    """
    return float(np.mean(adjusted(smallest, fdr) <= ALPHA))
