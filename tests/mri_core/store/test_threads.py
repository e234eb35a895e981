"""One store read from several threads, as a page does, while its engine comes and goes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from mri_core.store import open_store
from mri_core.store.embedded import lifecycle
from tests.planted import planted_graph

READERS = 4


def test_all_threads_read_on_when_the_engine_was_stopped_in_between(tmp_path: Path) -> None:
    with open_store(tmp_path / "store") as store, ThreadPoolExecutor(READERS) as pool:
        store.write(planted_graph())
        for _ in range(3):
            lifecycle.stop(tmp_path / "store")
            together = Barrier(READERS)

            def read(together: Barrier = together) -> list[str]:
                together.wait()
                return [study.name for study in store.studies()]

            assert [future.result() for future in [pool.submit(read) for _ in range(READERS)]] == [
                ["planted"]
            ] * READERS
    lifecycle.stop(tmp_path / "store")
