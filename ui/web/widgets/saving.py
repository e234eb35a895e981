"""What can be taken away from the page: pictures and numbers as files, made when they are asked for."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from mri_core.records.graph import Study
from ui.drawing.export import as_graphml, as_html
from ui.drawing.network import legend
from ui.drawing.origin import origin_of
from ui.drawing.picture import told
from ui.drawing.scene import Picture
from ui.drawing.view import View
from ui.reports.picture_tables import connection_table
from ui.web.state import reading

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from pyvis.network import Network

FORMS = {"png": "image/png", "svg": "image/svg+xml"}
ONE_AT_A_TIME = threading.Lock()  # matplotlib's settings are those of the whole process
File = tuple[str, str, str, Callable[[], str | bytes]]  # what the button says, the file's name and kind, its content


def save_graph(study: Study, view: View, shown: Picture, network: Network, colours: Mapping[str, str]) -> None:
    """Buttons that save the graph as it is drawn."""

    def figure() -> Figure:
        from ui.drawing.figures.graph import graph_figure

        return graph_figure(shown, colours, view)

    heading, keys = told(study, view, shown), legend(shown, colours)
    table = connection_table(shown)
    offer(
        [
            *pictures(figure, f"{study.name}-graph", study),
            (
                "HTML",
                f"{study.name}.html",
                "text/html",
                lambda: as_html(network, origin_of(study), heading, keys),
            ),
            ("GraphML", f"{study.name}.graphml", "application/xml", lambda: as_graphml(shown)),
            numbers(table, f"{study.name}-connections"),
        ]
    )


def save_report(study: Study) -> None:
    """A button that saves the report of a study, made when it is asked for: one page that needs no network."""
    store = reading.store()

    def page() -> str:
        from ui.publishing.report import report_text

        with ONE_AT_A_TIME:
            return report_text(store, store.study(study.id))

    offer([("Report (HTML)", f"{study.name}-report.html", "text/html", page)])


def save_comparison(base: Study, other: Study, runs: Sequence[Study] = (), shams: Sequence[Study] = ()) -> None:
    """A button that saves the report of two studies in one atlas, made when it is asked for."""
    store = reading.store()

    def page() -> str:
        from ui.publishing.report import comparison_text

        with ONE_AT_A_TIME:
            first, second = (store.study(study.id) for study in (base, other))
            several = ([store.study(study.id) for study in each] for each in (runs, shams))
            return comparison_text(store, first, second, *several)

    offer([("Report (HTML)", f"{base.name}-{other.name}-report.html", "text/html", page)])


def pictures(figure: Callable[[], Figure], name: str, of: Study, base: Study | None = None) -> list[File]:
    """A picture for print, in each form: of a study, or of its comparison with another one."""
    drawn = {form: partial(_drawn, figure, form, of, base) for form in FORMS}
    return [(form.upper(), f"{name}.{form}", kind, drawn[form]) for form, kind in FORMS.items()]


def numbers(table: pd.DataFrame, name: str, title: str = "CSV") -> File:
    """A table's file; `title` is what its button says."""
    return (title, f"{name}.csv", "text/csv", lambda: table.to_csv(index=False))


def offer(files: Sequence[File]) -> None:
    """A row of buttons."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("Save as", width="content")
        for title, name, kind, content in files:
            st.download_button(title, content, name, kind, key=name, on_click="ignore")


def _drawn(figure: Callable[[], Figure], form: str, of: Study, base: Study | None) -> bytes:
    from ui.drawing.figures.frame import write

    buffer = io.BytesIO()
    with ONE_AT_A_TIME:
        write(figure(), buffer, form, origin_of(of, base))
    return buffer.getvalue()
