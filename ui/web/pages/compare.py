"""The page Compare: is one category different from another, or one study from another, by more than chance?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from mri_core.errors import unknown_name
from mri_core.records.graph import Study
from ui.drawing import picture
from ui.reports.contrasts import asked_first, is_stored
from ui.web.plain import show_error
from ui.web.state import beside, choosing, reading
from ui.web.state.beside import AGAINST, TABS, Beside
from ui.web.state.choosing import CARRIED, find_study, study_box
from ui.web.tabs import two_categories, two_studies
from ui.web.widgets.first_steps import studies_or_first_steps

OF_TOKENS = (
    "Each is tested against all others. Two alone are compared by the regions that whole documents pass, and {} is a "
    "scan of tokens."
)


def main() -> None:
    """Draws the page."""
    studies = studies_or_first_steps()
    if not studies:
        return
    chosen = _chosen()
    study = find_study(studies, chosen.study)
    _show_study_box(studies, study)
    tabs = st.tabs(list(TABS.values()), **_bound("tab", TABS[chosen.tab]))
    for name, tab in zip(TABS, tabs, strict=True):
        if name == chosen.tab:
            with tab:
                (_show_categories if name == "categories" else _show_studies)(study, chosen)


def _show_study_box(studies: Sequence[Study], study: Study) -> None:
    box, _ = st.columns([3, 9])
    study_box(box, studies, _bound("study", study.name))


def _show_categories(study: Study, chosen: Beside) -> None:
    names = picture.categories(study, reading.ask)
    if len(names) < 2:
        st.text(f"{study.name} has one category: there is none to compare it with.")
        return
    pair = _pair(chosen, names)
    one_box, other_box, against_box, _ = st.columns([3, 3, 3, 3])
    one_box.selectbox("Category", names, **_bound("category", pair[0]))
    others = [name for name in names if name != pair[0]]
    other_box.selectbox("Compared with", others, **_bound("versus", pair[1]))
    chosen = replace(chosen, against=chosen.against or asked_first(study))
    if study.unit == "token" and not is_stored(study):
        chosen = replace(chosen, against="all")
        st.text(OF_TOKENS.format(study.name))
    elif not is_stored(study):
        against_box.selectbox(
            "Tested against", list(AGAINST), format_func=AGAINST.__getitem__, **_bound("against", chosen.against)
        )
    two_categories.show(study, chosen, pair, _change, _bound)


def _pair(chosen: Beside, names: Sequence[str]) -> tuple[str, str]:
    """The categories that are asked for, else the first; an unknown one is told."""
    for name in (chosen.category, chosen.versus):
        if name and name not in names:
            show_error(unknown_name("category", name, names))
    one = chosen.category if chosen.category in names else next(name for name in names if name != chosen.versus)
    rest = [name for name in names if name != one]
    return one, chosen.versus if chosen.versus in rest else rest[0]


def _show_studies(study: Study, chosen: Beside) -> None:
    two_studies.show(study, chosen, _change, _bound)


def _chosen() -> Beside:
    return beside.read(st.query_params.to_dict())


def _change(**changes: str) -> None:
    choosing.go(beside.write(replace(_chosen(), **changes)), CARRIED)


def _bound(name: str, value: Any) -> dict[str, Any]:
    """Arguments of a control that shows a choice of the address and writes it back."""
    return choosing.bound(f"compared {name}", value, lambda picked: _pick(name, picked))


def _pick(name: str, value: Any) -> None:
    if name == "study":
        choosing.go(beside.write(Beside(study=value, tab=_chosen().tab)), CARRIED)
    elif name == "tab":
        _change(tab=next(tab for tab, title in TABS.items() if title == value))
    else:
        _change(**{name: ",".join(value) if isinstance(value, list) else value or "", "picked": ""})


main()
