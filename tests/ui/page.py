"""A page as a test opens it, without a browser."""

from __future__ import annotations

from functools import cache
from typing import Any

from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.testing.v1 import AppTest

from ui.web.serve import APP


@cache
def _components() -> BidiComponentManager:
    """What is installed of components, for all pages, as a server has it for all its sessions."""
    manager = BidiComponentManager()
    manager.discover_and_register_components(start_file_watching=False)
    return manager


def start() -> AppTest:
    """The first page."""
    page = AppTest.from_file(str(APP), default_timeout=60)
    page._bidi_component_manager = _components()  # else each looks through all that is installed, for half a second
    page.run()
    assert not page.exception
    return page


def opened(file: str, **address: str) -> AppTest:
    """The page of that file at an address."""
    page = start().switch_page(file)
    for name, value in address.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def words(page: AppTest) -> str:
    """All plain text of the page."""
    return "\n".join(text.value for text in page.text)


def box(page: AppTest, label: str) -> Any:
    """The box whose label begins so."""
    return next(selectbox for selectbox in page.selectbox if selectbox.label.startswith(label))


def saved(page: AppTest) -> list[str]:
    """What the page offers to save as."""
    return [button.proto.label for button in page.get("download_button")]


def press(page: AppTest, label: str) -> AppTest:
    """The page after a button was pressed."""
    next(button for button in page.button if button.label == label).click()
    page.run()
    assert not page.exception
    return page
