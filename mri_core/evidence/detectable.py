"""The smallest effects that a study could have detected, reported next to its findings."""

from __future__ import annotations

from mri_core.evidence.power import CHANCE, detectable, threshold_alone
from mri_core.records.connectome import Connectome
from mri_core.records.measures import DETECTABLE, Measure
from mri_core.statistics.counts import connection_counts
from mri_core.statistics.item_tests import item_tests

SHARES = (0.02, 0.05, 0.1, 0.2)  # of a connection, mean over the categories


def detectable_measures(connectome: Connectome) -> list[Measure]:
    """A `detectable` for some shares: the smallest lift of a category that is found with a power of 80 %.

    For a single connection, nothing else being found, by discrete FDR, with all categories as small as the smallest. If
    even the largest lift is not found, there is no value.

    Args:
        connectome: of documents.
    """
    threshold = threshold_alone(item_tests(connection_counts(connectome)).expected)
    documents, categories = int(connectome.category_documents.min()), len(connectome.category_documents)
    measures = []
    for share in SHARES:
        found = detectable(documents, share, threshold, categories)
        details = {"share": share, "documents": documents, "chance": CHANCE}
        lacking = {"undefined": "no lift is large enough"} if found is None else {"own_share": found.share}
        measures.append(
            Measure(DETECTABLE, None if found is None else found.lift, other=f"{share:g}", details=details | lacking)
        )
    return measures
