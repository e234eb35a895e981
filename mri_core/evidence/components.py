"""Evidence on connections of components: which correlate differently in some category."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mri_core.evidence.comparing_correlations import (
    all_pairs,
    find_correlation_differences,
    left_out,
    rows_of,
)
from mri_core.records.connectome import Connectome
from mri_core.records.measures import ALPHA, FINDINGS, Measure

METHOD = "bh"  # p of a normal approximation is not discrete


def weigh_components(connectome: Connectome, scores: np.ndarray, labels: np.ndarray) -> tuple[Connectome, Measure]:
    """The connectome with evidence on its flows and findings below the threshold, and the number of findings.

    Every pair is tested, above the threshold or not: else the tested pairs would be selected by their rho.

    Args:
        connectome: of components.
        scores: (documents, layers, components) that it was built from.
        labels: (documents,) index of each document's category.
    """
    pairs = all_pairs(scores, labels, len(connectome.category_documents))
    findings = find_correlation_differences(pairs)
    flows = replace(connectome.flows, evidence=rows_of(connectome.flows, pairs, findings))
    ways = {way: int((findings.evidence.finding == sign).sum()) for way, sign in (("more", 1), ("less", -1))}
    details = {"tests": findings.tests, "alpha": ALPHA, "level": findings.level, "fdr": METHOD, **ways}
    weighed = replace(connectome, flows=flows, avoided=left_out(connectome.flows, pairs, findings))
    return weighed, Measure(FINDINGS, findings.passed, other="connections", details=details)
