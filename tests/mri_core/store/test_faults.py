"""Loads on a server that goes away: nothing is half visible, nothing twice, and the load goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from mri_core.errors import StoreError
from mri_core.records.graph import StudyGraph
from mri_core.store import loading, owner, rows
from mri_core.store.bolt import driver, retrying
from mri_core.store.bolt.driver import Run, Writer
from mri_core.store.bolt.failures import ConnectionLostError
from mri_core.store.bolt.retrying import Patient
from mri_core.store.checksums import checksum
from mri_core.store.store import Store
from tests.engines import URL, Engine, server
from tests.planted import planted_graph, random_codes
from tests.ui.gate import Gate

pytestmark = [pytest.mark.engine, pytest.mark.slow]  # processes are ended and waited for

SMALL = 100  # relationships in a transaction, so that a load of a few hundred documents has many
LOADER = f"""
import sys
from mri_core.store import open_store, rows
from tests.planted import planted_graph, random_codes
rows.BATCH = {SMALL}
graph = planted_graph("died", codes=random_codes(300, 4, 6, 0))
with open_store(sys.argv[1]) as store:
    store.write(graph, progress=lambda done, total: print(done, total, flush=True))
"""


class Unlucky:
    """A writer on a real store whose transaction number `at` loses its server: before it is sent, or after it is done.

    Otherwise it is the writer that it is given.
    """

    def __init__(self, writer: Writer, at: int, done: bool) -> None:
        self._writer, self._left, self._done = writer, at, done

    def transact(self, work: Callable[[Run], Any]) -> Any:
        self._left -= 1
        if self._left == 0 and not self._done:
            raise ConnectionLostError("The server went away before it heard of it")
        result = self._writer.transact(work)
        if self._left == 0:
            raise ConnectionLostError("The server went away before it could answer")
        return result

    def at_once(self) -> Writer:
        return self._writer


@pytest.fixture
def writer(engine: Engine) -> Iterator[Writer]:
    opened = Writer(engine.connect())
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "PAUSE", 0.01)


def load(writer: Any, graph: StudyGraph, told: list[str] | None = None) -> str:
    patient = Patient(lambda: writer, lambda: None, None if told is None else told.append)
    return loading.load(
        patient, graph.study, rows.batches(graph), replace=True, progress=lambda done: None, notify=None
    )


@pytest.mark.once
@pytest.mark.parametrize("done", [False, True])
def test_a_load_that_loses_its_server_at_any_transaction_is_whole_in_the_end(
    store: Store, writer: Writer, done: bool
) -> None:
    name = f"unlucky-{done}"
    graphs = [planted_graph(name, codes=random_codes(24, 3, 3, seed), seed=seed) for seed in (1, 2)]
    whole = []
    for graph in graphs:
        store.write(graph, replace=True)
        whole.append(checksum(store, graph.study))
    for at in range(1, 100):
        old, graph = graphs[at % 2], graphs[1 - at % 2]  # each takes the other's place
        told: list[str] = []
        assert load(Unlucky(writer, at, done), graph, told) == "ready"
        assert [study.id for study in store.studies() if study.name == name] == [graph.study.id]
        assert checksum(store, graph.study) == whole[1 - at % 2], at
        assert store.read("MATCH (n {study: $old}) RETURN count(n)", {"old": old.study.id}).rows == ((0,),)
        assert store.read("MATCH (s:Study {name: $n}) RETURN s.batches, s.taken_at", {"n": name}).rows == (
            (None, None),
        )
        if not told:  # the load had fewer transactions than that
            break
    assert at > 10


def test_a_server_that_does_not_come_back_ends_the_load_in_time(
    store: Store, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrying, "PATIENCE", 0.2)

    class Gone(Unlucky):
        def transact(self, work: Callable[[Run], Any]) -> Any:
            self._left -= 1
            if self._left < 0:
                raise ConnectionLostError("The server went away", "Connection refused")
            return self._writer.transact(work)

    graph = planted_graph("gone")
    with pytest.raises(StoreError, match=r"minutes to come back.*Connection refused.*resumes the load"):
        load(Gone(writer, 7, done=False), graph)
    assert not store.is_ready(graph.study.id)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, "SILENCE", 0.0)  # the one that gave up is this very process
        assert store.write(graph) == "ready"


@pytest.fixture
def shaky(neo4j_server: Engine, neo4j_home: Path) -> tuple[Engine, Path]:
    """The session's Neo4j server and its folder, to be killed and started again: it keeps its data."""
    if os.environ.get(URL):
        pytest.skip(f"A KILLED NEO4J IS NOT TESTED: the server that {URL} names is not ours to kill")
    return neo4j_server, neo4j_home


def port_of(engine: Engine) -> int:
    return int(engine.location.rpartition(":")[2])


