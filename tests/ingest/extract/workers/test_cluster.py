"""How many workers a cluster has room for, and what is said where there is none."""

from __future__ import annotations

import socket

import pytest

from ingest.extract.workers import cluster
from ingest.extract.workers.cluster import Node, Room, Wanted, room
from mri_core.errors import MriError, UsageError
from tests.ingest.refusal import refused

LAPTOP = [Node(8, 0)]
TWO = [Node(16, 0), Node(4, 0)]
CARDS = [Node(32, 4), Node(2, 0)]


@pytest.mark.parametrize(
    ("nodes", "wanted", "expected"),
    [
        (LAPTOP, Wanted(), Room(2, 4)),  # one for every four cores
        ([Node(2, 0)], Wanted(), Room(1, 2)),
        (LAPTOP, Wanted(workers=3), Room(3, 2)),  # 3 × 2 of 8 cores, and 3 × 3 would be 9
        (LAPTOP, Wanted(workers=8), Room(8, 1)),
        (TWO, Wanted(workers=3), Room(3, 5)),  # three of five on the large machine; of six only two
        (TWO, Wanted(workers=5), Room(5, 4)),  # four on the large machine and one on the small
        (CARDS, Wanted(gpus=1), Room(4, 8)),  # one for each GPU
        (CARDS, Wanted(gpus=0.5), Room(8, 4)),
        (CARDS, Wanted(gpus=2), Room(2, 16)),
        (CARDS, Wanted(workers=1, gpus=1), Room(1, 32)),
    ],
)
def test_workers_share_the_cores_and_none_is_on_two_machines(nodes: list[Node], wanted: Wanted, expected: Room) -> None:
    assert room(nodes, wanted) == expected


def test_a_third_of_a_gpu_is_had_three_times() -> None:
    assert room([Node(3, 1)], Wanted(gpus=1 / 3)) == Room(3, 1)


@pytest.mark.parametrize(
    ("nodes", "wanted", "fact"),
    [
        (LAPTOP, Wanted(workers=9), "1 machine of 8 cores hold 8 of 9"),
        (LAPTOP, Wanted(gpus=1), "8 cores and 0 GPUs hold 0 of 1"),
        (CARDS, Wanted(workers=3, gpus=2), "2 machines of 34 cores and 4 GPUs hold 2 of 3"),
        ([], Wanted(), "0 machines of 0 cores hold 0 of 1"),
    ],
)
def test_more_workers_than_there_is_room_for_are_refused(nodes: list[Node], wanted: Wanted, fact: str) -> None:
    with refused(fact, kind=MriError):
        room(nodes, wanted)


def test_without_ray_the_line_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "find_spec", lambda name: None)
    with refused('pip install "llm-mri-graph[ray]"', kind=UsageError), cluster.cluster(Wanted()):
        pass


def test_an_address_where_nothing_listens_is_refused_at_once() -> None:
    pytest.importorskip("ray")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with refused(f"127.0.0.1:{port}", "Check --ray-address", kind=MriError):  # noqa: SIM117
        with cluster.cluster(Wanted(address=f"127.0.0.1:{port}")):
            pass
