"""Which tokens put a text where it lies: the text coloured layer by layer, and a table of the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan

import pandas as pd
import streamlit as st

from mri_core.errors import MriError
from mri_core.records.explained import Explained, LayerParts
from mri_core.records.graph import GIVEN, Study
from mri_core.studies.token_request import Wanted
from ui.drawing import picture
from ui.drawing.scene import Spot
from ui.jobs import access
from ui.reports.explained import CAUTION, NUMBERS, PARTS, cautions, sentence, shown
from ui.reports.token_pieces import text_pieces
from ui.web.plain import in_method, show_error
from ui.web.state import models, reading
from ui.web.state.models import Asked
from ui.web.widgets.frames import show_frame
from ui.web.widgets.saving import numbers, offer
from ui.web.widgets.token_text import show_token_text

HEIGHT = 320  # pixels of the table, which scrolls
SWITCH = "Show which tokens put it there"
COLOURED = "Blue adds to the number, orange takes from it, the more the stronger; dashed tokens are left out."
LABEL = "The text, its tokens coloured by their part; the table below has the numbers"


def show_tokens_of_document(study: Study, document: str) -> None:
    """The tokens of a document of the study, once they are asked for: of editors, since they show all of its text.

    Args:
        study: the study.
        document: `D12`.
    """
    if access.may("texts"):
        _show_if_asked(study, document, Asked(document=document))


def show_tokens_of_text(study: Study, text: str, *, trusted: bool) -> None:
    """The tokens of another text, once they are asked for.

    Args:
        study: the study.
        text: that was run through its model.
        trusted: whether the model's own code may run.
    """
    _show_if_asked(study, "text", Asked(text=text, trusted=trusted))


def _show_if_asked(study: Study, what: str, asked: Asked) -> None:
    if study.model == GIVEN or not access.may("live"):
        return
    if not st.toggle(SWITCH, help="One forward pass of the study's model.", key=f"tokens {study.id} {what}"):
        return
    access.demand("live" if asked.document is None else "texts")
    with st.container(border=True):
        try:
            _show(study, asked, f"{study.name}-{what}-tokens")
        except MriError as error:
            show_error(error)


def _show(study: Study, asked: Asked, name: str) -> None:
    found = models.explained(study, asked)
    for note in found.notes:
        st.text(note)
    spots = {spot.id: spot for spot in picture.spots(study, reading.ask)}
    parts = _chosen(found, _names(study), name)
    if parts.versus is not None:
        parts = _versus(study, asked, parts, spots)
    st.text(" ".join([sentence(parts, {region: spot.words for region, spot in spots.items()}), *cautions([parts])]))
    show_token_text(text_pieces(found, parts), LABEL, f"{name} text")
    st.caption(f"{COLOURED} Hover over a token for its part.")
    frame = table(found, parts)
    show_frame(frame, height=HEIGHT)
    offer([numbers(frame, f"{name}-{parts.layer}")])
    st.caption(" ".join((NUMBERS[_kind(parts)], PARTS, CAUTION)) + in_method("Which tokens put a text there"))


def _versus(study: Study, asked: Asked, parts: LayerParts, spots: Mapping[str, Spot]) -> LayerParts:
    """The margin over the region of the layer that is chosen; over the next nearest until one is."""
    others = [spot.id for spot in spots.values() if spot.layer == parts.layer and spot.id != parts.region]
    box, _ = st.columns([1, 2])
    chosen = box.selectbox(
        "Compared with",
        others,
        index=None,
        placeholder=f"the next nearest, {parts.versus}",
        format_func=lambda region: spots[region].title,
        key=f"versus {study.id} {parts.region}",
    )
    if chosen is None:
        return parts
    (found,) = models.explained(study, asked, Wanted(versus=chosen)).layers
    return found


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