def test_a_server_killed_during_a_load_and_started_again_loses_nothing(
    shaky: tuple[Engine, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "PATIENCE", 0.5)  # the driver's own tries end before the server is back
    engine, home = shaky
    graph = planted_graph("restart", codes=random_codes(2000, 5, 10, 0))
    told: list[str] = []

    def restart() -> None:
        server("kill", home, port_of(engine))
        server("start", home, port_of(engine))  # which takes seconds

    restarting = threading.Thread(target=restart)

    def begin(done: int, total: int) -> None:
        if done > total / 3 and restarting.ident is None:
            restarting.start()

    with Store(engine.connect) as store:
        assert store.write(graph, progress=begin, notify=told.append) == "ready"
        restarting.join()
        assert len(told) == 1
        assert "went away" in told[0]
        disturbed = checksum(store, graph.study)
        store.delete(graph.study)
        store.write(graph)
        assert checksum(store, graph.study) == disturbed
        store.delete(graph.study)


def test_a_loader_that_is_killed_leaves_nothing_in_sight_and_is_followed(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "BATCH", SMALL)
    graph = planted_graph("died", codes=random_codes(300, 4, 6, 0))
    root = Path(__file__).parents[3]
    environment = {**os.environ, **engine.environment, "PYTHONPATH": str(root)}
    with Store(engine.connect) as store:
        for steps in (1, 4, 9):
            with subprocess.Popen(
                [sys.executable, "-c", LOADER, engine.location], stdout=subprocess.PIPE, env=environment, cwd=root
            ) as loader:
                assert loader.stdout is not None
                for _ in range(steps):
                    assert loader.stdout.readline()
                loader.send_signal(signal.SIGKILL)
            left = store.read("MATCH (s:Study {name: 'died'}) RETURN s.status").rows
            assert left == (("loading",),)
            assert "died" not in {study.name for study in store.studies()}
        assert store.write(graph) == "ready"
        followed = checksum(store, graph.study)
        store.delete(graph.study)
        store.write(graph)
        assert checksum(store, graph.study) == followed
        store.delete(graph.study)


def test_readers_see_one_of_two_studies_at_every_moment_of_a_replacement(engine: Engine) -> None:
    old, new = planted_graph("swapped", seed=1), planted_graph("swapped", seed=2)
    stop = threading.Event()
    seen: list[tuple[str, int]] = []

    def look() -> None:
        question = (
            "MATCH (s:Study {name: 'swapped', status: 'ready'})<-[:PART_OF]-(:Layer)<-[:IN_LAYER]-(r:Region) "
            "RETURN s.id AS id, count(r) AS regions"
        )
        with Store(engine.connect) as own:
            while not stop.is_set():
                seen.extend(own.read(question).rows)

    with Store(engine.connect) as store:
        store.write(old)
        reader = threading.Thread(target=look)
        reader.start()
        while not seen:
            time.sleep(0.01)
        store.write(new, replace=True)
        stop.set()
        reader.join()
        store.delete(new.study)
    whole = {(old.study.id, len(old.regions)), (new.study.id, len(new.regions))}
    assert set(seen) <= whole
    assert len(seen) > 3


def test_a_retried_stream_of_documents_is_read_once(store: Store, writer: Writer) -> None:
    graph = planted_graph("stream")
    once = replace(graph, documents=iter(graph.documents))
    assert load(Unlucky(writer, 9, done=True), once) == "ready"
    assert store.read("MATCH (n:Document {study: $s}) RETURN count(n)", {"s": graph.study.id}).rows == ((60,),)


def test_what_a_server_that_was_given_up_does_later_changes_nothing(store: Store, writer: Writer) -> None:
    graph = planted_graph("late")
    done: list[Callable[[Run], Any]] = []

    class Remembering(Unlucky):
        def transact(self, work: Callable[[Run], Any]) -> Any:
            done.append(work)
            if len(done) % 3 == 0:  # an earlier one arrives again, long after
                self._writer.transact(done[len(done) // 2])
            return self._writer.transact(work)

    assert load(Remembering(writer, 0, done=False), graph) == "ready"
    loaded = checksum(store, graph.study)
    for work in done:
        with suppress(StoreError):
            writer.transact(work)
    assert checksum(store, graph.study) == loaded
    store.delete(graph.study)
    store.write(graph)
    assert checksum(store, graph.study) == loaded


@pytest.mark.slow  # waits until patience ends
def test_a_server_that_hangs_is_given_up(shaky: tuple[Engine, Path]) -> None:
    engine, home = shaky
    process = psutil.Process(int((home / "pid").read_text()))
    with Store(engine.connect) as store:
        store.studies()
        process.suspend()
        try:
            while process.status() != psutil.STATUS_STOPPED:
                time.sleep(0.01)
            start = time.monotonic()
            with pytest.raises(StoreError, match="does not answer"):
                store.read("RETURN 1", timeout=60)
            assert time.monotonic() - start < 40
        finally:
            process.resume()
        assert store.read("RETURN 1").rows == ((1,),)


def test_a_load_begun_while_the_server_is_away_waits_for_it(
    neo4j_server: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "PATIENCE", 0.5)
    gate, graph, told = Gate(neo4j_server.location), planted_graph("patient"), []

    def back(line: str) -> None:
        told.append(line)
        gate.open()

    with Store(lambda: replace(neo4j_server.connect(), uri=gate.url)) as store:
        assert store.write(graph, notify=back) == "ready"
        store.delete(graph.study)
    gate.close()
    assert len(told) == 1
    assert "went away" in told[0]
