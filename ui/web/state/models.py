"""Studies' models in memory, ready to run texts: a few at a time, whichever page asks."""

from __future__ import annotations

import streamlit as st

from ingest.studies.explaining import explain
from ingest.studies.later_texts import LaterReader, open_later
from mri_core.records.explained import Explained
from mri_core.records.graph import Study
from ui.web.state import reading

MODELS = 2  # kept in memory
EXPLAINED = 20  # likewise, of all sessions


def reader(study: Study, *, trusted: bool) -> LaterReader:
    """The model and atlas of a study.

    Args:
        study: a ready one.
        trusted: run code that the model brings along.

    Raises:
        MriError: as `open_later`.
    """
    return _reader(study.id, study.revision, study, trusted)


@st.cache_resource(max_entries=MODELS, show_spinner="Loading the study's model …")
def _reader(study_id: str, revision: int, _study: Study, trusted: bool) -> LaterReader:
    return open_later(reading.store(), _study, trust_remote_code=trusted)


def explained(study: Study, *, document: str | None = None, text: str | None = None, trusted: bool) -> Explained:
    """A document of a study or a text, token by token, in all layers.

    Args:
        study: a ready one.
        document, text: as of `ingest.studies.explaining.explain`, whose errors it raises.
        trusted: as of `reader`.
    """
    return _explained(study.id, study.revision, study, document, text, trusted)


@st.cache_resource(max_entries=EXPLAINED, show_spinner="Running the model …")
def _explained(
    study_id: str, revision: int, _study: Study, document: str | None, text: str | None, trusted: bool
) -> Explained:
    own = reader(_study, trusted=trusted)
    return explain(reading.store(), _study, document=document, text=text, reader=own)
