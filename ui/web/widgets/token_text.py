"""A text whose tokens are coloured by their parts or regions, as a component that sets every text as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from ui.reports.region_pieces import RegionPiece
from ui.reports.token_pieces import TextPiece

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

HERE = Path(__file__).parent
HTML = """<div class="whole">
<div class="tokens" role="group"></div>
</div>"""


@cache
def _component() -> ComponentRenderer:
    """Registered once a process."""
    css, js = ((HERE / f"token_text.{kind}").read_text("utf-8") for kind in ("css", "js"))
    return st.components.v2.component("llm_mri_tokens", html=HTML, css=css, js=js)


def show_token_text(pieces: Sequence[TextPiece], label: str, key: str) -> None:
    """Draws a text.

    Args:
        pieces: of it.
        label: what a screen reader calls it.
        key: Streamlit's key of the component.
    """
    largest = max((abs(piece.part) for piece in pieces if piece.part is not None), default=0.0)
    _draw([asdict(piece) for piece in pieces], largest, label, key)


def show_region_text(pieces: Sequence[RegionPiece], label: str, key: str) -> None:
    """Draws a text whose tokens have the colours of their regions; arguments are as of `show_token_text`."""
    _draw([asdict(piece) for piece in pieces], 0.0, label, key)


def _draw(pieces: Sequence[dict[str, Any]], largest: float, label: str, key: str) -> None:
    _component()(key=key, data={"pieces": pieces, "largest": largest, "label": label}, height="content")
