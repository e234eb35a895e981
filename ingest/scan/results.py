"""The version of a scan's results: which other version of this software would give others."""

from __future__ import annotations

from ingest.scan.records import Scan
from mri_core.records.ids import result_version


def results_of(scan: Scan) -> int:
    """The version of the results of a scan, as its id and its report have it; the number of tokens plays no part."""
    columns = scan.texts.columns
    count = scan.documents.documents if scan.unit == "document" else 0
    return result_version(
        grouped=columns.group is not None,
        crossed=len(columns.labels) > 1,
        documents=count,
        categories=len(scan.documents.categories),
    )
