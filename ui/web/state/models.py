"""Studies' models in memory, ready to run texts: a few at a time, whichever page asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import streamlit as st

from ingest.studies.explaining import EVERY_LAYER, explain
from ingest.studies.later_texts import LaterReader, open_later
from ingest.studies.token_places import token_places
from mri_core.records.explained import Explained
from mri_core.records.graph import Study
from mri_core.records.token_places import TokenPlaces
from mri_core.studies.token_request import Wanted
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


@dataclass(frozen=True)
class Asked:
    """A text whose tokens are asked for.

    Attributes:
        document, text: as of `ingest.studies.explaining.explain`; one of them is None.
        trusted: run code that the model brings along.
    """

    document: str | None = None
    text: str | None = None
    trusted: bool = False


class Written(NamedTuple):
    """Texts whose tokens are placed in a scan of tokens.

    Attributes:
        study: its id.
        texts: as they were written.
        trusted: run code that the model brings along.
    """

    study: str
    texts: tuple[str, ...]
    trusted: bool


def explained(study: Study, asked: Asked, wanted: Wanted = EVERY_LAYER) -> Explained:
    """A document of a study or a text, token by token; raises as `ingest.studies.explaining.explain`.

    Args:
        study: a ready one.
        asked: the text.
        wanted: what is asked about it.
    """
    return _explained(study.id, study.revision, study, asked, wanted)


@st.cache_resource(max_entries=EXPLAINED, show_spinner="Running the model …")
def _explained(study_id: str, revision: int, _study: Study, asked: Asked, wanted: Wanted) -> Explained:
    own = reader(_study, trusted=asked.trusted)
    return explain(reading.store(), _study, document=asked.document, text=asked.text, wanted=wanted, reader=own)


def placed(study: Study, asked: Asked) -> TokenPlaces:
    """A text of a scan of tokens or another one, each token with its regions; raises as `token_places`.

    Args:
        study: a ready one, whose unit is the token.
        asked: the text.
    """
    return _placed(study.id, study.revision, study, asked)


@st.cache_resource(max_entries=EXPLAINED, show_spinner="Running the model …")
def _placed(study_id: str, revision: int, _study: Study, asked: Asked) -> TokenPlaces:
    own = reader(_study, trusted=asked.trusted)
    return token_places(reading.store(), _study, document=asked.document, text=asked.text, reader=own)
