"""An engine that is started while something else is done."""

from __future__ import annotations

import time
from pathlib import Path

from mri_core.store import open_store, start_early
from mri_core.store.embedded import lifecycle


def test_an_engine_started_early_is_the_one_that_is_used(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    start_early(folder)
    try:
        with open_store(folder) as store:  # while it starts
            assert store.studies() == []
        assert lifecycle.status(folder).running
    finally:
        lifecycle.stop(folder)


def test_what_is_no_store_is_told_where_it_is_used_and_not_before(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    start_early(tmp_path)
    start_early("neo4j://nowhere.invalid")
    time.sleep(0.2)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
