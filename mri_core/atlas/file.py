"""An atlas as bytes: an `.npz` archive without pickle, which a store holds so that later texts can be placed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, fields
from io import BytesIO
from zipfile import BadZipFile

import numpy as np

from mri_core.errors import StoreError
from mri_core.records.arrays import Atlas, AtlasSpec, Frequency, LayerAtlas

FREQUENCY = "frequency."  # before the names of its arrays
REMEDY = "Run the same ingest again: it stores the atlas anew"


def pack_atlas(atlas: Atlas) -> bytes:
    """The atlas as an archive; equal atlases have equal bytes."""
    file = BytesIO()
    spec, layers = np.array(json.dumps(asdict(atlas.spec))), np.array(len(atlas.layers))
    np.savez(file, allow_pickle=False, spec=spec, layers=layers, **_arrays(atlas))
    return file.getvalue()


def unpack_atlas(packed: bytes, digest: str) -> Atlas:
    """The atlas of an archive.

    Args:
        packed: by `pack_atlas`.
        digest: its `atlas_hash`.

    Raises:
        StoreError: it cannot be read, or its arrays have another hash.
    """
    try:
        with np.load(BytesIO(packed), allow_pickle=False) as file:
            spec = AtlasSpec(**json.loads(str(file["spec"])))
            layers = tuple(_read_layer(file, index) for index in range(int(file["layers"])))
            atlas = Atlas(spec, layers, _read_frequency(file))
    except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile) as error:
        raise StoreError("An atlas is an archive of arrays", "The study's cannot be read", REMEDY) from error
    if atlas_hash(atlas) != digest:
        raise StoreError("A study's atlas never changes", "It has another hash than it was stored with", REMEDY)
    return atlas


def atlas_hash(atlas: Atlas) -> str:
    """SHA-256 of the specification and of every array, in hexadecimal digits."""
    usual = asdict(AtlasSpec())  # what a later version adds to a specification is not part of an earlier atlas
    chosen = {name: value for name, value in asdict(atlas.spec).items() if value != usual[name]}
    digest = hashlib.sha256(json.dumps(chosen, sort_keys=True).encode())
    for name, array in sorted(_arrays(atlas).items()):
        digest.update(f"{name} {array.dtype.str} {array.shape} ".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _arrays(atlas: Atlas) -> dict[str, np.ndarray]:
    of_tokens = {} if atlas.frequency is None else vars(atlas.frequency)
    return {FREQUENCY + name: array for name, array in of_tokens.items()} | {
        f"{index}.{field.name}": np.asarray(value)
        for index, layer in enumerate(atlas.layers)
        for field in fields(layer)
        if (value := getattr(layer, field.name)) is not None
    }


def _read_frequency(file: np.lib.npyio.NpzFile) -> Frequency | None:
    """That of an atlas of tokens."""
    arrays = {name.removeprefix(FREQUENCY): file[name] for name in file.files if name.startswith(FREQUENCY)}
    return Frequency(**arrays) if arrays else None


def _read_layer(file: np.lib.npyio.NpzFile, index: int) -> LayerAtlas:
    prefix = f"{index}."
    arrays = {name.removeprefix(prefix): file[name] for name in file.files if name.startswith(prefix)}
    error = arrays.pop("axes_error", None)
    return LayerAtlas(**arrays, axes_error=None if error is None else float(error))
