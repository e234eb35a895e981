"""One store read from several threads, as a page does, while its engine comes and goes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from mri_core.store.embedded import lifecycle
from mri_core.store.store import Store
from tests.planted import planted_graph

ENGINES = ["embedded"]
READERS = 4


@pytest.mark.slow  # an engine stops and starts
@pytest.mark.usefixtures("tidy")
def test_all_threads_read_on_when_the_engine_was_stopped_in_between(store: Store, store_folder: Path) -> None:
    with ThreadPoolExecutor(READERS) as pool:
        store.write(planted_graph())
        for _ in range(2):
            lifecycle.stop(store_folder)
            together = Barrier(READERS)

            def read(together: Barrier = together) -> list[str]:
                together.wait()
                return [study.name for study in store.studies()]

            assert [future.result() for future in [pool.submit(read) for _ in range(READERS)]] == [
                ["planted"]
            ] * READERS
