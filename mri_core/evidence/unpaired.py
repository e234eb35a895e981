"""Two corpora in one atlas: does each category of the one go where its namesake of the other goes?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import chi2

from mri_core.connectome.counting import build_connectome
from mri_core.evidence.factors import Factor, factor_findings
from mri_core.records.measures import ALPHA
from mri_core.statistics.counts import connection_counts
from mri_core.statistics.crossing import Crossing
from mri_core.statistics.fdr import bh
from mri_core.statistics.procedure import Procedure
from mri_core.statistics.tables import connection_tables

FEWEST = 5  # documents on a connection, of both corpora together, for a category to count in the interaction


@dataclass(frozen=True)
class Contrast:
    """The second corpus against the first, on each connection that some document takes.

    Attributes:
        layer, source, target: (items,) layer that it leaves, codes of its regions.
        counts: (items, categories, 2) documents of each category and corpus.
        effect, ci_low, ci_high, p, q: (items, categories + 1) of the second corpus against the first: log odds ratio
            within each category, and at last of all categories held constant (Mantel and Haenszel 1959); NaN where no
            document of a category takes the connection.
        tests, passed: (categories + 1,) tested items and those with q ≤ α, of each family.
        interaction_q: (items,) q that the log odds ratio differs between categories; NaN if it is not tested.
    """

    layer: np.ndarray
    source: np.ndarray
    target: np.ndarray
    counts: np.ndarray
    effect: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    p: np.ndarray
    q: np.ndarray
    tests: np.ndarray
    passed: np.ndarray
    interaction_q: np.ndarray


def contrast(
    codes: np.ndarray,
    side: np.ndarray,
    procedure: Procedure,
    advance: Callable[[], None] = lambda: None,
) -> Contrast:
    """Tests two corpora against each other, within each category and with the categories held constant.

    Args:
        codes: (documents, layers) regions of the documents of both, in one numbering.
        side: (documents,) 0 for the first corpus, 1 for the second; each has every category.
        procedure: with the categories' labels, and with groups that do not cross the corpora.
        advance: called after each family.
    """
    labels, categories = procedure.labels, procedure.categories
    crossed = replace(procedure, labels=labels * 2 + side, categories=2 * categories)
    connectome = build_connectome(codes, crossed.labels, crossed.categories)
    counted = connection_counts(connectome)
    items, width = len(counted.starts), int(codes.max()) + 1
    ends = [connectome.region_code[end[counted.starts]] for end in (connectome.flows.source, connectome.flows.target)]
    layer = connectome.region_layer[connectome.flows.source[counted.starts]]
    found = np.full((5, items, categories + 1), np.nan)
    tests, passed = np.zeros((2, categories + 1), dtype=np.int64)
    crossing = Crossing(np.tile([0, 1], categories), np.repeat(np.arange(categories), 2))
    overall = factor_findings(connectome, counted, Factor("corpus", ("first", "second"), crossing), crossed)
    evidence = overall.evidence
    found[:3, :, -1] = [part[:, 1] for part in (evidence.effect, evidence.ci_low, evidence.ci_high)]
    found[3:, :, -1] = overall.p, overall.q
    tests[-1], passed[-1] = overall.tests, overall.passed
    advance()
    keys = (layer * width + ends[0]) * width + ends[1]
    order = np.argsort(keys)
    for label in range(categories):
        own = labels == label
        within = _within(codes[own], side[own], procedure, own, width)
        found[:, order[np.searchsorted(keys, within.key, sorter=order)], label] = within.found
        tests[label], passed[label] = len(within.key), within.passed
        advance()
    counts = counted.dense(np.arange(items)).reshape(items, categories, 2)
    several = procedure.groups is None and categories > 1
    sizes = connectome.category_documents.reshape(categories, 2)
    interaction = _interaction_q(counts, sizes) if several else np.full(items, np.nan)
    effect, low, high, p, q = found
    return Contrast(layer, ends[0], ends[1], counts, effect, low, high, p, q, tests, passed, interaction)


@dataclass(frozen=True)
class _Within:
    """One category's tests: a key for each item, and its effect, interval, p and q (5, items)."""

    key: np.ndarray
    found: np.ndarray
    passed: int


def _within(codes: np.ndarray, side: np.ndarray, procedure: Procedure, own: np.ndarray, width: int) -> _Within:
    groups = None if procedure.groups is None else procedure.groups[own]
    two = replace(procedure, labels=side, categories=2, groups=groups)
    tables = connection_tables(codes)
    findings = two.differences(tables)
    item, corpus = np.nonzero(tables.counts(side, 2))  # the rows of the evidence
    last = np.append(item[1:] != item[:-1], True)  # the second corpus where it is there, else the first, mirrored
    mirrored = corpus[last] == 0
    evidence = findings.evidence
    effect, low, high = (part[last] for part in (evidence.effect, evidence.ci_low, evidence.ci_high))
    effect = np.where(mirrored, -effect, effect)
    low, high = np.where(mirrored, -high, low), np.where(mirrored, -low, high)
    keys = (tables.table * width + tables.first) * width + tables.second
    return _Within(keys, np.stack([effect, low, high, findings.p, findings.q]), findings.passed)


def _interaction_q(counts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """(items,) q of Woolf's (1955) test that the log odds ratios of the categories are equal, with ½ in each cell.

    Only categories with five documents or more on a connection, and as many off it, count; two of them are needed.
    """
    having, lacking = counts + 0.5, sizes - counts + 0.5
    effect = np.log(having[..., 1] * lacking[..., 0] / (having[..., 0] * lacking[..., 1]))
    weight = 1 / (1 / having + 1 / lacking).sum(axis=2)
    total = counts.sum(axis=2)
    weight[(total < FEWEST) | (sizes.sum(axis=1) - total < FEWEST)] = 0
    several = (weight > 0).sum(axis=1)
    mean = np.divide((weight * effect).sum(axis=1), weight.sum(axis=1), out=np.zeros(len(counts)), where=several > 0)
    spread = (weight * (effect - mean[:, None]) ** 2).sum(axis=1)
    q = np.full(len(counts), np.nan)
    tested = several > 1
    if tested.any():
        q[tested] = bh(chi2.sf(spread[tested], several[tested] - 1))
    return q


def found_items(found: Contrast, family: int, alpha: float = ALPHA) -> np.ndarray:
    """Items of a family (a category's, or -1) that differ, the nearer end of the interval first."""
    q = found.q[:, family]
    passing = np.flatnonzero(q <= alpha)
    effect, low, high = (part[passing, family] for part in (found.effect, found.ci_low, found.ci_high))
    return passing[np.lexsort((found.p[passing, family], -np.where(effect > 0, low, -high)))]
