"""Everything a notebook needs, loaded when it is used: `import mri; mri.query("hubs", study="demo")`."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ingest.notebook import ingest
    from mri.explaining import driving_tokens, explain
    from mri.notebook import (
        compare,
        compare_studies,
        confirm,
        delete,
        export,
        import_bundle,
        intervene,
        match,
        metrics,
        plot,
        probe,
        push_to_hub,
        report,
        show,
        to_networkx,
    )
    from mri_core.errors import MriError
    from mri_core.records.graph import Study
    from mri_core.store import open_store
    from queries.notebook import cypher, query, studies
    from queries.result import Result

__all__ = [
    "MriError",
    "Result",
    "Study",
    "compare",
    "compare_studies",
    "confirm",
    "cypher",
    "delete",
    "driving_tokens",
    "explain",
    "export",
    "import_bundle",
    "ingest",
    "intervene",
    "match",
    "metrics",
    "open_store",
    "plot",
    "probe",
    "push_to_hub",
    "query",
    "report",
    "show",
    "studies",
    "to_networkx",
]

_HOMES = {
    "ingest.notebook": ["ingest"],
    "mri_core.errors": ["MriError"],
    "mri_core.records.graph": ["Study"],
    "mri_core.store": ["open_store"],
    "queries.notebook": ["cypher", "query", "studies"],
    "queries.result": ["Result"],
    "mri.explaining": ["driving_tokens", "explain"],
    "mri.notebook": [
        "compare",
        "compare_studies",
        "confirm",
        "delete",
        "export",
        "import_bundle",
        "intervene",
        "match",
        "metrics",
        "plot",
        "probe",
        "push_to_hub",
        "report",
        "show",
        "to_networkx",
    ],
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("llm-mri-graph")
    for home, names in _HOMES.items():
        if name in names:
            return getattr(_ours(home), name)
    raise AttributeError(f"module 'mri' has no attribute {name!r}")


def _ours(home: str) -> ModuleType:
    """A module of ours; a file of the user's that was found in the place of one of our folders is named."""
    try:
        return import_module(home)
    except ModuleNotFoundError as error:
        room = home.partition(".")[0]
        found = getattr(sys.modules.get(room), "__file__", None)
        if found is None or Path(found).name == "__init__.py":
            raise
        from mri_core.errors import UsageError

        rule = f"`import mri` finds its own folder {room!r}"
        raise UsageError(rule, f"Python found {found} in its place", "Give that file another name") from error


def __dir__() -> list[str]:
    return __all__
