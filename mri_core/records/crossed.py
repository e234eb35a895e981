"""Crossed labels: the columns that categories such as `law/plain` are made of, and the value of each in a category."""

from __future__ import annotations

import json
from collections.abc import Iterable

from mri_core.records.graph import Study

CROSS = "/"  # separates the levels of crossed labels: law/plain


def crossed_labels(of: Study) -> tuple[str, ...]:
    """The columns whose values make a study's categories, where they are several; else none."""
    label = json.loads(of.report).get("columns", {}).get("label")
    return tuple(label) if isinstance(label, list) and len(label) > 1 else ()


def values_of(of: Study, label: str, categories: Iterable[str]) -> dict[str, str]:
    """The value of one of its crossed labels in each category.

    Args:
        of: the study.
        label: one of `crossed_labels`.
        categories: the study's.
    """
    place = crossed_labels(of).index(label)
    return {category: category.split(CROSS)[place] for category in categories}
