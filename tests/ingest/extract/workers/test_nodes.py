"""A cluster of several machines, one of which leaves; and one that was there before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from ingest.cache.row_files import read_extraction, row_folder
from ingest.extract.extraction import extract
from ingest.extract.workers.cluster import ClusterOptions, cluster
from ingest.extract.workers.pool import Workers, workers
from tests.ingest.extract.test_extraction import Told
from tests.ingest.extract.workers.fatal import Loader
from tests.ingest.extract.workers.test_workers import DOCUMENTS, READING, alone, assert_same

__all__ = ["alone"]
ray = pytest.importorskip("ray")
pytestmark = [pytest.mark.model, pytest.mark.slow]


def test_a_scan_goes_on_when_a_machine_leaves_the_cluster(
    tiny: Callable[[str], Path], alone: Callable[..., object], tmp_path: Path
) -> None:
    from ray.cluster_utils import Cluster

    machines = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    other = machines.add_node(num_cpus=1)
    notes: list[str] = []

    class Leaving(Told):
        def batch(self, tokens: Sequence[int], *, ran: bool) -> None:
            super().batch(tokens, ran=ran)
            if len(self.batches) == 2:
                machines.remove_node(other)

    try:
        options = ClusterOptions(address=machines.address, workers=2)
        with workers(options, Loader(tiny("bert")), READING, notes.append) as pool:
            assert isinstance(pool, Workers)
            pool.wait_for_all()
            widths = pool.traits.widths
            found = extract(
                pool,
                DOCUMENTS,
                len(DOCUMENTS),
                lambda widths: row_folder(tmp_path / "rows", widths, len(DOCUMENTS)),
                meter=Leaving(),
                notify=notes.append,
            )
        assert not ray.is_initialized()  # and the cluster goes on without this process
        with cluster(ClusterOptions(address=machines.address)) as (_, room):
            assert room.workers == 1
    finally:
        machines.shutdown()
    assert_same(read_extraction(tmp_path / "rows", len(widths), found), alone("bert"))
    assert any("was lost" in note for note in notes)
