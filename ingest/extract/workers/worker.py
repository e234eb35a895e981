"""A worker: a process that has loaded the model once and runs the batches that it is sent."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Sequence
from functools import wraps
from importlib.metadata import version
from threading import Event
from typing import Concatenate, NamedTuple, ParamSpec, TypeVar

from ingest.extract.batches import Text
from ingest.extract.reader import BatchReader, Reading
from ingest.extract.records import Conditions, Found, Library, Traits
from ingest.model.loading import LoadedModel
from ingest.model.tokens import Encoded
from mri_core.errors import MriError

SOFTWARE = ("llm-mri-graph", "torch", "transformers", "tokenizers")

P = ParamSpec("P")
T = TypeVar("T")


class Answer(NamedTuple):
    """A batch's rows and facts, None if memory ran out; and lines for the user."""

    found: Found | None
    notes: tuple[str, ...] = ()


class Place(NamedTuple):
    """Where a worker runs.

    Attributes:
        machine: its name.
        node: Ray's id of it.
        process: on it.
        software: what `software` gives there.
    """

    machine: str
    node: str
    process: int
    software: tuple[tuple[str, str], ...]


def software() -> tuple[tuple[str, str], ...]:
    """Names and versions of the packages that rows depend on."""
    return tuple((name, version(name)) for name in SOFTWARE)


def _returned(
    method: Callable[Concatenate[Worker, P], T],
) -> Callable[Concatenate[Worker, P], T | MriError]:
    """Returns what users can mend, as Ray wraps what is raised."""

    @wraps(method)
    def call(worker: Worker, /, *args: P.args, **options: P.kwargs) -> T | MriError:
        try:
            return method(worker, *args, **options)
        except MriError as error:
            return error

    return call


class Worker:
    """What runs in a worker's process. Methods return errors that users can mend.

    Args:
        load: loads the model.
        reading: how texts are read.
    """

    def __init__(self, load: Callable[[], LoadedModel], reading: Reading) -> None:
        self._load, self._reading = load, reading
        self._notes: list[str] = []
        self._ready = Event()
        self._found: BatchReader | MriError

    def where(self) -> Place:
        """Machine, process and software."""
        import ray

        return Place(socket.gethostname(), ray.get_runtime_context().get_node_id(), os.getpid(), software())

    @_returned
    def load(self) -> Traits:
        """Loads the model."""
        try:
            self._found = BatchReader(self._load(), self._reading, self._notes.append)
        except MriError as error:
            self._found = error
        finally:
            self._ready.set()
        return self._reader.traits

    @_returned
    def begin(self, work: int, library: Library | None) -> Library | None:
        """As `BatchReader.begin`."""
        return self._reader.begin(work, library)

    @_returned
    def encode(self, texts: Sequence[str]) -> list[Encoded]:
        """Encodes texts for the model, once it is loaded."""
        return self._reader.encode(texts)

    @_returned
    def read(self, texts: Sequence[Text]) -> Answer:
        """Runs a batch."""
        found = self._reader.read(texts)
        notes, self._notes[:] = tuple(self._notes), []
        return Answer(found, notes)

    @_returned
    def conditions(self) -> Conditions:
        """How the rows came about here."""
        return self._reader.conditions()

    @property
    def _reader(self) -> BatchReader:
        self._ready.wait()
        if isinstance(self._found, MriError):
            raise self._found
        return self._found
