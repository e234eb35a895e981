"""What the page's server reads before anyone asks."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st

from mri_core.records.graph import Study
from ui.drawing import picture
from ui.drawing.view import ORDERS, View
from ui.web.state import reading
from ui.web.warm_up import read_ahead


def test_the_newest_study_is_drawn_from_what_was_read_ahead(
    on_page_store: None, page_study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    st.cache_data.clear()
    assert reading.studies()[0] == page_study
    read_ahead()
    monkeypatch.setattr(reading, "run", lambda *_, **__: pytest.fail("the store was asked again"))
    assert all(picture.picture(page_study, reading.ask, View(order=order)).links for order in ("", *ORDERS))


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MRI_STORE", str(tmp_path / "none"))
    read_ahead()
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_does_not_answer_is_left_to_the_page_to_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MRI_STORE", "bolt://127.0.0.1:1")
    read_ahead()
