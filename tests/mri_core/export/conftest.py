"""A hostile study in the store of each engine, and its exports."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mri_core.records.graph import Study
from mri_core.store.store import Store
from tests.engines import Engine
from tests.mri_core.export.hostile import add_all, hostile_graph


@pytest.fixture(scope="module")
def study(store: Store, engine: Engine) -> Iterator[Study]:
    graph = hostile_graph("hostile")
    add_all(store, engine, graph)
    yield store.study("hostile")
    store.delete(graph.study)


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("exports")
