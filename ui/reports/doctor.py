"""Checks of what a scan needs on this machine, each with its remedy."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import psutil

from ingest.model.source import ALIASES
from mri_core.errors import MriError
from mri_core.numbers import how_many
from mri_core.paths import cache_folder
from mri_core.store import Server, exists, locate, open_store
from mri_core.store.embedded import lifecycle
from mri_core.store.store import Store

PACKAGES = ("llm-mri-graph", "torch", "transformers", "neo4j", "arcadedb-embedded", "streamlit", "numpy")
EXTRAS = {  # modules of each
    "gguf": ("gguf", "accelerate"),
    "peft": ("peft",),
    "ray": ("ray",),
    "split": ("accelerate",),
    "umap": ("umap",),
    "oidc": ("authlib",),
}
FREE_DISK = 2.0  # GB: activations of some thousand texts, and the store beside them
FREE_MEMORY = 1.5  # GB: a small model, and the engine beside it


@dataclass(frozen=True, slots=True)
class Check:
    """One finding: `fine`, `missing` (something optional) or `wrong`."""

    what: str
    state: Literal["fine", "missing", "wrong"]
    fact: str
    remedy: str = ""


def examine(store: str | None) -> Iterator[Check]:
    """Every check in turn."""
    yield _python()
    for package in PACKAGES:
        yield _package(package)
    for alias in ALIASES:
        yield _model(alias)
    for extra, modules in EXTRAS.items():
        yield _extra(extra, modules)
    place = locate(store)
    if isinstance(place, Server):
        yield _server(place)
    else:
        yield _engine(place)
        yield _disk("disk of the store", place, "Name a store on another disk with --store")
    yield _disk("disk of the cache", cache_folder(), "Set MRI_CACHE to a folder on another disk")
    yield _memory()


def _python() -> Check:
    return Check("python", "fine", f"{sys.version.split()[0]} at {sys.executable}")


def _package(name: str) -> Check:
    try:
        return Check(name, "fine", version(name))
    except PackageNotFoundError:
        return Check(name, "wrong", "not installed", "pip install llm-mri-graph")


def _model(alias: str) -> Check:
    packaged = ALIASES[alias]
    if find_spec(packaged.package) is None:
        return Check(f"model {alias}", "missing", "not installed", packaged.install)
    return Check(f"model {alias}", "fine", f"installed with {packaged.package.replace('_', '-')}")


def _extra(name: str, modules: Sequence[str]) -> Check:
    if absent := [module for module in modules if find_spec(module) is None]:
        fact = f"not installed: {', '.join(absent)}"
        return Check(f"extra {name}", "missing", fact, f'pip install "llm-mri-graph[{name}]"')
    return Check(f"extra {name}", "fine", "installed")


def _server(place: Server) -> Check:
    try:
        with open_store(place) as opened:
            return Check("server", "fine", f"{place} answers and holds {_studies(opened)}")
    except MriError as error:
        return Check("server", "wrong", f"{error.rule}. {error.fact}", error.remedy)


def _studies(store: Store) -> str:
    return how_many(len(store.studies()), "study", "studies")


def _engine(folder: Path) -> Check:
    """The store's engine where there is a store, else one in a folder that goes again."""
    try:
        with open_store(folder) as opened:  # refuses a folder of other things
            if exists(folder):
                return Check("engine", "fine", f"{folder} answers and holds {_studies(opened)}")
        with TemporaryDirectory() as temporary:
            lifecycle.ensure(Path(temporary))
            lifecycle.stop(Path(temporary))
        return Check("engine", "fine", f"starts; there is no store at {folder} yet, mri demo makes it")
    except MriError as error:
        return Check("engine", "wrong", f"{error.rule}. {error.fact}", error.remedy)


def _disk(what: str, folder: Path, remedy: str) -> Check:
    existing = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    free = shutil.disk_usage(existing).free / 1e9
    fact = f"{free:.1f} GB free at {folder}"
    return Check(what, "fine", fact) if free >= FREE_DISK else Check(what, "wrong", fact, remedy)


def _memory() -> Check:
    free = psutil.virtual_memory().available / 1e9
    fact = f"{free:.1f} GB free"
    if free >= FREE_MEMORY:
        return Check("memory", "fine", fact)
    return Check("memory", "wrong", fact, f"A small model and the engine take {FREE_MEMORY} GB: close something")
