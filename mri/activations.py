"""The activations that a study was computed from, read again."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mri_core.errors import MriError, UsageError
from mri_core.records.graph import Study
from mri_core.records.units import unit_word

if TYPE_CHECKING:
    import numpy as np

RULE = "Activations are read from the cache, where the scan wrote them"


@dataclass(frozen=True)
class StudyRows:
    """The activations of a study.

    Attributes:
        layers: for each (documents, width), perhaps memory-mapped.
        fitted: ordinals of these documents, those that the atlas was fitted to: all, or a sample of them.
    """

    layers: tuple[np.ndarray, ...]
    fitted: np.ndarray


def check_layer(of: Study, layer: int) -> None:
    """Raises `UsageError` for a layer that a study does not have."""
    if not 0 <= layer < of.layers:
        raise UsageError("A layer is named by its number", f"{of.name} has 0 to {of.layers - 1}, not {layer}")


def study_rows(of: Study, *, run_model: bool, trust_remote_code: bool) -> StudyRows:
    """The activations of a study, of the documents that its atlas was fitted to.

    Args:
        of: a ready one.
        run_model: run the model again where the cache lacks rows.
        trust_remote_code: run code that the model brings along, where it has to run.

    Raises:
        MriError: the cache lacks rows, or what `ingest.studies.reread.reread` raises.
    """
    import numpy as np

    from ingest.studies.reread import reread

    remedy = "Run the model again: study.activations(layer, run_model=True)"
    lacking = None if run_model else MriError(RULE, f"It lacks rows of {of.name}", remedy)
    found = reread(of, trust_remote_code=trust_remote_code, unless_cached=lacking)
    sample, units = found.scan.sample, of.tokens or of.documents
    if sample is not None:
        told = f"Activations of {of.name} are those of the {len(sample):,} {unit_word(of)} that its atlas was fitted to"
        warnings.warn(f"{told}, of {units:,}; study.fitted has their ordinals.", stacklevel=4)
    return StudyRows(found.activations.layers, np.arange(units) if sample is None else sample)
