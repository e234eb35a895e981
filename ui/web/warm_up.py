"""What the page's server does before anyone asks: the first graph is then a matter of drawing it."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from mri_core.atlas.kinds import traits_of
from mri_core.errors import MriError
from mri_core.records.graph import Study
from mri_core.records.table import Table
from mri_core.store import Server, locate

if TYPE_CHECKING:
    from ui.drawing.picture import Ask

LOOKS = 0.05  # seconds between two looks for Streamlit's server
PAUSE = 10.0  # seconds: whoever opened the page chooses something first, and the engine answers that sooner


def begin() -> None:
    """Takes up what the page saw last, and reads ahead beside the server that is about to start."""
    take_up()
    threading.Thread(target=_beside_the_server, name="read ahead", daemon=True).start()


def take_up() -> None:
    """Begins with what the page saw of the store last, where that is known."""
    from ui.web.state import last_visit

    place = locate()
    last_visit.LAST.begin(None if isinstance(place, Server) else last_visit.load(place))


def read_ahead(pause: float = 0.0) -> None:
    """Imports what a graph needs, asks what the newest study's first views are drawn from, and keeps the answers.

    An engine answers its first questions several times slower than later ones, whatever is asked: it is asked for the
    graph even where the answers are known from the last visit. What goes wrong is told by the page that meets it.

    Args:
        pause: seconds between the graph's questions and the others', in which whoever opened the page may ask.
    """
    from ui.web.state import reading
    from ui.web.state.last_visit import LAST
    from ui.web.tabs import graph  # noqa: F401 - its imports take about as long as the questions

    with suppress(MriError):
        found = reading.wake()
        if not found:
            return
        answers = dict(LAST.answers_about(found[0]))
        _ask_for_graph(found[0], _noting(answers, reading.ask_engine))
        reading.keep(found, answers)
        time.sleep(pause)
        _ask_for_overview(found[0], _noting(answers, reading.ask))
        reading.keep(found, answers)


def _ask_for_graph(of: Study, ask: Ask) -> None:
    """Asks what the page Scan draws a study from when it is opened there."""
    from ui.drawing import picture
    from ui.drawing.view import ORDERS, View

    if traits_of(of.atlas).holds_documents:
        for order in ORDERS:  # that which the page opens with first
            picture.picture(of, ask, View(order=order))
    picture.categories(of, ask)
    ask(of, "found-again")


def _ask_for_overview(of: Study, ask: Ask) -> None:
    """Asks what the page Overview shows."""
    from ui.drawing import layer_lines
    from ui.reports import measured, overview

    overview.overview(of, ask, measured.measures(of, ask))
    layer_lines.panels(of, ask)


def _noting(answers: dict[str, str], ask: Ask) -> Ask:
    """Asks, and puts each question and its answer down."""
    from ui.web.state import last_visit

    def noted(of: Study, template: str, /, **values: Any) -> Table:
        table = ask(of, template, **values)
        answers[last_visit.question(template, values)] = last_visit.answer(table)
        return table

    return noted


def _beside_the_server() -> None:
    from streamlit import runtime

    from ui.web.state.last_visit import LAST

    while not runtime.exists():  # what is kept belongs to it
        time.sleep(LOOKS)
    while True:
        read_ahead(PAUSE)
        LAST.changed.wait()
