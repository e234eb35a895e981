"""A Ray cluster: found by its address, or started on this machine and ended; and how many workers it has room for."""

from __future__ import annotations

import os
import signal
import socket
import textwrap
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NamedTuple

from joblib import cpu_count

from mri_core.errors import MriError, UsageError
from mri_core.numbers import how_many

RULE = "--engine ray runs the model in workers of a Ray cluster"
CORES_A_WORKER = 4  # where no number of workers is given
SIGN_IN = "A cluster that asks for a token needs RAY_AUTH_MODE=token, and RAY_AUTH_TOKEN or ~/.ray/auth_token"
PRINTED = "_worker_logs_enabled"  # in `ray._private.worker`: whether it prints what becomes of workers
SIGNALS = (signal.SIGTERM, signal.SIGINT)
ANSWER = 10.0  # seconds to wait for a cluster's machine


@dataclass(frozen=True)
class ClusterOptions:
    """What is asked of a cluster.

    Attributes:
        address: of a running one; None to start one on this machine.
        workers: their number; None for one on each GPU, or one for every four cores.
        gpus: of each worker: a whole number, or a share where several use the same one; 0 for none.
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


def room(nodes: list[Node], options: ClusterOptions) -> Room:
    """How many workers there are to be, each on one machine, and of how many cores: the most that all can have.

    Raises:
        MriError: the machines have no room for so many, even of one core each.
    """
    most = _fitting(nodes, 1, options.gpus)
    workers = options.workers
    if workers is None:
        workers = most if options.gpus else _fitting(nodes, CORES_A_WORKER, 0) or 1
    if not 1 <= workers <= most:
        raise _too_few(nodes, options, workers, most)
    return Room(workers, max(c for c in range(1, max(n.cores for n in nodes) + 1) if _fits(nodes, c, options, workers)))


def _fits(nodes: list[Node], cores: int, options: ClusterOptions, workers: int) -> bool:
    return _fitting(nodes, cores, options.gpus) >= workers


def _fitting(nodes: list[Node], cores: int, gpus: float) -> int:
    """Number of workers of so many cores and GPUs that the machines hold."""
    return sum(min(node.cores // cores, _on_gpus(int(node.gpus), gpus) if gpus else node.cores) for node in nodes)


def _on_gpus(there: int, gpus: float) -> int:
    """Number of workers that so many GPUs of a machine hold: a share is of one."""
    return there * int(1 / gpus + 1e-9) if gpus <= 1 else there // int(gpus)


def _too_few(nodes: list[Node], options: ClusterOptions, workers: int, most: int) -> MriError:
    gpus = f" and {sum(node.gpus for node in nodes):g} GPUs" if options.gpus else ""
    share = how_many(int(options.gpus), "GPU") if options.gpus >= 1 else "its share of a GPU"
    each = f"a core and {share}" if options.gpus else "a core"
    cores = sum(node.cores for node in nodes)
    fact = f"{how_many(len(nodes), 'machine')} of {cores} cores{gpus} hold {most} of {max(workers, 1)}"
    return MriError(f"A worker has {each} to itself", fact, "Take fewer --workers, or a larger cluster")


@contextmanager
def cluster(options: ClusterOptions) -> Iterator[tuple[Any, Room]]:
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
    with ExitStack() as opened:
        if ray.is_initialized():
            _check_connected(ray, options)
        else:
            opened.enter_context(_connected(ray, options))
        yield ray, room(_nodes(ray), options)


@contextmanager
def _connected(ray: Any, options: ClusterOptions) -> Iterator[None]:
    """Connects, or starts a cluster; what Ray changes in this process is put back."""
    worker = ray._private.worker
    before = [(number, signal.getsignal(number)) for number in SIGNALS if _is_main_thread()]
    printed = getattr(worker, PRINTED, None)
    if printed is not None:  # lines on lost workers would stand on standard output, whatever `log_to_driver` is
        setattr(worker, PRINTED, False)
    try:
        _connect(ray, options)
        for number, handler in before:  # Ray's own prints a stack where a command is ended
            signal.signal(number, handler)
        yield
    finally:
        ray.shutdown()
        if printed is not None:
            setattr(worker, PRINTED, printed)


def _connect(ray: Any, options: ClusterOptions) -> None:
    quiet = {"logging_level": "ERROR", "log_to_driver": False, "namespace": "llm-mri"}
    try:
        if options.address is not None:
            _check_answers(options.address)
            ray.init(address=options.address, **quiet)
            return
        # an address in the environment is that of a cluster nobody named here
        ray.init(address="local", num_cpus=cpu_count(), include_dashboard=False, **quiet)
    except (ConnectionError, OSError, ValueError, RuntimeError, ray.exceptions.RayError) as error:
        reason = textwrap.shorten(str(error), 200, placeholder=" …")
        if options.address == "auto":
            reason = "none runs on this machine"
        if options.address is None:
            raise MriError(RULE, f"None can be started on this machine: {reason}") from error
        remedy = "Check --ray-address, or leave it out to start one on this machine"
        if "connect" in reason and os.environ.get("RAY_AUTH_MODE") != "token":  # something answers there
            remedy += f". {SIGN_IN}"
        raise MriError(RULE, f"That at {options.address} cannot be used: {reason}", remedy) from error


def _check_connected(ray: Any, options: ClusterOptions) -> None:
    """Raises `MriError` if this process is connected to another cluster than the one that is named."""
    here = ray.get_runtime_context().gcs_address
    if options.address not in (None, "auto", here):
        fact = f"This process is connected to that at {here}, and --ray-address is {options.address}"
        raise MriError(RULE, fact, "Leave the address out, or disconnect with ray.shutdown()")


def _is_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def _check_answers(address: str) -> None:
    """Raises `OSError` if nothing listens at HOST:PORT: Ray itself would try for minutes."""
    host, _, port = address.rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host.strip("[]"), int(port)), timeout=ANSWER).close()


def _nodes(ray: Any) -> list[Node]:
    resources = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    return [Node(int(found.get("CPU", 0)), float(found.get("GPU", 0.0))) for found in resources]
