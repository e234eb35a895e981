"""The groups that documents stand in, in words."""

from __future__ import annotations

import json

from mri_core.errors import one_line
from mri_core.records.graph import Study


def groups_told(of: Study) -> str:
    """The groups of a study's documents, as ` of 16 groups (author)`; "" where documents are independent."""
    report = json.loads(of.report)
    column, count = report.get("columns", {}).get("group"), report.get("groups")
    if column is None or (count == of.documents and of.tokens is None):  # each document is alone in its group
        return ""
    return f" in groups ({one_line(column)})" if count is None else f" of {count:,} groups ({one_line(column)})"
