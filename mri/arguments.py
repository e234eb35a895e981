"""What several functions of a notebook take in more than one form."""

from __future__ import annotations

from collections.abc import Sequence


def several(names: str | Sequence[str]) -> list[str]:
    """Names that may be given as one."""
    return [names] if isinstance(names, str) else list(names)
