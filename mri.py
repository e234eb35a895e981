"""Everything a notebook needs, loaded when it is used: `import mri; mri.query("hubs", study="demo")`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ingest.pipeline import ingest
    from mri_core.store import open_store
    from queries.notebook import cypher, query, studies

__all__ = ["cypher", "ingest", "open_store", "query", "studies"]

_HOMES = {
    "ingest": "ingest.pipeline",
    "open_store": "mri_core.store",
    "studies": "queries.notebook",
    "query": "queries.notebook",
    "cypher": "queries.notebook",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'mri' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
