"""In which regions the tokens of a stored text are: how many of them, layer by layer, without the model."""

from __future__ import annotations

import streamlit as st

from mri_core.numbers import how_many
from mri_core.records.graph import Study
from queries.result import Result
from queries.values import by_place
from ui.drawing import picture
from ui.web.state import answers, reading
from ui.web.widgets.answer_view import show_rows

QUESTION = "regions-of-document"
NO_TOKENS = "No token of it was placed."
NO_PATH = (
    "Its tokens go several ways, so that there is no path of it. A part is of the text's tokens; a lift above 1 says "
    "that more of them are there than of the study's tokens."
)


def show_regions_of_text(study: Study, document: str) -> int | None:
    """The regions of a layer that hold tokens of a text, those with the most first; gives the layer that was chosen.

    Args:
        study: whose unit is the token.
        document: `D12`.

    Returns:
        the layer's index; None where no token was placed, so that there is none to choose.
    """
    template = answers.catalog()[0].get(QUESTION)
    whole = Result.of(reading.ask(study, QUESTION, document=by_place(study, document), limit=study.regions), template)
    rows = whole.records()
    if not rows:
        st.text(NO_TOKENS)
        return None
    names = {column.index: column.name for column in picture.columns(study, reading.ask)}
    box, told = st.columns([3, 9], vertical_alignment="bottom")
    layer = box.select_slider("Layer", list(names), max(names), names.__getitem__, key=f"regions {study.id} {document}")
    places = [place for place, row in enumerate(rows) if row["layer"] == layer]
    tokens = sum(rows[place]["tokens"] for place in places)
    told.text(f"Its {how_many(tokens, 'token')} {'is' if tokens == 1 else 'are'} in {how_many(len(places), 'region')}.")
    kept = [i for i, name in enumerate(whole.columns) if name != "layer"]
    chosen = Result(
        tuple(whole.columns[i] for i in kept),
        tuple(tuple(whole.rows[place][i] for i in kept) for place in places),
        tuple(whole.types[i] for i in kept),
    )
    show_rows(f"{study.name}-{document}-{layer}-regions", chosen, study, template)
    st.caption(NO_PATH)
    return layer
