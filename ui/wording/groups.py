"""The groups that documents stand in, in words."""

from __future__ import annotations

import json

from mri_core.errors import one_line
from mri_core.records.graph import Study
from ui.wording.units import Counting, of_tokens


def groups_told(of: Counting) -> str:
    """The groups of a study's documents, as ` of 16 groups (author)`; "" where documents are independent.

    Args:
        of: the study, or its properties with its report as it is read.
    """
    if isinstance(of, Study):
        report, documents = json.loads(of.report), of.documents
    else:
        report, documents = of["report"], of["documents"]
    column, count = report.get("columns", {}).get("group"), report.get("groups")
    if column is None or (count == documents and not of_tokens(of)):  # each document is alone in its group
        return ""
    return f" in groups ({one_line(column)})" if count is None else f" of {count:,} groups ({one_line(column)})"


def in_blocks(of: Counting) -> bool:
    """Whether blocks are permuted and held out whole: groups of documents, or texts with their tokens.

    Args:
        of: as of `groups_told`.
    """
    return of_tokens(of) or groups_told(of) != ""
