"""The frozen atlas of a ready study, and the request of a scan that places documents in it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from ingest.request import OPTIONS, Request
from mri_core.atlas.file import REMEDY, unpack_atlas
from mri_core.errors import StoreError, UsageError
from mri_core.records.arrays import Atlas, Frequency
from mri_core.records.graph import GIVEN, Study
from mri_core.store.reading import Readable

OF_A_MODEL = ("model", "revision")  # options that name one
OF_THE_CALLER = ("trust_remote_code",)  # what whoever made the study allowed is not allowed by whoever uses it
OF_THE_REQUEST = ("atlas_of", "align", "fit_on")  # what is asked of an atlas of another study
RULE = "Placing documents needs the study's atlas"


@dataclass(frozen=True)
class Frozen:
    """An atlas that documents are placed in.

    Attributes:
        study: that stores it.
        atlas: itself.
        hash: of its arrays.
    """

    study: Study
    atlas: Atlas
    hash: str

    @property
    def origin(self) -> str:
        """Id of the study that it was fitted to."""
        return self.study.atlas_of or self.study.id

    @property
    def described(self) -> dict[str, Any]:
        """That study: `study` (its name), `id`, `model`, `model_revision`, `corpus`, `documents`."""
        study = self.study
        if study.atlas_of is not None:
            known: dict[str, Any] = json.loads(study.report)["atlas_of"]
            return known
        facts = {"study": study.name, "id": study.id, "model": study.model, "model_revision": study.model_revision}
        return facts | {"corpus": study.corpus, "documents": study.documents}


def open_frozen(store: Readable, study: Study) -> Frozen:
    """The atlas of a ready study.

    Raises:
        StoreError: an earlier version stored the study without it, or it was changed.
    """
    if study.atlas_hash is None:
        fact = f"{study.name} was stored by {study.software} without it"
        raise StoreError(RULE, fact, "Run the same ingest again: it adds the atlas and changes nothing else")
    packed = store.atlas(study)
    if not packed:
        raise StoreError(RULE, f"That of {study.name} is gone from the store", REMEDY)
    return Frozen(study, unpack_atlas(packed, study.atlas_hash), study.atlas_hash)


def frequency_in(store: Readable, study: Study) -> Frequency | None:
    """How often each token occurs in the texts of the atlas that a study of tokens is placed in; None of any other.

    Raises:
        StoreError: as `open_frozen`.
    """
    return None if study.tokens is None or study.atlas_of is None else open_frozen(store, study).atlas.frequency


def request_in(request: Request, frozen: Frozen) -> Request:
    """The request with the frozen atlas' options, and with those of its study's model that the user left open.

    Raises:
        UsageError: the study was made of given activations, and no model is named; or its rows are not those that the
            atlas was fitted to, and they are needed.
    """
    study = frozen.study
    stored: dict[str, Any] = json.loads(study.parameters)
    _check_rows(request, study, stored)
    fitting = [name for name, option in OPTIONS.items() if option.group == "atlas" and name not in OF_THE_REQUEST]
    of_atlas = {name: stored.get(name) for name in fitting}
    known = {name: value for name, value in of_atlas.items() if value is not None} | {"atlas_of": study.id}
    if request.activations is None:
        known |= _model_options(request, study, stored)
    return replace(request, **known)


def _check_rows(request: Request, study: Study, stored: dict[str, Any]) -> None:
    if request.unit != study.unit:
        remedy = "Add --unit token" if study.unit == "token" else "Leave --unit out"
        raise UsageError("An atlas places what it was fitted to", f"That of {study.name} is of {study.unit}s", remedy)
    if stored.get("align"):
        fact = f"The rows of {study.name} were rotated onto those of {study.atlas_of}, and the rotation is not stored"
        raise UsageError("Documents are placed in an atlas as its own are", fact, f"Give --atlas-of {study.atlas_of}")
    if request.align and study.atlas_of:
        fact = f"{study.name} is only placed in that of {study.atlas_of}"
        rule = "Activations are aligned with those that an atlas was fitted to"
        raise UsageError(rule, fact, f"Give --atlas-of {study.atlas_of}")


def _model_options(request: Request, study: Study, stored: dict[str, Any]) -> dict[str, Any]:
    chosen = request.named
    if study.site == GIVEN and "model" not in chosen:
        fact = f"{study.name} was made of given activations, and nothing is known of their model"
        raise UsageError("Texts are run through a model", fact, "Give --activations, or name the --model")
    # what it computed in, on whatever device there is
    stored |= {"dtype": json.loads(study.report).get("run", {}).get("dtype", stored.get("dtype", "auto"))}
    left_open = {
        name: stored[name]
        for name, option in OPTIONS.items()
        if option.group == "model" and name not in (*chosen, *OF_THE_CALLER) and name in stored
    }
    if "model" in chosen:
        return {name: value for name, value in left_open.items() if name not in OF_A_MODEL}
    return left_open | {"force": request.force or "pooling" not in chosen}


def placed_in(frozen: Frozen, *, aligned: bool) -> dict[str, Any]:
    """Whose atlas it is, for the study's report, and whether the activations are aligned with that study's."""
    return {"atlas_of": frozen.described | {"aligned": aligned}}
