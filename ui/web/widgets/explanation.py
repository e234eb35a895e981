"""Which tokens put a text where it lies: the text coloured layer by layer, and a table of the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isnan

import pandas as pd
import streamlit as st

from mri_core.errors import MriError
from mri_core.records.explained import Explained, LayerParts
from mri_core.records.graph import GIVEN, Study
from ui.drawing import picture
from ui.jobs import access
from ui.reports.explained import CAUTION, NUMBERS, PARTS, sentence, shown
from ui.reports.token_pieces import text_pieces
from ui.web.plain import in_method, show_error
from ui.web.state import models, reading
from ui.web.widgets.frames import show_frame
from ui.web.widgets.saving import numbers, offer
from ui.web.widgets.token_text import show_token_text

HEIGHT = 320  # pixels of the table, which scrolls
ASKED = "Show which tokens put it there"
COLOURED = "Blue adds to the number, orange takes from it, the more the stronger; dashed tokens are left out."
TABLE = "The text, its tokens coloured by their part; the table below has the numbers"


def show_tokens_of_document(study: Study, document: str) -> None:
    """The tokens of a document of the study, once they are asked for.

    Args:
        study: the study.
        document: `D12`.
    """
    _show_if_asked(study, document, lambda: models.explained(study, document=document, trusted=False))


def show_tokens_of_text(study: Study, text: str, *, trusted: bool) -> None:
    """The tokens of another text, once they are asked for.

    Args:
        study: the study.
        text: that was run through its model.
        trusted: whether the model's own code may run.
    """
    _show_if_asked(study, "text", lambda: models.explained(study, text=text, trusted=trusted))


def _show_if_asked(study: Study, what: str, explain: Callable[[], Explained]) -> None:
    if study.model == GIVEN or not access.may("live"):
        return
    if not st.toggle(ASKED, help="One forward pass of the study's model.", key=f"tokens {study.id} {what}"):
        return
    access.demand("live")
    try:
        found = explain()
    except MriError as error:
        show_error(error)
        return
    with st.container(border=True):
        _show(study, found, f"{study.name}-{what}-tokens")


def _show(study: Study, found: Explained, name: str) -> None:
    for note in found.notes:
        st.text(note)
    parts = _chosen(found, _names(study), name)
    words = {spot.id: spot.keywords for spot in picture.spots(study, reading.ask)}
    st.text(sentence(parts, words))
    show_token_text(text_pieces(found, parts), TABLE, f"{name} text")
    st.caption(f"{COLOURED} Hover over a token for its part.")
    frame = table(found, parts)
    show_frame(frame, height=HEIGHT)
    offer([numbers(frame, f"{name}-{parts.layer}")])
    st.caption(" ".join((NUMBERS[_kind(parts)], PARTS, CAUTION)) + in_method("Which tokens put a text there"))


def _kind(parts: LayerParts) -> str:
    """Under which name the number is explained."""
    return "column" if parts.name == "row" else parts.name


def _names(study: Study) -> Mapping[int, str]:
    return {column.index: column.name for column in picture.columns(study, reading.ask)}


def _chosen(found: Explained, names: Mapping[int, str], key: str) -> LayerParts:
    """The number that is shown: of the layer on the slider, and of a grid one of its two coordinates."""
    layers = sorted({parts.layer for parts in found.layers})
    layer = layers[-1]
    if len(layers) > 1:
        layer = st.select_slider("Layer", layers, layer, format_func=lambda each: names[each], key=f"{key} layer")
    numbers_there = [parts for parts in found.layers if parts.layer == layer]
    if len(numbers_there) == 1:
        return numbers_there[0]
    told = [parts.name for parts in numbers_there]
    name = st.radio("Coordinate", told, horizontal=True, key=f"{key} coordinate")
    return numbers_there[told.index(name or told[0])]


def table(found: Explained, parts: LayerParts) -> pd.DataFrame:
    """Every position in the order of the text, with its part or why it has none."""
    rows: Sequence[tuple[object, ...]] = [
        (place, shown(token), None if isnan(part := float(parts.tokens[place])) else part, parts.why(place, token))
        for place, token in enumerate(found.tokens)
    ]
    return pd.DataFrame(rows, columns=["position", "token", "part", "left out"]).astype({"part": "float"})
