"""What the page's server does before anyone asks: the first graph is then a matter of drawing it."""

from __future__ import annotations

import threading
import time
from contextlib import suppress

from mri_core.atlas.kinds import traits_of
from mri_core.errors import MriError

LOOKS = 0.05  # seconds between two looks for Streamlit's server


def begin() -> None:
    """Reads ahead, beside the server that is about to start."""
    threading.Thread(target=_beside_the_server, name="read ahead", daemon=True).start()


def read_ahead() -> None:
    """Imports what a graph needs, and asks what the newest study's is drawn from, in each order: the answers are kept.

    An engine answers its first questions several times slower than later ones, whatever is asked. What goes wrong is
    told by the page that meets it.
    """
    from ui.drawing import picture
    from ui.drawing.view import ORDERS, View
    from ui.web.state import reading
    from ui.web.tabs import graph  # noqa: F401 - its imports take about as long as the questions

    with suppress(MriError):
        newest = next(iter(reading.studies()), None)
        if newest is not None and traits_of(newest.atlas).holds_documents:
            for order in ORDERS:  # that which the page opens with first
                picture.picture(newest, reading.ask, View(order=order))


def _beside_the_server() -> None:
    from streamlit import runtime

    while not runtime.exists():  # what is kept belongs to it
        time.sleep(LOOKS)
    read_ahead()
