"""The tab Cause: a region's direction is erased, added or swapped, and what later layers do then, beside controls."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import streamlit as st

from mri_core.interventions.directions import FEWEST
from mri_core.numbers import how_many
from mri_core.records.graph import Study
from mri_core.records.ids import layer_of
from mri_core.records.interventions import Intervention
from mri_core.store import locate
from mri_core.studies.intervention_request import LARGEST, Operation
from ui.drawing import picture
from ui.drawing.effects import Effect, effect_of
from ui.drawing.scene import Spot
from ui.drawing.view import View
from ui.jobs import access
from ui.jobs.trials import CONTROLS, DOCUMENTS, Trial, start
from ui.reports import cause, interventions
from ui.reports.intervention_tables import effects_table, reach_table
from ui.reports.interventions import MODEST
from ui.web.plain import in_method
from ui.web.state import choosing, reading
from ui.web.state.scan_choices import current, go
from ui.web.widgets.answer_view import show_drawing
from ui.web.widgets.effect_charts import curve_chart, path_chart
from ui.web.widgets.effect_graph import draw_effect
from ui.web.widgets.frames import show_frame
from ui.web.widgets.job_cards import show_jobs
from ui.web.widgets.saving import numbers, offer, pictures

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HEADING = "Cause"  # of docs/method.md
TABLE = "tried interventions"  # Streamlit's key of their table
HEIGHT, ROWS = 250, 6  # pixels of a table of more rows
QUESTION = (
    "Does the model use a region, or do documents only lie there? Its direction is erased, added or swapped in the "
    "model's activations, and later layers are compared with controls: other directions, as large."
)
OPERATIONS = {"erase": "erase", "add": "add", "swap": "swap"}
HELP = (
    "Erase: the direction is projected out of the region's own texts. Add: it is added to other texts. Swap: texts of "
    "another region of the layer are moved along the difference of the two."
)
STRENGTH = "1 is the whole difference of means between the region's texts and the others; below 0 it is taken away."
OTHER = {
    False: "Texts of the region are moved to this one.",
    True: "Texts of this region are moved to the connection's first.",
}
TEXTS = "At most so many are changed. More texts make intervals narrower, and take longer."
RANKED = "Other directions that the effect is ranked among; with 99 the smallest p is 0.01."
LAST = "An effect is read in later layers, and {} is in the last one: choose a region of a layer before."
UNTRIED = "Nothing was tried on {} yet."
NOTHING = "Nothing was tried in this study yet."
BY_LAYER = (
    "Left: change of the share of the texts in the region where the documents' way is expected, layer by layer, with "
    "its 95 % interval over resampled texts; grey, the same change under the controls, least to most, and their mean. "
    "{}Right: the change in layer {} by strength; grey, the controls, at the strength at which they were run{}."
)
HOLLOW = "Hollow: a layer that does not count, as the residual stream carries any change into the next layer. "
PROBED = "; dashed, the change of the category's probability, by a linear probe of the last layer"
CHANGED = (
    "A dot is a region, its size its documents. Red: more of the texts lie there than before, blue: fewer; filled "
    "where that is beyond the controls (q ≤ 0.05 over all regions of the layers that count), the more the larger the "
    "change; pale where it is not. Dark lines: the way that most of the region's documents take."
)
TRIED = (
    "Texts: that were changed. Effect: change of the share of texts in the layer where it stands out most. Controls: "
    "their mean, and the largest in the expected direction. q: over everything tried in the same command. To: last "
    "layer in which the effect stands out. A click on a row shows it."
)


def show(study: Study, view: View, spots: Sequence[Spot]) -> None:
    """The form, what runs, the intervention that is chosen, and the table of all."""
    if study.unit == "token":
        st.text(cause.why_not(study))
        return
    found = interventions.by_q(reading.interventions(study))
    known = {spot.id: spot for spot in spots}
    st.text(QUESTION)
    _show_form(study, view, known, found)
    show_jobs(study)
    if not found:
        st.text(NOTHING)
        return
    words = {spot.id: spot.words for spot in spots}
    one = chosen(found, view)
    if one is None:
        st.text(UNTRIED.format(_subject(view)))
    else:
        st.text(interventions.sentence(one, words))
        _show_effect(study, one)
    _show_table(found, one, study, words)
    if one is not None:
        _show_graph(study, view, one)
    st.caption(MODEST + in_method(HEADING))


def chosen(found: Sequence[Intervention], view: View) -> Intervention | None:
    """The intervention that is shown: the one picked of those on the chosen region or connection, else the first."""
    of_subject = [one for one in found if _is_on(one, view)]
    return next((one for one in of_subject if one.key == view.tried), of_subject[0] if of_subject else None)


def _is_on(one: Intervention, view: View) -> bool:
    if view.source:
        return (one.region, one.towards) == (view.source, view.target)
    return not view.region or one.region == view.region


def _subject(view: View) -> str:
    """The region or connection that is chosen; "" for none."""
    return f"{view.source}>{view.target}" if view.source else view.region


def _show_form(study: Study, view: View, known: Mapping[str, Spot], found: Sequence[Intervention]) -> None:
    """What is asked about, and, for whoever may, what is done with it."""
    places = st.columns([4, 2, 3, 2, 2, 2], vertical_alignment="bottom")
    offered = _subjects(study, view, known, found)
    places[0].selectbox(
        "Region or connection",
        list(offered),
        format_func=offered.__getitem__,
        help="Type a layer, a region as in L4/R5, or a word.",
        **choosing.bound("subject of an intervention", _subject(view), _go_to),
    )
    if not access.may("scan"):
        return
    if why := cause.why_not(study):
        st.text(why)
        return
    operation = places[1].selectbox("What is done", list(OPERATIONS), help=HELP)
    with places[2]:
        how = _how(view, known, operation)
    documents = places[3].number_input("Texts", FEWEST, 10_000, DOCUMENTS, help=TEXTS)
    controls = places[4].number_input("Controls", CONTROLS, 9_999, CONTROLS, help=RANKED)
    subject = _subject(view)
    last = bool(subject) and layer_of(subject) == study.layers - 1
    ready = bool(subject) and not last and how is not None
    pressed = places[5].button("Try it", type="primary", disabled=not ready, width="stretch")
    if last:
        st.text(LAST.format(subject))
    if not ready or how is None:
        return
    trial = Trial(subject, how, documents, controls)
    if pressed:
        start(trial, study, str(locate()))
        st.rerun()
    with st.expander("The same in a terminal"):
        st.code(shlex.join(["mri", "intervene", study.name, *trial.options]), language="bash", wrap_lines=True)


def _subjects(study: Study, view: View, known: Mapping[str, Spot], found: Sequence[Intervention]) -> dict[str, str]:
    """What can be chosen: everything that was tried, a connection, a region."""
    names = {column.index: column.name for column in picture.columns(study, reading.ask)}
    pairs = dict.fromkeys((one.region, one.towards) for one in found if one.towards is not None)
    if view.source:
        pairs[view.source, view.target] = None
    titles = {"": "all that was tried"}
    for source, target in pairs:
        ends = f"{known[source].title} → {known[str(target)].title}"
        titles[f"{source}>{target}"] = f"{names[known[source].layer]}, {ends} ({source}>{target})"
    return titles | {spot.id: f"{names[spot.layer]}, {spot.searched} ({spot.id})" for spot in known.values()}


def _go_to(subject: str) -> None:
    source, arrow, target = subject.partition(">")
    go(replace(current().on("", source, target) if arrow else current().on(subject), tried="", picked=""))


def _how(view: View, known: Mapping[str, Spot], name: str) -> Operation | None:
    """The operation with its strength or its other region; None where that is missing."""
    if name == "erase":
        st.text_input("Strength", "all of it", disabled=True)
        return Operation("erase")
    if name == "add":
        strength = st.number_input("Strength", -10.0, 10.0, 1.0, step=0.25, format="%g", help=STRENGTH)
        return Operation("add", strength) if strength else None
    region = view.source or view.region
    layer = known[region].layer if region else None
    others = {spot.id: spot.title for spot in known.values() if spot.layer == layer and spot.id != region}
    offered = {LARGEST: "the largest other region", **others}
    other = st.selectbox("With", list(offered), format_func=offered.__getitem__, help=OTHER[bool(view.source)])
    return Operation("swap", other=other) if others else None


def _show_effect(study: Study, one: Intervention) -> None:
    """The charts by layer and by strength, and what else changes."""
    effect = effect_of(one)
    if effect.reaches:
        by_layer, by_strength = st.columns([7, 5])
        by_layer.altair_chart(path_chart(effect, dark=st.context.theme.type == "dark"))
        if effect.curve:
            by_strength.altair_chart(curve_chart(effect))
        hollow = "" if all(each.counts for each in effect.reaches) else HOLLOW
        probed = PROBED if effect.probability else ""
        st.caption(BY_LAYER.format(hollow, effect.layer, probed) + in_method(HEADING))
        _offer_effect(study, one, effect)
    st.text(interventions.besides_told(one))


def _offer_effect(study: Study, one: Intervention, effect: Effect) -> None:
    def figure() -> Figure:
        from ui.drawing.figures.interventions import interventions_figure

        return interventions_figure([(interventions.short(one), effect)])

    name = f"{study.name}-{interventions.short(one).replace('/', '').replace(' ', '-').replace('>', 'to')}"
    offer([*pictures(figure, name, study), numbers(reach_table(one), name)])


def _show_table(
    found: Sequence[Intervention], one: Intervention | None, study: Study, words: interventions.Words
) -> None:
    """All that was tried; a click on a row shows it."""
    st.markdown(f"**All that was tried**: {how_many(len(found), 'intervention')}")
    table = effects_table(found, words)
    height: int | Literal["auto"] = HEIGHT if len(table) > ROWS else "auto"
    show_frame(
        table, "%.3g", key=TABLE, height=height, on_select=lambda: _row_picked(found), selection_mode="single-row"
    )
    st.caption(TRIED)
    offer([numbers(table, f"{study.name}-interventions")])


def _row_picked(found: Sequence[Intervention]) -> None:
    for row in st.session_state[TABLE].selection.rows:  # none where the row is clicked once more
        one = found[row]
        view = current().on(one.region) if one.towards is None else current().on("", one.region, one.towards)
        go(replace(view, tried=one.key, picked=""))


def _show_graph(study: Study, view: View, one: Intervention) -> None:
    """The regions of later layers by what changes in them."""
    st.markdown("**What changes in later layers**")
    drawing = draw_effect(study, reading.ask, one)
    name = f"{study.name}-changed-regions"
    show_drawing(name, study, drawing, CHANGED, view.picked, lambda at: go(replace(current(), picked=at)))
