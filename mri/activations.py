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
    import pandas as pd

    from ingest.extract.token_corpus import TokenCorpus

RULE = "Activations are read from the cache, where the scan wrote them"


@dataclass(frozen=True)
class StudyRows:
    """The activations of a study.

    Attributes:
        layers: for each (documents or tokens, width), perhaps memory-mapped.
        fitted: ordinals of these documents, those that the atlas was fitted to: all, or a sample of them. Of tokens
            None: they have no ordinals.
        tokens: what the rows are of, where that is tokens: a frame as `StudyView.fitted_tokens`; else None.
    """

    layers: tuple[np.ndarray, ...]
    fitted: np.ndarray | None
    tokens: pd.DataFrame | None


def check_layer(of: Study, layer: int) -> None:
    """Raises `UsageError` for a layer that a study does not have."""
    if not 0 <= layer < of.layers:
        raise UsageError("A layer is named by its number", f"{of.name} has 0 to {of.layers - 1}, not {layer}")


def study_rows(of: Study, *, run_model: bool, trust_remote_code: bool) -> StudyRows:
    """The activations of a study, of the documents or tokens that its atlas was fitted to.

    Args:
        of: a ready one.
        run_model: run the model again where the cache lacks rows.
        trust_remote_code: run code that the model brings along, where it has to run.

    Raises:
        MriError: the cache lacks rows, or what `ingest.studies.reread.reread` raises.
    """
    import numpy as np

    from ingest.extract.token_corpus import TokenCorpus
    from ingest.studies.reread import reread

    remedy = "Run the model again: study.activations(layer, run_model=True)"
    lacking = None if run_model else MriError(RULE, f"It lacks rows of {of.name}", remedy)
    found = reread(of, trust_remote_code=trust_remote_code, unless_cached=lacking)
    sample, units = found.scan.sample, of.tokens or of.documents
    if sample is not None:
        told = f"Activations of {of.name} are those of the {len(sample):,} {unit_word(of)} that its atlas was fitted to"
        which = "study.fitted has their ordinals" if of.tokens is None else "study.fitted_tokens says which"
        warnings.warn(f"{told}, of {units:,}; {which}.", stacklevel=4)
    if isinstance(found.documents, TokenCorpus):
        return StudyRows(found.activations.layers, None, _frame(found.documents))
    return StudyRows(found.activations.layers, np.arange(units) if sample is None else sample, None)


def _frame(tokens: TokenCorpus) -> pd.DataFrame:
    """Where each token is."""
    import numpy as np
    import pandas as pd

    plan = tokens.plan
    names = np.array([name for name, _ in tokens.categories], dtype=object)
    found = {
        "document": np.array([f"D{ordinal}" for ordinal in range(len(plan.digests))], dtype=object)[plan.text],
        "start": plan.begin,
        "end": plan.end,
        "type": np.array(plan.types, dtype=object)[plan.kind],
        "category": names[tokens.labels],
    }
    columns = {name: pd.array(own, dtype="string" if own.dtype == object else "Int64") for name, own in found.items()}
    return pd.DataFrame(columns)
