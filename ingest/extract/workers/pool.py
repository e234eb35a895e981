"""Sends batches to workers, takes their rows, and goes on where a worker is lost."""

from __future__ import annotations

import textwrap
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

from ingest.extract.batches import Batches, Text
from ingest.extract.extraction import Executor
from ingest.extract.prefetch import Window
from ingest.extract.reader import Reading
from ingest.extract.records import Conditions, Found, Library, Notify, Traits
from ingest.extract.workers.cluster import ClusterOptions, Room, cluster
from ingest.extract.workers.worker import Answer, Place, Worker, software
from ingest.model.loading import LoadedModel
from ingest.model.tokens import Encoded
from mri_core.errors import MriError
from mri_core.numbers import how_many
from mri_core.records.corpus import Document

AHEAD = 2  # batches at a worker: one runs while the next is on its way
TRIES = 2  # of a batch, or of a window's texts, whose worker is lost
LOADS = 3  # workers that may be lost as they load the model
WAITING = 30.0  # seconds before a line reports that the cluster has no room
PATIENCE = 900.0  # seconds without a worker after which the scan is given up
WORKERS_A_WINDOW = 4  # a window has batches enough for some
ENCODE = "encode"  # what a worker does while it runs a batch or loads the model
LOST = "A worker runs its batches to their end"
GOES_ON = "Run it again: it goes on from there"


@dataclass(eq=False)
class _Member:
    """A worker with what it was sent, in order.

    Attributes:
        actor: Ray's handle.
        started, loaded: references to what comes once its process runs, and once it has loaded the model.
        place: what it said when it started.
        up: whether it has loaded the model.
        sent: batches, with a reference to what comes of each.
    """

    actor: Any
    started: Any
    loaded: Any
    place: Place | None = None
    up: bool = False
    sent: deque[tuple[Any, list[Text]]] = field(default_factory=deque)


