"""How many workers a cluster has room for, and what is said where there is none."""

from __future__ import annotations

import signal
import socket

import pytest

from ingest.extract.workers import cluster
from ingest.extract.workers.cluster import ClusterOptions, Node, Room, room
from mri_core.errors import MriError, UsageError
from tests.ingest.refusal import refused

LAPTOP = [Node(8, 0)]
TWO = [Node(16, 0), Node(4, 0)]
CARDS = [Node(32, 4), Node(2, 0)]


@pytest.mark.parametrize(
    ("nodes", "options", "expected"),
    [
        (LAPTOP, ClusterOptions(), Room(2, 4)),  # one for every four cores
        ([Node(2, 0)], ClusterOptions(), Room(1, 2)),
        (LAPTOP, ClusterOptions(workers=3), Room(3, 2)),  # 3 × 2 of 8 cores, and 3 × 3 would be 9
        (LAPTOP, ClusterOptions(workers=8), Room(8, 1)),
        (TWO, ClusterOptions(workers=3), Room(3, 5)),  # three of five on the large machine; of six only two
        (TWO, ClusterOptions(workers=5), Room(5, 4)),  # four on the large machine and one on the small
        (CARDS, ClusterOptions(gpus=1), Room(4, 8)),  # one for each GPU
        (CARDS, ClusterOptions(gpus=0.5), Room(8, 4)),
        ([Node(8, 2)], ClusterOptions(gpus=0.6), Room(2, 4)),  # a share is of one GPU
        (CARDS, ClusterOptions(workers=1, gpus=1), Room(1, 32)),
        (CARDS, ClusterOptions(gpus=2), Room(2, 16)),  # a split model on each pair of GPUs
        (CARDS, ClusterOptions(gpus=3), Room(1, 32)),  # and the fourth is left
        ([Node(8, 3), Node(8, 5)], ClusterOptions(gpus=4), Room(1, 8)),  # no worker is on two machines
    ],
)
def test_workers_share_the_cores_and_none_is_on_two_machines(
    nodes: list[Node], options: ClusterOptions, expected: Room
) -> None:
    assert room(nodes, options) == expected


def test_a_gpu_fits_three_workers_of_a_third() -> None:
    assert room([Node(3, 1)], ClusterOptions(gpus=1 / 3)) == Room(3, 1)


@pytest.mark.parametrize(
    ("nodes", "wanted", "fact"),
    [
        (LAPTOP, ClusterOptions(workers=9), "1 machine of 8 cores hold 8 of 9"),
        (LAPTOP, ClusterOptions(gpus=1), "8 cores and 0 GPUs hold 0 of 1"),
        (CARDS, ClusterOptions(workers=5, gpus=1), "2 machines of 34 cores and 4 GPUs hold 4 of 5"),
        (CARDS, ClusterOptions(workers=3, gpus=2), "4 GPUs hold 2 of 3"),
        (CARDS, ClusterOptions(gpus=8), "A worker has a core and 8 GPUs to itself"),
        ([], ClusterOptions(), "0 machines of 0 cores hold 0 of 1"),
    ],
)
def test_more_workers_than_there_is_room_for_are_refused(nodes: list[Node], wanted: ClusterOptions, fact: str) -> None:
    with refused(fact, kind=MriError):
        room(nodes, wanted)


def test_without_ray_the_line_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "find_spec", lambda name: None)
    with refused('pip install "llm-mri-graph[ray]"', kind=UsageError), cluster.cluster(ClusterOptions()):
        pass


def test_an_address_where_nothing_listens_is_refused_at_once() -> None:
    pytest.importorskip("ray")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with refused(f"127.0.0.1:{port}", "Check --ray-address", kind=MriError):  # noqa: SIM117
        with cluster.cluster(ClusterOptions(address=f"127.0.0.1:{port}")):
            pass


@pytest.mark.slow  # it starts Ray
def test_ray_as_it_was_before_is_left_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    ray = pytest.importorskip("ray")
    monkeypatch.setattr(cluster, "cpu_count", lambda: 3)
    before = signal.getsignal(signal.SIGTERM)
    with cluster.cluster(ClusterOptions()) as (_, found):
        assert found == Room(1, 3)
        address = ray.get_runtime_context().gcs_address
        with cluster.cluster(ClusterOptions(workers=2)) as (_, inner):
            assert inner == Room(2, 1)
        with refused("1 machine of 3 cores hold 3 of 4", kind=MriError), cluster.cluster(ClusterOptions(workers=4)):
            pass
        assert ray.is_initialized()
        with refused("connected to that at", address, kind=MriError), cluster.cluster(ClusterOptions("10.0.0.1:1")):
            pass
    assert not ray.is_initialized()
    assert signal.getsignal(signal.SIGTERM) == before
    assert ray._private.worker._worker_logs_enabled
