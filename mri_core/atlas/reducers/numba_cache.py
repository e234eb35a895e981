"""The cache of numba, which compiles UMAP: moved elsewhere if the installation is not writable."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from importlib.util import find_spec
from pathlib import Path

from mri_core.errors import MriError, UsageError
from mri_core.paths import cache_folder

VARIABLE = "NUMBA_CACHE_DIR"


def prepare_cache() -> None:
    """Sets numba's cache folder if it cannot write next to umap-learn; to be called before umap is imported.

    Without a folder numba refuses to import it ("cannot cache function"). The folder is below `MRI_CACHE`; where that
    cannot be written to either, a private one in the system's folder for temporary files, which each run fills again
    and removes.

    Raises:
        MriError: no folder can be written to.
    """
    if os.environ.get(VARIABLE) or all(_writable(folder) for folder in _next_to_umap()):
        return
    import numba

    os.environ[VARIABLE] = numba.config.CACHE_DIR = str(_folder())


def _next_to_umap() -> list[Path]:
    """Numba's first choice: next to the modules whose functions it compiles."""
    specs = [find_spec(name) for name in ("umap", "pynndescent")]
    places = [place for spec in specs if spec for place in spec.submodule_search_locations or ()]
    return [Path(place) / "__pycache__" for place in places]


def _folder() -> Path:
    try:
        folder = cache_folder() / "numba"
        if _writable(folder):
            return folder
    except (UsageError, RuntimeError):  # no such home
        pass
    try:
        folder = Path(tempfile.mkdtemp(prefix="llm-mri-graph-numba-"))
    except OSError as error:
        raise MriError(
            "UMAP needs a folder that can be written to, for what it compiles",
            f"There is none next to it, below the cache or for temporary files: {error}",
            f"Set {VARIABLE} or MRI_CACHE to one",
        ) from error
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
