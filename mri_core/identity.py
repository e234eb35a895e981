"""A study's name, and the id that adds a hash of everything that determines its result."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping

from mri_core.errors import UsageError

RESULT_VERSION = 4  # of what a scan works out; raised where the same choices give another result, and so another id
NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")


def suggest_study_name(text: str) -> str:
    """A name that a study can have, as near to a text as can be; "" where nothing of it is left."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-")[:100]


def check_study_name(name: str) -> None:
    """Raises `UsageError` for a name that a study cannot have."""
    if not NAME.fullmatch(name):
        raise UsageError(
            "A study's name has 1 to 100 letters (a-z, A-Z), digits, '.', '_' and '-'",
            f"{name[:120]!r} is not one",
            f"Try {suggestion!r}" if (suggestion := suggest_study_name(name)) else "",
        )


def study_id(name: str, determinants: Mapping[str, object]) -> str:
    """`<name>-<8 hex>`: the same inputs give the same id on every machine.

    Args:
        name: the study's name.
        determinants: everything that determines the result, as JSON values.
    """
    canonical = json.dumps(determinants, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return f"{name}-{hashlib.sha256(canonical.encode()).hexdigest()[:8]}"
