"""Do components correlate differently in some category? Differences of Spearman's rho, on Fisher's z."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri

from mri_core.connectome.correlations import EQUAL, FEWEST, build_correlations
from mri_core.records.connectome import Evidence, Flows
from mri_core.records.measures import ALPHA
from mri_core.statistics.dense import DenseFindings, dense_findings
from mri_core.statistics.fdr import bh
from mri_core.statistics.naming import Cells, Compared

LARGEST = 1 - 1e-6  # of |rho|: z of 1 is infinite


class Pairs(NamedTuple):
    """All pairs of components of neighbouring layers, above the threshold or not.

    Attributes:
        source, target: (pairs,) numbers of the components, as the connectome's regions, in order.
        rho: (pairs, categories) NaN if a component is constant or a category too small.
        documents: (categories,).
    """

    source: np.ndarray
    target: np.ndarray
    rho: np.ndarray
    documents: np.ndarray


def all_pairs(scores: np.ndarray, categories: np.ndarray, category_count: int) -> Pairs:
    """Spearman's rho of every pair in every category: the tested pairs must not be selected by their rho.

    Args:
        scores: (documents, layers, components) from the atlas.
        categories: (documents,) integer index of each document's category.
        category_count: number of categories.
    """
    layers, components = scores.shape[1:]
    flows = build_correlations(scores, categories, category_count, threshold=-1).connectome.flows
    source, target = (part.ravel() for part in np.mgrid[: (layers - 1) * components, :components])
    target = target + (source // components + 1) * components
    rho = np.full((len(source), category_count), np.nan)
    rho[flows.source * components + flows.target % components, flows.category] = flows.weight
    noise = EQUAL * np.abs(scores).max(axis=0)
    for category in range(category_count):
        inside = scores[categories == category]
        constant = (np.ptp(inside, axis=0) <= noise).ravel()
        rho[constant[source] | constant[target], category] = np.nan
    return Pairs(source, target, rho, np.bincount(categories, minlength=category_count))


def find_correlation_differences(pairs: Pairs, alpha: float = ALPHA) -> DenseFindings:
    """Tests whether a category differs from the others in each pair; q by Benjamini and Hochberg.

    Effects are Fisher's z of a category minus the mean of the others'; z has variance (1 + rho²/2) / (n − 3) (Bonett
    and Wright 2000).
    """
    present = np.isfinite(pairs.rho) & (pairs.documents >= FEWEST)
    compared = FisherZ.of_rho(pairs.rho, pairs.documents)
    several = present.sum(axis=1)
    p_of_each = compared.against_the_rest(np.arange(len(present)), present).p
    smallest = np.where(present & (several > 1)[:, None], p_of_each, 1).min(axis=1)
    p = np.minimum(1, smallest * np.where(several > 2, several, 1))
    return dense_findings(p, bh(p), present, compared, alpha)


class FisherZ:
    """Compares by the normal approximation of Fisher's z: a category's minus the mean of the others'.

    Args:
        z, variance: (pairs, categories).
    """

    def __init__(self, z: np.ndarray, variance: np.ndarray) -> None:
        self.z, self.variance = z, variance

    @classmethod
    def of_rho(cls, rho: np.ndarray, documents: np.ndarray) -> FisherZ:
        """Of correlations (pairs, categories) over so many documents (categories,)."""
        z = np.arctanh(np.clip(rho, -LARGEST, LARGEST))
        return cls(z, (1 + rho**2 / 2) / np.maximum(documents - 3, 1))

    def of(self, items: np.ndarray) -> FisherZ:
        """As `naming.Comparison`."""
        return FisherZ(self.z[items], self.variance[items])

    def against_the_rest(self, items: np.ndarray, left: np.ndarray) -> Compared:
        """As `naming.Comparison`."""
        effect, variance = self._against(items, left)
        p = 2 * ndtr(-np.abs(effect) / np.sqrt(variance))
        return Compared(p, effect, np.nan_to_num(np.sign(effect)).astype(np.int8))

    def tails(self, cells: Cells) -> np.ndarray:
        """As `naming.Comparison`."""
        effect, variance = self._of_cells(cells)
        return ndtr(-np.abs(effect) / np.sqrt(variance))

    def intervals(self, cells: Cells, tail: float) -> tuple[np.ndarray, np.ndarray]:
        """As `naming.Comparison`."""
        effect, variance = self._of_cells(cells)
        reach = -ndtri(tail) * np.sqrt(variance)
        return effect - reach, effect + reach

    def _of_cells(self, cells: Cells) -> tuple[np.ndarray, np.ndarray]:
        effect, variance = self._against(cells.item, cells.left)
        at = np.arange(len(cells.item)), cells.category
        return effect[at], variance[at]

    def _against(self, items: np.ndarray, left: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Values minus the mean of the others that are left, and the variance of the difference."""
        others = left.sum(axis=1, keepdims=True) - 1.0
        others[others < 1] = np.nan
        own = self.z[items], self.variance[items]
        sums = [np.where(left, part, 0).sum(axis=1, keepdims=True) for part in own]
        effect = own[0] - (sums[0] - own[0]) / others
        return effect, own[1] + (sums[1] - own[1]) / others**2


def left_out(flows: Flows, pairs: Pairs, findings: DenseFindings) -> Flows:
    """The findings of categories whose own rho is below the threshold, as flows with that rho."""
    shape = pairs.rho.shape
    found = np.flatnonzero(findings.evidence.finding)
    pair, category = np.unravel_index(np.setdiff1d(found, _places(flows, pairs)), shape)
    rows = Flows(pairs.source[pair], pairs.target[pair], category, pairs.rho[pair, category], None, None)
    return replace(rows, evidence=rows_of(rows, pairs, findings))


def rows_of(flows: Flows, pairs: Pairs, findings: DenseFindings) -> Evidence:
    """The evidence of the pairs and categories above the threshold, aligned with the flows."""
    places = _places(flows, pairs)
    return Evidence(
        **{column.name: getattr(findings.evidence, column.name).ravel()[places] for column in fields(Evidence)}
    )


def _places(flows: Flows, pairs: Pairs) -> np.ndarray:
    """(flows,) index of each one in the flattened array (pairs, categories)."""
    last = int(pairs.target.max()) + 1
    pair = np.searchsorted(pairs.source * last + pairs.target, flows.source * last + flows.target)
    return pair * pairs.rho.shape[1] + flows.category