class Workers:
    """An `Executor` whose batches are run by the workers of a cluster.

    Batches are those that one process would run, and the journal has them one by one: a scan that began here can go on
    there. Each is sent to the least busy of the workers that have loaded the model, and once more to another if its own
    is lost.

    Args:
        ray: the module, connected.
        room: number and cores of the workers.
        gpus: of each.
        load: loads the model, in each worker once.
        reading: how texts are read.
        notify: receives what becomes of the workers.
    """

    traits: Traits

    def __init__(
        self, ray: Any, room: Room, gpus: float, load: Callable[[], LoadedModel], reading: Reading, notify: Notify
    ) -> None:
        self._ray, self._room, self._notify = ray, room, notify
        errors = ray.exceptions
        self._gone = errors.RayActorError, errors.ObjectLostError, errors.WorkerCrashedError, errors.OutOfMemoryError
        options = {"num_cpus": room.cores, "num_gpus": gpus, "max_restarts": 0, "concurrency_groups": {ENCODE: 1}}
        self._remote = ray.remote(**options)(Worker)
        self._arguments = load, reading
        self._again: list[list[Text]] = []  # batches whose worker was lost
        self._tries: Counter[tuple[int, ...]] = Counter()  # by the ordinals of a batch
        self._lost_loading = 0
        self._begun: tuple[int, Library | None] | None = None
        self._members: list[_Member] = []
        self._most = 0  # workers at once
        self._since = 0.0  # when a worker was last asked for
        self._short_of_room = False  # which was reported

    def start(self) -> None:
        """Starts the workers, and waits for one that has loaded the model.

        Raises:
            MriError: no worker starts, one has other software, or the model cannot be loaded.
        """
        self._members += [self._hired() for _ in range(self._room.workers)]
        self._wait_until_up()
        self._notify(f"Ray runs the model in {self._asked}.")

    def wait_for_all(self) -> None:
        """Waits until every worker has loaded the model; raises what `start` raises."""
        while not all(member.up for member in self._members):
            self._welcome(self._event([]))

    def begin(self, work: int, library: Library | None = None) -> Library | None:
        """As `Executor.begin`: one worker chooses the library of matrix products for all."""
        while self._begun is None:
            self._wait_until_up()
            first = self._up[0]
            try:
                self._begun = work, self._value(first.actor.begin.remote(work, library))
            except self._gone as error:
                self._lose(first, error)
            for other in [member for member in self._up if member is not first]:
                self._begin(other)
        return self._begun[1]

    @contextmanager
    def encoded(self, windows: Iterator[list[Document]]) -> Iterator[Iterator[Window]]:
        """As `Executor.encoded`: each window is encoded by one worker, while it runs batches."""

        def ready() -> Iterator[Window]:
            coming: deque[tuple[list[Document], _Member, Any]] = deque()
            ahead = 2 + self._room.workers // WORKERS_A_WINDOW
            for turn, window in enumerate(windows):
                coming.append((window, *self._encode(window, turn)))
                if len(coming) == ahead:
                    yield self._encoding(*coming.popleft())
            while coming:
                yield self._encoding(*coming.popleft())

        yield ready()

    def run(self, batches: Batches) -> Iterator[tuple[list[Text], Found | None]]:
        """As `Executor.run`."""
        while True:
            self._send(batches)
            heads = {member.sent[0][0]: member for member in self._members if member.sent}
            if not heads and self._up:
                return
            event = self._event(list(heads))
            if event not in heads:
                self._welcome(event)
                continue
            member = heads[event]
            try:
                answer: Answer = self._value(event)
            except self._gone as error:
                self._lose(member, error)
                continue
            _, batch = member.sent.popleft()
            for line in answer.notes:
                self._notify(line)
            yield batch, answer.found

    def conditions(self) -> Conditions:
        """As `Executor.conditions`: of all workers together."""
        found: list[Conditions] = []
        for member in self._up:
            with suppress(*self._gone):
                found.append(self._value(member.actor.conditions.remote()))
        if not found:
            raise MriError(LOST, "All were lost as the scan ended", GOES_ON)
        products = sorted({part for one in found if one.products for part in one.products.split(" and ")})
        return replace(
            found[0],
            products=" and ".join(products) or None,
            compiled=any(one.compiled for one in found),
            workers=self._most,
        )

    def end(self) -> None:
        """Ends the workers."""
        for member in self._members:
            self._end(member)

    def _end(self, member: _Member) -> None:
        with suppress(Exception):  # a cluster that is gone has ended it
            self._ray.kill(member.actor)

    @property
    def _up(self) -> list[_Member]:
        return [member for member in self._members if member.up]

    def _hired(self) -> _Member:
        """A new worker, which loads the model."""
        self._since = time.monotonic()
        actor = self._remote.remote(*self._arguments)
        return _Member(actor, actor.where.options(concurrency_group=ENCODE).remote(), actor.load.remote())

    def _send(self, batches: Batches) -> None:
        """Sends batches to the least busy workers, until each has enough."""
        while (member := self._free()) is not None:
            batch = self._again.pop() if self._again else batches.take()
            if batch is None:
                return
            if member in self._members:  # taking a batch may have shown that it is lost
                member.sent.append((member.actor.read.remote(batch), batch))
            else:
                self._again.append(batch)

    def _free(self) -> _Member | None:
        """The least busy worker that may be sent a batch.

        One that is run again is sent alone: else its rows could be lost once more with a worker that the batch after it
        ends, and it would be taken for the cause.
        """
        free = [one for one in self._up if len(one.sent) < (1 if self._again or self._runs_again(one) else AHEAD)]
        return min(free, key=lambda one: len(one.sent), default=None)

    def _runs_again(self, member: _Member) -> bool:
        return any(tuple(text.ordinal for text in batch) in self._tries for _, batch in member.sent)

    def _lose(self, member: _Member, error: Exception) -> None:
        """Puts another worker in the place of one that was lost, and its batches back.

        Raises:
            MriError: the batch that it ran has ended a worker before.
        """
        if member not in self._members:
            return
        running = member.sent[0][1] if member.sent else None
        if running is not None and self._is_there(member):  # else its machine is lost, which no batch did
            key = tuple(text.ordinal for text in running)
            self._tries[key] += 1
            if self._tries[key] == TRIES:
                raise _ended_again(_named(running)) from error
        what = "" if running is None else f" as it ran {_named(running)}, which another one runs again"
        self._notify(f"A worker was lost{what}.")
        self._again += [batch for _, batch in reversed(member.sent)]
        self._end(member)
        self._members[self._members.index(member)] = self._hired()

    def _is_there(self, member: _Member) -> bool:
        """Whether the machine of a worker is still part of the cluster."""
        alive = {node["NodeID"] for node in self._ray.nodes() if node["Alive"]}
        return member.place is None or member.place.node in alive

    def _welcome(self, reference: Any) -> None:
        """Takes note of a worker whose process runs, or which has loaded the model.

        Raises:
            MriError: it has other software, or could not load the model; or too many were lost as they loaded it.
        """
        member = next(one for one in self._members if reference in (one.started, one.loaded))
        try:
            if reference == member.started:
                member.place = self._value(reference)
                _check_software(member.place)
                return
            self.traits = self._value(reference)
        except self._gone as error:
            self._lose_loading(member, error)
            return
        member.up = True
        self._most = max(self._most, len(self._up))
        if self._begun is not None:
            self._begin(member)

    def _begin(self, member: _Member) -> None:
        """Prepares a worker as the first one was."""
        assert self._begun is not None  # noqa: S101 -- of `begin`
        try:
            self._value(member.actor.begin.remote(*self._begun))
        except self._gone as error:
            self._lose(member, error)

    def _lose_loading(self, member: _Member, error: Exception) -> None:
        """Replaces a worker that was lost before it had loaded the model; after some, the others go on without it."""
        if "creation task" in str(error):  # what it was sent could not be read there
            last = [line.strip() for line in str(error).splitlines() if line.strip()][-1]
            fact = f"One could not read what it was sent: {textwrap.shorten(last, 200, placeholder=' …')}"
            raise MriError("Workers have the packages of this process", fact, "Install the same ones there") from error
        self._end(member)
        self._lost_loading += 1
        place = self._members.index(member)
        if self._lost_loading < LOADS:
            self._notify("A worker was lost as it loaded the model: another one takes its place.")
            self._members[place] = self._hired()
            return
        if len(self._members) == 1 or not self._up:
            fact = f"{LOADS} ended as they loaded it"
            remedy = "Take fewer --workers, or machines with more memory"
            raise MriError("A worker holds the model in its memory", fact, remedy) from error
        del self._members[place]
        self._notify(f"Workers are lost as they load the model: going on with {len(self._members)}.")

    def _wait_until_up(self) -> None:
        """Waits for a worker that has loaded the model."""
        while not self._up:
            self._welcome(self._event([]))

    def _event(self, batches: list[Any]) -> Any:
        """The next of these batches that is done, worker that has started, or worker that has loaded the model.

        Raises:
            MriError: there is no batch, and no worker starts.
        """
        starting = [member.started for member in self._members if member.place is None]
        loading = [member.loaded for member in self._members if not member.up]
        # what has started comes first: a worker's software is checked before its model is counted on
        while not (done := self._wait([*starting, *batches, *loading])):
            self._report_no_room(len(starting))
            nothing_runs = len(starting) == len(self._members)
            if nothing_runs and time.monotonic() - self._since > PATIENCE:
                fact = f"None of {self._asked} was started within {PATIENCE / 60:.0f} minutes"
                raise MriError("A scan needs at least one worker", fact, "Take fewer --workers, or free the cluster")
        return done[0]

    def _wait(self, references: list[Any]) -> list[Any]:
        try:
            done: list[Any] = self._ray.wait(references, num_returns=1, timeout=WAITING)[0]
        except ConnectionError as error:
            raise _disconnected(error) from error
        return done

    def _report_no_room(self, workers: int) -> None:
        """Reports once that some workers are not started."""
        if workers and not self._short_of_room:
            self._short_of_room = True
            self._notify(f"The cluster has no room yet for {workers} of {self._asked}.")

    @property
    def _asked(self) -> str:
        each = "" if self._room.workers == 1 else " each"
        return f"{how_many(self._room.workers, 'worker')} of {how_many(self._room.cores, 'core')}{each}"

    def _encode(self, window: list[Document], turn: int) -> tuple[_Member, Any]:
        self._wait_until_up()
        up = self._up
        member = up[turn % len(up)]
        texts = [document.text for document in window]
        return member, member.actor.encode.options(concurrency_group=ENCODE).remote(texts)

    def _encoding(self, window: list[Document], member: _Member, encoding: Any) -> Window:
        """The window with its encoded texts, once more by another worker if the one that was asked is lost."""
        for tried in range(TRIES):
            try:
                found: list[Encoded] = self._value(encoding)
            except self._gone as error:
                if tried + 1 == TRIES:
                    raise _ended_again(f"D{window[0].ordinal} to D{window[-1].ordinal}") from error
                self._lose(member, error)
                member, encoding = self._encode(window, tried)
            else:
                break
        return window, found

    def _value(self, reference: Any) -> Any:
        """What a worker returned; raises what it returned as an error, or raised."""
        errors = self._ray.exceptions
        try:
            found = self._ray.get(reference)
        except errors.RayTaskError as error:
            raise error.cause from error
        except self._gone:
            raise
        except (errors.RayError, ConnectionError) as error:
            raise _disconnected(error) from error
        if isinstance(found, MriError):
            raise found
        return found


