"""Everything that determines what a study stores, and so its id."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ingest.request import Request
from ingest.scan.records import Scan
from ingest.scan.results import results_of
from ingest.scan.sample import asked_size
from mri_core.atlas.kinds import ATLAS_KINDS
from mri_core.atlas.reducers import REDUCERS
from mri_core.records.arrays import AtlasSpec
from mri_core.records.ids import study_id

LATER_SHAPES = ("components", "threshold")
SHAPES = ("clusters", "resolution", *LATER_SHAPES)  # fields of an atlas that decide how many regions there are


def id_of(request: Request, scan: Scan, atlas_hash: str | None = None, results: int | None = None) -> str:
    """The id of the study that a scan of this request gives.

    Args:
        request: the options.
        scan: of them.
        atlas_hash: of the frozen atlas that documents are placed in; None if one is fitted to them.
        results: version of the results of a study that was made before; None for that of this software.
    """
    spec = request.atlas_spec
    stored = stored_sample(request, scan)  # the same id, the same nodes
    version = results_of(scan) if results is None else results
    if atlas_hash is not None:
        placed = {**scan.identity, **stored, "atlas_of": atlas_hash, "fdr": request.fdr, "schema": version}
        placed |= {"seed": request.seed} | ({"align": True} if request.align else {})
        return study_id(request.name, placed)
    atlas = _of_atlas(spec, shape(spec, scan.sampled.documents))
    if scan.sample is not None:
        atlas["fit_on"] = asked_size(request)
    identity = {**scan.identity, **stored, "atlas": atlas, "fdr": request.fdr, "schema": version}
    # a part of another package gives other results with another version of it; ids of our own parts stay as they were
    if fitted_by := ATLAS_KINDS.package_of(spec.kind) | REDUCERS.package_of(spec.reducer):
        identity["fitted_by"] = fitted_by
    return study_id(request.name, identity)


def stored_sample(request: Request, scan: Scan) -> dict[str, int]:
    """The size of the sample of documents that the graph holds, as a parameter; empty if it holds all, as of tokens."""
    return request.sample_of(scan.documents.documents) if scan.unit == "document" else {}


def shape(spec: AtlasSpec, documents: int) -> dict[str, Any]:
    """The fields that set the number of regions, for the kind of atlas; None for fields of other kinds."""
    return dict.fromkeys(SHAPES) | ATLAS_KINDS.named(spec.kind).shape(spec, documents)


def shape_of(spec: AtlasSpec) -> dict[str, Any]:
    """The same of an atlas that was fitted before, whose spec has them resolved."""
    own = ATLAS_KINDS.named(spec.kind).options
    return {name: getattr(spec, name) if name in own else None for name in SHAPES}


def _of_atlas(spec: AtlasSpec, shape: dict[str, Any]) -> dict[str, Any]:
    """The part of the atlas that determines the result. Fields added after the first ids are left out if unset."""
    later = {key for key in LATER_SHAPES if shape[key] is None}
    return {key: value for key, value in (asdict(spec) | shape).items() if key not in later}
