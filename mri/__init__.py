"""Everything a notebook needs, loaded when it is used: `import mri; mri.query("hubs", study="demo")`."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ingest.notebook import ingest
    from mri.comparing import compare, compare_studies, confirm, match
    from mri.explaining import driving_tokens, explain
    from mri.measuring import intervene, metrics, probe
    from mri.naming import name, names
    from mri.pictures import Picture, plot
    from mri.placed_tokens import token_places
    from mri.sharing import export, import_bundle, push_to_hub, report, to_networkx
    from mri.showing import show
    from mri.stores import delete
    from mri.study_view import StudyView, study
    from mri_core.errors import MriError
    from mri_core.records.graph import Study
    from mri_core.store import open_store
    from queries.notebook import cypher, query, studies
    from queries.result import Result

__all__ = [
    "MriError",
    "Picture",
    "Result",
    "Study",
    "StudyView",
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
    "name",
    "names",
    "open_store",
    "plot",
    "probe",
    "push_to_hub",
    "query",
    "report",
    "show",
    "studies",
    "study",
    "to_networkx",
    "token_places",
]

_HOMES = {
    "ingest.notebook": ["ingest"],
    "mri_core.errors": ["MriError"],
    "mri_core.records.graph": ["Study"],
    "mri_core.store": ["open_store"],
    "queries.notebook": ["cypher", "query", "studies"],
    "queries.result": ["Result"],
    "mri.comparing": ["compare", "compare_studies", "confirm", "match"],
    "mri.explaining": ["driving_tokens", "explain"],
    "mri.measuring": ["intervene", "metrics", "probe"],
    "mri.naming": ["name", "names"],
    "mri.pictures": ["Picture", "plot"],
    "mri.placed_tokens": ["token_places"],
    "mri.sharing": ["export", "import_bundle", "push_to_hub", "report", "to_networkx"],
    "mri.showing": ["show"],
    "mri.stores": ["delete"],
    "mri.study_view": ["StudyView", "study"],
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("llm-mri-graph")
    for home, held in _HOMES.items():
        if name in held:
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
