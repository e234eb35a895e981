"""Everything that determines a study's result, and so its id."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ingest.request import Request
from ingest.scan import Scan
from mri_core.atlas.spec import cluster_count, component_count
from mri_core.records.arrays import AtlasSpec
from mri_core.records.ids import RESULT_VERSION, study_id


def id_of(request: Request, scan: Scan) -> str:
    """The id of the study that a scan of this request gives."""
    spec = request.atlas_spec
    atlas = _of_atlas(spec, shape(spec, scan.documents.documents))
    determinants = {**scan.identity, "atlas": atlas, "fdr": request.fdr, "schema": RESULT_VERSION}
    return study_id(request.name, determinants)


def shape(spec: AtlasSpec, documents: int) -> dict[str, Any]:
    """What decides how many regions there are, by the kind of atlas; None for what is of other kinds."""
    return {
        "clusters": cluster_count(spec, documents) if spec.kind == "clusters" else None,
        "resolution": spec.resolution if spec.kind == "grid" else None,
        "components": component_count(spec, documents) if spec.kind == "components" else None,
        "threshold": spec.threshold if spec.kind == "components" else None,
    }


def _of_atlas(spec: AtlasSpec, shape: dict[str, Any]) -> dict[str, Any]:
    """What of the atlas determines the result. Other kinds know nothing of components, so that their ids stay."""
    foreign = () if spec.kind == "components" else ("components", "threshold")
    return {key: value for key, value in (asdict(spec) | shape).items() if key not in foreign}
