"""Whether interventions can be tried on a study at all; quick to import, for whoever only says so."""

from __future__ import annotations

import json

from mri_core.atlas.kinds import traits_of
from mri_core.errors import UsageError
from mri_core.records.graph import GIVEN, Study
from mri_core.records.units import refuse_tokens


def check_can_be_tried(study: Study) -> None:
    """Raises `UsageError` for a study whose regions no intervention can be tried on."""
    refuse_tokens(study, "An intervention moves whole documents from region to region")
    if study.model == GIVEN or study.site == GIVEN:
        fact = f"{study.name} was made of given activations, and nothing is known of their model"
        raise UsageError("An intervention runs a study's model again", fact, "Scan the texts themselves")
    if not traits_of(study.atlas).holds_documents:
        rule = "An intervention moves texts from region to region"
        raise UsageError(rule, f"Those of {study.name} are {study.atlas}", "Scan with --atlas clusters or grid")
    if json.loads(study.parameters).get("align"):
        fact = f"Those of {study.name} were rotated onto the ones of {study.atlas_of}, and the rotation is not stored"
        raise UsageError("An intervention changes a model's activations as they are", fact, "Scan without --align")
