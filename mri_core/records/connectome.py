"""Counts of documents by region, connection and category, with their evidence, as arrays in long form.

Of a scan of tokens, what is called a document here is a token; its text is a group of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # reading commands need no numpy
    import numpy as np


@dataclass(frozen=True)
class Evidence:
    """Whether a category differs from the others by more than chance, one row for each row of counts.

    Attributes:
        effect: log odds ratio of the category against all others pooled, or of a further category that is named
            those not named before it (`mri_core.statistics`); between components Fisher's z minus the mean of the
            others'. NaN if undefined, as for the other fields.
        ci_low, ci_high: its confidence interval; infinite if the margins set no end.
        p: the category's own.
        q: that of the connection or region in its family of tests.
        finding: 1 if the category is found to have more, -1 if less, 0 if it is not named.
        name_q: a named category's own q; else NaN.
        before: of a further category that is named, the indices of those named before it, as a tuple: it was compared
            with the others without these. None if it was compared with all others.
    """

    effect: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    p: np.ndarray
    q: np.ndarray
    finding: np.ndarray
    name_q: np.ndarray
    before: np.ndarray


@dataclass(frozen=True)
class Flows:
    """Connections in long form: one row per pair of regions of neighbouring layers and category connected there.

    All arrays have the same length. `source` and `target` index the connectome's regions, `category` its categories.
    `weight` counts documents, or between components is Spearman's rho, which has neither `share` nor `lift`.

    Attributes:
        evidence: whether the category takes the connection more or less than the others; None if untested.
        routing, routing_q: effect and q of the same among the documents in the source region only.
        stability: share of bootstrap refits in which the finding is found again; NaN if there is none.
        keywords: words over-represented among the connection's documents against its source region's.
        texts: of a scan of tokens, the different texts of those that are counted; else None.
        within, within_q: effect and q of the same within token types; None if not tested.
    """

    source: np.ndarray
    target: np.ndarray
    category: np.ndarray
    weight: np.ndarray
    share: np.ndarray | None
    lift: np.ndarray | None
    evidence: Evidence | None = None
    routing: np.ndarray | None = None
    routing_q: np.ndarray | None = None
    stability: np.ndarray | None = None
    keywords: tuple[tuple[str, ...], ...] | None = None
    texts: np.ndarray | None = None
    within: np.ndarray | None = None
    within_q: np.ndarray | None = None


@dataclass(frozen=True)
class Activity:
    """Use of the regions in long form: one row a region and category with a document there (`ACTIVATED_BY`).

    `texts`, `within` and `within_q` are as in `Flows`.
    """

    region: np.ndarray
    category: np.ndarray
    documents: np.ndarray
    share: np.ndarray
    lift: np.ndarray
    evidence: Evidence | None = None
    texts: np.ndarray | None = None
    within: np.ndarray | None = None
    within_q: np.ndarray | None = None


@dataclass(frozen=True)
class Connectome:
    """Counts of documents by region, connection and category; or correlations of components.

    Attributes:
        region_layer, region_code: (regions,) layer and the atlas's code of each occupied region, ordered by both.
        region_documents: (regions,) documents in each; None for components, which hold none.
        category_documents: (categories,) documents of each category.
        placement: (documents, layers) index of the region that each document passes in each layer; (documents, 0) for
            components.
        flows, activity: the counts in long form; components have no activity.
        avoided: connections that a category never takes and is found to avoid, as `flows` with a weight of 0; of
            components, findings whose rho lies below the threshold of `flows`, with it. None if untested.
    """

    region_layer: np.ndarray
    region_code: np.ndarray
    region_documents: np.ndarray | None
    category_documents: np.ndarray
    placement: np.ndarray
    flows: Flows
    activity: Activity
    avoided: Flows | None = None
