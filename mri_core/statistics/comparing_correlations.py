"""Do components move together differently in some category? Differences of Spearman's rho, on Fisher's z."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr

from mri_core.correlations import EQUAL, FEWEST, build_correlations
from mri_core.records import Evidence, Flows
from mri_core.statistics.dense import DenseFindings, dense_findings
from mri_core.statistics.effects import against_others
from mri_core.statistics.families import ALPHA
from mri_core.statistics.fdr import bh
from mri_core.statistics.naming import Compare, Compared

LARGEST = 1 - 1e-6  # of |rho|: of 1 there is no z


class Pairs(NamedTuple):
    """All pairs of components of neighbouring layers, kept by a threshold or not.

    Attributes:
        source, target: (pairs,) numbers of the components, as the connectome's regions, in order.
        rho: (pairs, categories) not a number where a component is constant or a category too small.
        documents: (categories,).
    """

    source: np.ndarray
    target: np.ndarray
    rho: np.ndarray
    documents: np.ndarray


def all_pairs(scores: np.ndarray, categories: np.ndarray, category_count: int) -> Pairs:
    """Spearman's rho of every pair in every category: what is tested must not depend on what came out large.

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
    """Tests every pair for a category that differs from the others; q by Benjamini and Hochberg.

    Effects are Fisher's z of a category minus the mean of the others'; z has variance (1 + rho²/2) / (n − 3) (Bonett
    and Wright 2000).
    """
    present = np.isfinite(pairs.rho) & (pairs.documents >= FEWEST)
    compare = of_fisher_z(pairs.rho, pairs.documents)
    several = present.sum(axis=1)
    smallest = np.where(present & (several > 1)[:, None], compare(np.arange(len(present)), present).p, 1).min(axis=1)
    p = np.minimum(1, smallest * np.where(several > 2, several, 1))
    return dense_findings(p, bh(p), present, compare, alpha)


def of_fisher_z(rho: np.ndarray, documents: np.ndarray) -> Compare:
    """Compares by the normal approximation of Fisher's z.

    Args:
        rho: (pairs, categories).
        documents: (categories,).
    """
    z = np.arctanh(np.clip(rho, -LARGEST, LARGEST))
    variance = (1 + rho**2 / 2) / np.maximum(documents - 3, 1)

    def compare(items: np.ndarray, left: np.ndarray) -> Compared:
        effect, spread = against_others(z[items], variance[items], left)
        p = 2 * ndtr(-np.abs(effect) / np.sqrt(spread))
        return Compared(p, effect, spread, np.nan_to_num(np.sign(effect)).astype(np.int8))

    return compare


def left_out(flows: Flows, pairs: Pairs, findings: DenseFindings) -> Flows:
    """The findings of categories whose own rho a threshold left out, as flows with that rho."""
    shape = pairs.rho.shape
    found = np.flatnonzero(findings.evidence.finding)
    pair, category = np.unravel_index(np.setdiff1d(found, _places(flows, pairs)), shape)
    rows = Flows(pairs.source[pair], pairs.target[pair], category, pairs.rho[pair, category], None, None)
    return replace(rows, evidence=rows_of(rows, pairs, findings))


def rows_of(flows: Flows, pairs: Pairs, findings: DenseFindings) -> Evidence:
    """The evidence of the pairs and categories that a threshold kept, aligned with the flows."""
    places = _places(flows, pairs)
    return Evidence(
        **{column.name: getattr(findings.evidence, column.name).ravel()[places] for column in fields(Evidence)}
    )


def _places(flows: Flows, pairs: Pairs) -> np.ndarray:
    """(flows,) where each one stands in an array (pairs, categories), counted through."""
    last = int(pairs.target.max()) + 1
    pair = np.searchsorted(pairs.source * last + pairs.target, flows.source * last + flows.target)
    return pair * pairs.rho.shape[1] + flows.category
