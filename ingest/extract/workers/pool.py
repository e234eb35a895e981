"""Sends batches to workers, takes their rows, and goes on where a worker is lost."""

from __future__ import annotations

import textwrap
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from typing import Any

from ingest.extract.batches import Batches, Text
from ingest.extract.extraction import Executor
from ingest.extract.prefetch import Window
from ingest.extract.reader import Reading
from ingest.extract.records import Conditions, Found, Library, Notify, Traits
from ingest.extract.workers.cluster import Room, Wanted, cluster
from ingest.extract.workers.worker import Answer, Worker
from ingest.model.loading import LoadedModel
from ingest.model.tokens import Encoded
from mri_core.errors import MriError
from mri_core.records.corpus import Document

AHEAD = 2  # batches at a worker: one runs while the next is on its way
TRIES = 2  # of a batch whose worker is lost
WAITING = 30.0  # seconds without a worker after which that is said
PATIENCE = 900.0  # seconds without a worker after which the scan is given up: clusters that grow take minutes
LOST = "A worker runs its batches to their end"
GOES_ON = "Run it again: it goes on from there"
ENCODE = "encode"  # texts are encoded while a batch runs
WORKERS_A_WINDOW = 4  # a window has batches enough for some
PACKAGE = "llm-mri-graph"


@dataclass(eq=False)
class _Member:
    """A worker with what it was sent, in order.

    Attributes:
        actor: Ray's handle.
        loaded: what comes once the model is loaded.
        up: whether it is.
        sent: batches, with what comes of each.
    """

    actor: Any
    loaded: Any
    up: bool = False
    sent: deque[tuple[Any, list[Text]]] = field(default_factory=deque)


