"""A Ray cluster: found by its address, or started on this machine and ended; and how many workers it has room for."""

from __future__ import annotations

import os
import socket
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NamedTuple

from mri_core.errors import MriError, UsageError

RULE = "--engine ray runs the model in workers of a Ray cluster"
CORES_A_WORKER = 4  # where no number of workers is given
SIGN_IN = "A cluster that asks for a token needs RAY_AUTH_MODE=token, and RAY_AUTH_TOKEN or ~/.ray/auth_token"
ANSWER = 10.0  # seconds to wait for a cluster's machine


@dataclass(frozen=True)
class Wanted:
    """What is asked of a cluster.

    Attributes:
        address: of a running one; None to start one on this machine.
        workers: their number; None for one on each GPU, or one for every four cores.
        gpus: of each worker; a part of one where several share it.
    """

    address: str | None = None
    workers: int | None = None
    gpus: float = 0.0


class Node(NamedTuple):
    """The cores and GPUs of a machine."""

    cores: int
    gpus: float


class Room(NamedTuple):
    """A number of workers and the cores of each."""

    workers: int
    cores: int


def room(nodes: list[Node], wanted: Wanted) -> Room:
    """How many workers there are to be, each on one machine, and of how many cores: the most that all can have.

    Raises:
        MriError: the machines have no room for so many, even of one core each.
    """
    most = _fitting(nodes, 1, wanted.gpus)
    workers = wanted.workers
    if workers is None:
        workers = most if wanted.gpus else _fitting(nodes, CORES_A_WORKER, 0) or 1
    if not 1 <= workers <= most:
        raise _too_few(nodes, wanted, workers, most)
    return Room(workers, max(c for c in range(1, max(n.cores for n in nodes) + 1) if _fits(nodes, c, wanted, workers)))


def _fits(nodes: list[Node], cores: int, wanted: Wanted, workers: int) -> bool:
    return _fitting(nodes, cores, wanted.gpus) >= workers


def _fitting(nodes: list[Node], cores: int, gpus: float) -> int:
    """Number of workers of so many cores and GPUs that the machines hold."""
    return sum(min(node.cores // cores, int(node.gpus / gpus + 1e-9) if gpus else node.cores) for node in nodes)


def _too_few(nodes: list[Node], wanted: Wanted, workers: int, most: int) -> MriError:
    gpus = f" and {sum(node.gpus for node in nodes):g} GPUs" if wanted.gpus else ""
    each = f"a core and {wanted.gpus:g} GPUs" if wanted.gpus else "a core"
    machines = "machine" if len(nodes) == 1 else "machines"
    fact = (
        f"{len(nodes)} {machines} of {sum(node.cores for node in nodes)} cores{gpus} hold {most} of {max(workers, 1)}"
    )
    return MriError(f"A worker has {each} to itself", fact, "Take fewer --workers, or a larger cluster")


@contextmanager
def cluster(wanted: Wanted) -> Iterator[tuple[Any, Room]]:
    """Connects to Ray; yields its module, and how many workers there are to be.

    A cluster that was started here is ended; one that this process was connected to before stays as it was.

    Raises:
        UsageError: Ray is not installed.
        MriError: there is no cluster at the address, or it has no room.
    """
    if find_spec("ray") is None:
        raise UsageError(RULE, "Ray is not installed", 'Install it: pip install "llm-mri-graph[ray]"')
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing about its users is sent anywhere
    ray = import_module("ray")
    connected = ray.is_initialized()
    if not connected:
        _connect(ray, wanted)
    try:
        yield ray, room(_nodes(ray), wanted)
    finally:
        if not connected:
            ray.shutdown()


def _connect(ray: Any, wanted: Wanted) -> None:
    with suppress(AttributeError):
        # lines on lost workers would stand on standard output, whatever `log_to_driver` is: we have our own
        ray._private.worker._worker_logs_enabled = False
    quiet = {"logging_level": "ERROR", "log_to_driver": False, "namespace": "llm-mri"}
    if wanted.address is None:
        cores = max(os.cpu_count() or 1, wanted.workers or 1)
        # an address in the environment is that of a cluster nobody named here
        ray.init(address="local", num_cpus=cores, include_dashboard=False, **quiet)
        return
    try:
        _check_answers(wanted.address)
        ray.init(address=wanted.address, **quiet)
    except (ConnectionError, OSError, ValueError, RuntimeError, ray.exceptions.RayError) as error:
        reason = textwrap.shorten(str(error), 200, placeholder=" …")
        remedy = "Check --ray-address, or leave it out to start one on this machine"
        if os.environ.get("RAY_AUTH_MODE") != "token":
            remedy += f". {SIGN_IN}"
        raise MriError(RULE, f"That at {wanted.address} cannot be used: {reason}", remedy) from error


def _check_answers(address: str) -> None:
    """Raises `OSError` if nothing listens at HOST:PORT: Ray itself would try for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host.strip("[]"), int(port)), timeout=ANSWER).close()


def _nodes(ray: Any) -> list[Node]:
    resources = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    return [Node(int(found.get("CPU", 0)), float(found.get("GPU", 0.0))) for found in resources]