@contextmanager
def workers(
    options: ClusterOptions, load: Callable[[], LoadedModel], reading: Reading, notify: Notify
) -> Iterator[Executor]:
    """Runs batches by workers of a Ray cluster.

    Args:
        options: of the cluster.
        load: loads the model, in each worker once; Ray sends it there.
        reading: how texts are read.
        notify: receives what becomes of the workers.

    Raises:
        UsageError: Ray is not installed.
        MriError: what `cluster` and `Workers.start` raise.
    """
    with cluster(options) as (ray, found):
        pool = Workers(ray, found, options.gpus, load, reading, notify)
        try:
            pool.start()
            yield pool
        finally:
            pool.end()


def _check_software(place: Place) -> None:
    """Raises `MriError` unless a worker computes with the versions of this process."""
    ours = software()
    differing = [(name, version) for name, version in place.software if version != dict(ours)[name]]
    if differing:
        here = " and ".join(f"{name} {dict(ours)[name]}" for name, _ in differing)
        there = " and ".join(f"{name} {version}" for name, version in differing)
        fact = f"This process has {here}, a worker on {place.machine} {there}"
        raise MriError("Workers have the versions of this process", fact, "Install the same ones on all machines")


def _ended_again(named: str) -> MriError:
    fact = f"{TRIES} ended as they ran {named}: short of memory, or ended from outside"
    return MriError(LOST, fact, f"{GOES_ON}. If memory is short, take fewer --workers or --batch-tokens")


def _disconnected(error: Exception) -> MriError:
    reason = textwrap.shorten(str(error), 200, placeholder=" …")
    return MriError("A scan by workers needs their cluster", f"Ray reports: {reason}", GOES_ON)


def _named(batch: list[Text]) -> str:
    """Documents by their ids."""
    ids = sorted(text.ordinal for text in batch)
    return f"D{ids[0]}" if len(ids) == 1 else f"{len(ids)} documents from D{ids[0]} to D{ids[-1]}"
