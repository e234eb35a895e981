"""An atlas on disk: one `.npz` file of arrays, without pickle, so that later texts can be placed."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, fields
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from mri_core.errors import MriError, StoreError
from mri_core.records.arrays import Atlas, AtlasSpec, LayerAtlas


def save_atlas(atlas: Atlas, path: Path) -> None:
    """Writes the atlas whole or not at all; raises `MriError` if its folder cannot be written."""
    arrays = {
        f"{index}.{field.name}": value
        for index, layer in enumerate(atlas.layers)
        for field in fields(layer)
        if (value := getattr(layer, field.name)) is not None
    }
    unfinished = path.with_suffix(f".partial-{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("wb") as file:
            np.savez(file, spec=np.array(json.dumps(asdict(atlas.spec))), layers=np.array(len(atlas.layers)), **arrays)
        unfinished.replace(path)
    except OSError as error:
        fact = f"{path.parent} cannot be written: {error.strerror}"
        raise MriError("A study's atlas is stored on disk", fact, "Set MRI_CACHE to another folder") from error


def load_atlas(path: Path) -> Atlas:
    """Reads an atlas; raises `StoreError` if it is not on this machine or cannot be read."""
    try:
        with np.load(path, allow_pickle=False) as file:
            spec = AtlasSpec(**json.loads(str(file["spec"])))
            layers = tuple(_read_layer(file, index) for index in range(int(file["layers"])))
    except FileNotFoundError as error:
        raise StoreError(
            "Placing texts needs the study's atlas",
            f"{path.name} is not on this machine",
            "Run the same ingest here, or copy the file from the machine that ran it",
        ) from error
    except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile) as error:
        raise StoreError(
            "An atlas is a file of arrays", f"{path.name} cannot be read", "Run the ingest again"
        ) from error
    return Atlas(spec, layers)


def _read_layer(file: np.lib.npyio.NpzFile, index: int) -> LayerAtlas:
    prefix = f"{index}."
    arrays = {name.removeprefix(prefix): file[name] for name in file.files if name.startswith(prefix)}
    error = arrays.pop("axes_error", None)
    return LayerAtlas(**arrays, axes_error=None if error is None else float(error))
