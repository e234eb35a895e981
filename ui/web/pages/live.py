"""The page Live scan: a new text's path through a study's regions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import streamlit as st

from ingest.studies.later_texts import LaterTexts, check_texts
from mri_core.atlas.kinds import traits_of
from mri_core.records.corpus import excerpt
from mri_core.records.graph import GIVEN, Study
from ui.drawing import picture
from ui.drawing.answer_graph import over_connections
from ui.drawing.palette import category_colours
from ui.drawing.scene import Spot
from ui.drawing.view import View
from ui.jobs import access
from ui.reports.placed_texts import Placed
from ui.reports.walk import Walk, empty_cells, overview, score_table, strokes, table, walk
from ui.web.state import choosing, models, reading
from ui.web.state.choosing import bound, find_study, study_box
from ui.web.state.models import Asked, Written, reader
from ui.web.widgets.answer_view import show_drawing
from ui.web.widgets.explanation import show_tokens_of_text
from ui.web.widgets.first_steps import studies_or_first_steps
from ui.web.widgets.frames import show_frame
from ui.web.widgets.saving import numbers, offer
from ui.web.widgets.token_regions import show_places

PLACED = "placed texts"
EXPLAINED = (
    "Thick: the text's path, in each layer the cluster with the nearest centre, or the cell of the grid; a step has "
    "the colour of the nearest category of the region that it reaches, and is dashed where no document of the study "
    "takes it. Behind it are the connections in which {} differs most from the others."
)
PARTS = (
    "**Nearest category**: the one with the largest part of the region. A category's part is its share (its documents"
    " there over all its documents) divided by the sum of all categories' shares, so that each counts alike, however "
    "many documents it has; over all layers it is the mean, where documents lie. **Surprise**: −log2 of the share of "
    "the documents of the region before that take the same step; 0 bits where all do, 1 where half do, infinite where"
    " none does, nothing where none is there; beside it the same among the documents of each category. These are "
    "descriptions of one text, not tests."
)
SCORES = (
    "Components hold no documents, so a text has no path through them: it has a score on each, its place on that axis. "
    "With PCA, 0 is the mean of the study's documents. The words are those of the documents that score highest."
)


def main() -> None:
    """Draws the page."""
    studies = studies_or_first_steps()
    if not studies:
        return
    study = find_study(studies, st.query_params.get("study", ""))
    _show_choice(studies, study)
    if study.model == GIVEN:
        st.text(f"{study.name} was made of given activations: there is no model through which a text could be run.")
        return
    _ask_for_texts(study)
    placed = st.session_state.get(PLACED)
    if isinstance(placed, Placed) and placed.study == study.id:
        _show(study, placed)
    elif isinstance(placed, Written) and placed.study == study.id:
        _show_tokens(study, placed)


def _show_choice(studies: Sequence[Study], study: Study) -> None:
    box, words = st.columns([1, 3], vertical_alignment="bottom")
    study_box(
        box,
        studies,
        bound("live study", study.name, lambda name: choosing.go({"study": name})),
    )
    where = "where it goes among the study's documents" if study.unit == "document" else "where each of its tokens lies"
    words.text(f"Run a text through the study's own model, and see {where}.")


def _ask_for_texts(study: Study) -> None:
    """A box for texts and the button that runs them."""
    with st.form("texts", border=False):
        written = st.text_area("Text", height=110, placeholder="A text that the study has not seen")
        button, lines, code = st.columns([1, 2, 4], vertical_alignment="center")
        pressed = button.form_submit_button("Place it", type="primary", width="stretch")
        each = lines.checkbox("Each line is a text of its own")
        own_code = json.loads(study.parameters).get("trust_remote_code", False)
        trusted = (
            own_code
            and access.may("scan")
            and code.checkbox("Run the code that this model brings along: you trust its author")
        )
    if pressed:
        access.demand("live")
        texts = [line for line in written.splitlines() if line.strip()] if each else [written]
        st.session_state.pop(PLACED, None)
        if study.unit == "token":
            check_texts(texts)
            st.session_state[PLACED] = Written(study.id, tuple(texts), trusted)
            return
        found = reader(study, trusted=trusted)
        with st.spinner("Running the model …"):
            st.session_state[PLACED] = Placed.by(found, study.id, texts, trusted=trusted)


def _show_tokens(study: Study, written: Written) -> None:
    """Where the tokens of a text lie; of several texts those of two, side by side."""
    chosen = [0]
    if len(written.texts) > 1:
        numbers_of, short = range(len(written.texts)), [excerpt(text, 120) for text in written.texts]
        here, there = st.columns(2)
        one = here.selectbox("Text", numbers_of, 0, format_func=short.__getitem__)
        other = there.selectbox("Next to it", numbers_of, 1, format_func=short.__getitem__)
        chosen = [one, *([other] if other != one else [])]
    asked = [Asked(text=written.texts[number], trusted=written.trusted) for number in chosen]
    show_places(study, [models.placed(study, each) for each in asked], f"{study.name}-text")


def _show(study: Study, placed: Placed) -> None:
    known = {spot.id: spot for spot in picture.spots(study, reading.ask)}
    layers = {column.index: column.name for column in picture.columns(study, reading.ask)}
    if not traits_of(study.atlas).holds_documents:
        _show_scores(study, placed, known, layers)
        return
    counts = {row["category"]: row["documents"] for row in reading.ask(study, "categories").records()}
    categories = sorted(counts)
    walks = [walk(study, reading.ask, regions, known, categories) for regions in placed.paths]
    if len(walks) > 1:
        _show_table(overview(placed.texts, walks))
    number = _choose_text(study, placed)
    _show_walk(study, walks[number], known, layers, np.array([counts[name] for name in categories]))
    show_tokens_of_text(study, placed.texts[number], trusted=placed.trusted)


def _choose_text(study: Study, placed: Placed) -> int:
    """The number of the text that is shown; its length, and what the model did not see of it, are told."""
    number = 0
    if len(placed.texts) > 1:
        number = st.selectbox(
            "Text that is drawn", range(len(placed.texts)), format_func=lambda index: excerpt(placed.texts[index], 120)
        )
    st.text(_length(study, placed.found, number))
    return number


def _length(study: Study, found: LaterTexts, number: int) -> str:
    """How long a text is beside the study's, and what became of its tokens."""
    if found.unread[number]:
        return "It has no token that could be read by itself: take what follows for nothing."
    read, all_tokens = found.activations.tokens, json.loads(study.report).get("tokens", 0)
    told = f"{read[number] if read is not None else 0} of its tokens were read"
    if found.cut[number]:
        told += f" and {found.cut[number]} at its end cut off, as they were of the study's texts"
    if all_tokens:
        told += f"; the study's texts have {all_tokens / study.documents:.0f} on average"
    return f"{told}."