class Workers:
    """An `Executor` whose batches are run by the workers of a cluster.

    Batches are those that one process would run, and the journal has them one by one: a scan that began here can go on
    there. Each is sent to the worker that has the fewest of those that have loaded the model, and once more to another
    if its own is lost.

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
        self._tries: Counter[int] = Counter()  # by the first text of a batch
        self._begun: tuple[int, Library | None] | None = None
        self._members: list[_Member] = []

    def start(self) -> None:
        """Starts the workers, and waits for one that has loaded the model.

        Raises:
            MriError: no worker starts, one has another version of this package, or the model cannot be loaded.
        """
        self._members += [self._hired() for _ in range(self._room.workers)]
        places = [member.actor.where.remote() for member in self._members]
        first = self._event([])
        self._check_versions(places)
        self.traits = self._take_on(next(member for member in self._members if member.loaded == first))
        workers, cores = _counted(self._room.workers, "worker"), _counted(self._room.cores, "core")
        self._notify(f"Ray runs the model in {workers} of {cores} each.")

    def begin(self, work: int, library: Library | None = None) -> Library | None:
        """As `Executor.begin`: one worker chooses the library of matrix products for all."""
        first, *others = self._up
        chosen: Library | None = self._value(first.actor.begin.remote(work, library))
        self._begun = work, chosen
        for member in others:
            member.actor.begin.remote(work, chosen)
        return chosen

    @contextmanager
    def encoded(self, windows: Iterator[list[Document]]) -> Iterator[Iterator[Window]]:
        """As `Executor.encoded`: each window is encoded by one worker, while it runs batches."""

        def ready() -> Iterator[Window]:
            coming: deque[tuple[list[Document], Any]] = deque()
            ahead = 2 + self._room.workers // WORKERS_A_WINDOW
            for turn, window in enumerate(windows):
                coming.append((window, self._encode(window, turn)))
                if len(coming) == ahead:
                    yield self._encoding(*coming.popleft())
            yield from (self._encoding(*one) for one in coming)

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
                self._take_on(next(member for member in self._members if member.loaded == event))
                continue
            member = heads[event]
            try:
                answer: Answer = self._value(event)
            except self._gone as error:
                self._replace(member, error)
                continue
            _, batch = member.sent.popleft()
            for line in answer.notes:
                self._notify(line)
            yield batch, answer.found

    def conditions(self) -> Conditions:
        """As `Executor.conditions`: those of a worker that ran a batch, and the number of all."""
        found: list[Conditions] = []
        for member in self._up:
            with suppress(*self._gone):
                found.append(self._value(member.actor.conditions.remote()))
        if not found:
            raise MriError(LOST, "All were lost as the scan ended", GOES_ON)
        used = next((one for one in found if one.products is not None), found[0])
        return replace(used, workers=self._room.workers)

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
        actor = self._remote.remote(*self._arguments)
        return _Member(actor, actor.load.remote())

    def _send(self, batches: Batches) -> None:
        """Sends batches to the workers that have fewest, until each has enough."""
        while (up := self._up) and len((member := min(up, key=lambda one: len(one.sent))).sent) < AHEAD:
            batch = self._again.pop() if self._again else batches.take()
            if batch is None:
                return
            member.sent.append((member.actor.read.remote([text.encoded for text in batch]), batch))

    def _replace(self, member: _Member, error: Exception) -> None:
        """Puts another worker in the place of one that was lost, and its batches back.

        Raises:
            MriError: the batch that it ran has lost a worker before.
        """
        _, running = member.sent[0]
        self._tries[running[0].ordinal] += 1
        if self._tries[running[0].ordinal] == TRIES:
            fact = f"{TRIES} ended as they ran {_named(running)}: short of memory, or ended from outside"
            remedy = f"{GOES_ON}. If memory is short, take fewer --workers or --batch-tokens"
            raise MriError(LOST, fact, remedy) from error
        self._notify(f"A worker was lost as it ran {_named(running)}: another one runs them again.")
        self._again += [batch for _, batch in reversed(member.sent)]
        self._end(member)
        self._members[self._members.index(member)] = self._hired()

    def _take_on(self, member: _Member) -> Traits:
        """Counts on a worker, which has loaded the model.

        Raises:
            MriError: it could not, or it was lost meanwhile.
        """
        try:
            traits: Traits = self._value(member.loaded)
        except self._gone as error:
            raise _not_loaded(error) from error
        member.up = True
        if self._begun is not None:
            member.actor.begin.remote(*self._begun)
        return traits

    def _event(self, batches: list[Any]) -> Any:
        """The next of these batches that is done, or the next worker that has loaded the model.

        Raises:
            MriError: there is no batch, and no worker comes.
        """
        waited = 0.0
        coming = [*batches, *(member.loaded for member in self._members if not member.up)]
        while not (done := self._ray.wait(coming, num_returns=1, timeout=WAITING)[0]):
            if batches:
                continue
            waited += WAITING
            wanted = f"{_counted(self._room.workers, 'worker')} of {_counted(self._room.cores, 'core')} each"
            if waited >= PATIENCE:
                fact = f"None of {wanted} was ready within {waited / 60:.0f} minutes"
                raise MriError("A scan needs at least one worker", fact, "Take fewer --workers, or free the cluster")
            self._notify(f"Waiting for {wanted}: the cluster has no room yet, or they load the model.")
        return done[0]

    def _check_versions(self, places: list[Any]) -> None:
        up, _ = self._ray.wait(places, num_returns=len(places), timeout=0)
        ours = version(PACKAGE)
        for place in up:
            with suppress(*self._gone):
                machine, _, theirs = self._value(place)
                if theirs != ours:
                    fact = f"This process has {ours}, a worker on {machine} {theirs}"
                    remedy = "Install the same one on all machines"
                    raise MriError(f"Workers have the same version of {PACKAGE}", fact, remedy)

    def _encode(self, window: list[Document], turn: int) -> Any:
        up = self._up
        member = up[turn % len(up)]
        texts = [document.text for document in window]
        return member.actor.encode.options(concurrency_group=ENCODE).remote(texts)

    def _encoding(self, window: list[Document], encoding: Any) -> Window:
        """The window with its encoded texts, by another worker if the one that was asked is lost."""
        for turn in range(len(self._up) + 1):
            try:
                found: list[Encoded] = self._value(encoding)
            except self._gone:
                encoding = self._encode(window, turn)
            else:
                return window, found
        fact = f"None is left for D{window[0].ordinal} to D{window[-1].ordinal}"
        raise MriError(LOST, fact, GOES_ON)

    def _value(self, reference: Any) -> Any:
        """What a worker returned; raises what it returned as an error, or raised."""
        try:
            found = self._ray.get(reference)
        except self._ray.exceptions.RayTaskError as error:
            raise error.cause from error
        if isinstance(found, MriError):
            raise found
        return found


@contextmanager
def workers(wanted: Wanted, load: Callable[[], LoadedModel], reading: Reading, notify: Notify) -> Iterator[Executor]:
    """Runs batches by workers of a Ray cluster.

    Args:
        wanted: of the cluster.
        load: loads the model, in each worker once; Ray sends it there.
        reading: how texts are read.
        notify: receives what becomes of the workers.

    Raises:
        UsageError: Ray is not installed.
        MriError: what `cluster` and `Workers.start` raise.
    """
    with cluster(wanted) as (ray, found):
        pool = Workers(ray, found, wanted.gpus, load, reading, notify)
        try:
            pool.start()
            yield pool
        finally:
            pool.end()


def _not_loaded(error: Exception) -> MriError:
    """What is said of a worker that ended before it had loaded the model."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    if "creation task" in lines[0]:  # what it was sent could not be read there
        fact = f"One could not: {textwrap.shorten(lines[-1], 200, placeholder=' …')}"
        return MriError("A worker has the packages of this process", fact, "Install the same ones on all machines")
    remedy = "Take fewer --workers, or machines with more memory"
    return MriError("A worker holds the model in its memory", "One ended as it loaded it", remedy)


def _named(batch: list[Text]) -> str:
    """Documents by their ids."""
    ids = sorted(text.ordinal for text in batch)
    return f"D{ids[0]}" if len(ids) == 1 else f"{len(ids)} documents from D{ids[0]} to D{ids[-1]}"


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'}"
