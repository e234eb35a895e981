"""A study that goes while a page reads it: no page shows half of it, keeps it, or ends in a traceback."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from mri_core.records.graph import StudyGraph
from mri_core.records.table import Table
from mri_core.store.store import Store
from tests.planted import planted_graph, random_codes
from tests.ui.evidence import weighed
from tests.ui.page import box, opened, words
from ui.drawing.view import TABS
from ui.web.state import reading

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("on_page_store")]
PAGES = [
    *(("scan.py", {"tab": tab}) for tab in TABS),
    ("compare.py", {"tab": "categories"}),
    ("compare.py", {"tab": "studies"}),
    ("questions.py", {}),
    ("documents.py", {}),
    ("trust.py", {}),
    ("overview.py", {}),
]


def other(graph: StudyGraph) -> StudyGraph:
    """Another study of its name."""
    return planted_graph(graph.study.name, codes=random_codes(36, 4, 3, 8), seed=88)


@pytest.mark.parametrize(("file", "address"), PAGES, ids=str)
def test_a_study_deleted_while_it_is_read_is_told_and_others_are_offered(
    store: Store, monkeypatch: pytest.MonkeyPatch, file: str, address: dict[str, str]
) -> None:
    page, graph = _open_late(store, monkeypatch, file, address, lambda graph: store.delete(graph.study))
    assert f"No study is called '{graph.study.name}'" in words(page)
    box(page, "Study").select("page").run()
    assert not page.exception
    assert "No study is called" not in words(page)


@pytest.mark.parametrize(("file", "address"), [PAGES[0], *PAGES[4:7]], ids=str)
def test_a_study_replaced_while_it_is_read_gives_way_to_the_new_one(
    store: Store, monkeypatch: pytest.MonkeyPatch, file: str, address: dict[str, str]
) -> None:
    page, graph = _open_late(store, monkeypatch, file, address, lambda graph: store.write(other(graph), replace=True))
    assert not page.error
    assert box(page, "Study").value == graph.study.name
    store.delete(other(graph).study)


def test_an_answer_of_a_study_that_went_meanwhile_is_not_kept(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = planted_graph("gone-and-back", seed=92)
    store.write(graph)
    with monkeypatch.context() as patch:
        patch.setattr(reading, "run", lambda *_, **__: store.delete(graph.study) and Table(("name",), ()))
        with pytest.raises(reading.StudyGoneError, match="was deleted or replaced while it was read"):
            reading.ask(graph.study, "layers")
    store.write(graph)
    assert len(reading.ask(graph.study, "layers").rows) == 4
    store.delete(graph.study)


def _open_late(
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
    file: str,
    address: dict[str, str],
    happens: Callable[[StudyGraph], object],
) -> tuple[AppTest, StudyGraph]:
    """A page as it is after something happened to its study before the second reading of it."""
    graph = weighed(f"gone-{file.removesuffix('.py')}-{address.get('tab', '')}", seed=91)
    store.write(graph)
    run, seen = reading.run, [0]

    def late(*given: Any, **named: Any) -> Table:
        seen[0] += 1
        if seen[0] == 2:
            happens(graph)
        return run(*given, **named)

    monkeypatch.setattr(reading, "run", late)
    page = opened(file, study=graph.study.name, **address)
    assert seen[0] >= 2
    return page, graph
