"""Stores that several test files copy to and from."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mri_core.store.store import Store
from tests.engines import Engine, remove


@pytest.fixture
def other(engine: Engine, request: pytest.FixtureRequest) -> Iterator[Store]:
    """A store on the other engine."""
    elsewhere = request.getfixturevalue("neo4j_server" if engine.name == "embedded" else "embedded_store")
    with Store(elsewhere.connect) as opened:
        before = {study.id for study in opened.studies()}
        yield opened
        remove(elsewhere, opened, [study for study in opened.studies() if study.id not in before])