def _show_walk(
    study: Study, shown: Walk, known: Mapping[str, Spot], layers: Mapping[int, str], documents: np.ndarray
) -> None:
    """The path drawn, and in numbers."""
    st.text(_told(shown))
    category = _category(shown)
    colours = category_colours(shown.categories)
    empty = empty_cells(shown, known) if traits_of(study.atlas).cells else []  # there are no lanes for them
    spots = {**known, **{spot.id: spot for spot in empty}}
    steps = [line for line in strokes(shown, documents, colours) if {line.source, line.target} <= spots.keys()]
    view = View(category=category, order="shares")
    drawing = over_connections(study, reading.ask, list(spots.values()), steps, view, colours)
    name, picked = f"{study.name}-path", st.query_params.get("picked", "")
    show_drawing(f"{name}-drawn", study, drawing, EXPLAINED.format(category), picked, _picked)
    frame = table(shown, known, layers)
    _show_table(frame)
    st.caption(PARTS)
    offer([numbers(frame, name)])


def _picked(picked: str) -> None:
    st.query_params["picked"] = picked


def _category(shown: Walk) -> str:
    """The category over whose connections the path is drawn: the nearest, unless the address names one."""
    named = st.query_params.get("category", "")
    shown_over = named if named in shown.categories else shown.nearest_overall or shown.categories[0]

    def go(category: str) -> None:
        st.query_params["category"] = category

    box, _ = st.columns([1, 3])
    box.selectbox("Drawn over the connections of", shown.categories, **bound("live category", shown_over, go))
    return shown_over


def _told(shown: Walk) -> str:
    nearest = shown.nearest_overall
    whose = "No category is nearest over all layers" if nearest is None else f"Nearest over all layers: {nearest}"
    part = "" if nearest is None else f", whose mean part of the path's regions is {shown.overall.max():.2f}"
    if not shown.taken.all():
        return f"{whose}{part}. No document takes {np.sum(~shown.taken)} of its {len(shown.taken)} steps."
    return f"{whose}{part}. Its {len(shown.taken)} steps surprise by {shown.all_bits:.1f} bits in all."


def _show_scores(study: Study, placed: Placed, known: Mapping[str, Spot], layers: Mapping[int, str]) -> None:
    number = _choose_text(study, placed)
    frame = score_table(placed.scores, number, known, layers)
    _show_table(frame)
    st.caption(SCORES)
    offer([numbers(frame, f"{study.name}-scores")])
    show_tokens_of_text(study, placed.texts[number], trusted=placed.trusted)


def _show_table(frame: pd.DataFrame) -> None:
    """With two digits behind the point; all of them are in the file."""
    show_frame(frame, "%.2f")


main()
