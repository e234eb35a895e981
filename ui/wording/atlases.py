"""Whose atlas a study's documents are placed in, where it is another study's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ui.wording.fitting import fitted

NAME = 30  # characters of the other study's name


def of_another(report: Mapping[str, Any]) -> str:
    """What follows the regions' number, ` of the atlas of news, aligned with it`; "" for an atlas of its own.

    Args:
        report: the study's.
    """
    known = report.get("atlas_of")
    if known is None:
        return ""
    return f" of the atlas of {fitted(known['study'], NAME)}" + (", aligned with it" if known.get("aligned") else "")
