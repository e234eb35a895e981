"""What a study's atlas was fitted to, where that is not its documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ui.wording.fitting import fitted

NAME = 30  # characters of the other study's name


def fitted_elsewhere(report: Mapping[str, Any], unit: str = "documents") -> str:
    """What follows the regions' number: ` of the atlas of news, aligned with it`, or the size of a sample; else "".

    Args:
        report: the study's.
        unit: what it counts, in the plural.
    """
    if sample := report.get("fitted_to"):
        return f" of an atlas of {sample:,} {unit}"
    known = report.get("atlas_of")
    if known is None:
        return ""
    return f" of the atlas of {fitted(known['study'], NAME)}" + (", aligned with it" if known.get("aligned") else "")
