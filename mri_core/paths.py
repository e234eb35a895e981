"""Where files beside the store lie."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """`MRI_CACHE`, else the platform's cache folder: activations and fitted atlases."""
    named = os.environ.get("MRI_CACHE")
    if named:
        return Path(named).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("llm-mri-graph", appauthor=False)


def atlas_file(study_id: str) -> Path:
    """The fitted atlas of a study, by which later texts are placed."""
    return cache_folder() / "atlases" / f"{study_id}.npz"
