"""The embedded engine of a folder: started once, found again, stopped, and refused in one line."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from mri_core.errors import StoreError, UsageError
from mri_core.store import loading, open_store
from mri_core.store.checksums import checksum
from mri_core.store.embedded import arcadedb, folder, lifecycle, supervisor
from mri_core.store.embedded.folder import Engine
from tests.planted import planted_graph, random_codes

ENGINES = ["embedded"]
REPOSITORY = Path(__file__).parents[3]

OPEN = """
import sys
from mri_core.store import loading, open_store
with open_store(sys.argv[1]) as store:
    print(len(store.studies()))
"""

LOAD = """
import sys, time
from dataclasses import replace
from mri_core.store import open_store, rows
from mri_core.store.bolt import driver
driver.PATIENCE = 3.0
from tests.planted import planted_graph, random_codes
rows.BATCH = 40
graph = planted_graph("killed", codes=random_codes(300, 4, 6, 0))
with open_store(sys.argv[1]) as store:
    print(store.write(graph, progress=lambda done, total: print(done, total, flush=True)), flush=True)
"""


def python(script: str, *arguments: object, **options) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def wait_for(condition, seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder whose engine these tests stop and kill; each leaves a store that works, with no study in it."""
    path = tmp_path_factory.mktemp("engines") / "store"
    yield path
    lifecycle.stop(path)


@pytest.fixture
def fresh(tmp_path):
    """A folder for a store of the test's own."""
    path = tmp_path / "own"
    yield path
    lifecycle.stop(path)


@pytest.fixture(autouse=True)
def no_study_is_left(request):
    yield
    if "place" in request.fixturenames:
        path = request.getfixturevalue("place")
        with open_store(path) as store:
            for study in store.studies():
                store.delete(study)


def test_an_engine_is_found_again_and_stopped(place):
    first = lifecycle.ensure(place)
    assert lifecycle.ensure(place).uri == first.uri
    assert lifecycle.status(place).running
    assert lifecycle.status(place).uri == first.uri
    assert lifecycle.stop(place)
    assert not lifecycle.status(place).running
    assert not lifecycle.stop(place)
    assert not (place / folder.STATE).exists()


def test_status_and_stop_make_nothing(tmp_path):
    assert lifecycle.status(tmp_path / "nowhere").exists is False
    assert lifecycle.stop(tmp_path / "nowhere") is False
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_two_processes_that_start_at_once_share_one_engine(fresh):
    processes = [python(OPEN, fresh) for _ in range(3)]
    for process in processes:
        out, err = process.communicate(timeout=90)
        assert (process.returncode, out.strip()) == (0, "0"), err
    running = [p for p in psutil.process_iter(["cmdline", "cwd"]) if p.info["cwd"] == str(fresh) and p.pid]
    assert len([p for p in running if "com.arcadedb.server.ArcadeDBServer" in (p.info["cmdline"] or [])]) == 1
    assert len([p for p in running if "mri_core.store.embedded.supervisor" in (p.info["cmdline"] or [])]) == 1


def test_the_engine_outlives_the_command_that_started_it_and_its_interrupt(place):
    process = python(OPEN, place, start_new_session=True)
    assert process.communicate(timeout=90)[0].strip() == "0"  # its pipes are closed: the engine holds none of them
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, signal.SIGINT)
    assert lifecycle.status(place).running


@pytest.mark.slow  # waits for what must not happen
def test_an_engine_without_clients_stops_by_itself(fresh, monkeypatch):
    monkeypatch.setenv(lifecycle.IDLE_VARIABLE, "2")
    with open_store(fresh) as store:
        store.studies()
        time.sleep(4)
        assert lifecycle.status(fresh).running  # an open connection is a client
        assert store.studies() == []
    assert wait_for(lambda: not lifecycle.status(fresh).running)
    assert wait_for(lambda: not (fresh / folder.STATE).exists())
    with open_store(fresh) as store:
        assert store.studies() == []


@pytest.mark.parametrize("seconds", ["0", "-1", "soon", "nan", "inf"])
def test_a_wrong_idle_time_is_refused(fresh, monkeypatch, seconds):
    monkeypatch.setenv(lifecycle.IDLE_VARIABLE, seconds)
    with pytest.raises(UsageError, match="MRI_STORE_IDLE"):
        lifecycle.ensure(fresh)


@pytest.mark.slow
def test_a_store_goes_on_after_its_engine_was_killed(place):
    graph = planted_graph("kept")
    with open_store(place) as store:
        assert store.write(graph) == "ready"
        counts = "MATCH (n) OPTIONAL MATCH (n)-[e]->() RETURN count(DISTINCT n), count(e)"
        before = store.read(counts).rows
        os.kill(Engine.load(place).pid, signal.SIGKILL)
        assert store.read(counts).rows == before
        assert store.write(planted_graph("next", seed=1)) == "ready"


def test_a_killed_supervisor_takes_its_engine_along_or_the_next_command_does(place):
    lifecycle.ensure(place)
    before = Engine.load(place)
    os.kill(before.keeper, signal.SIGKILL)
    if sys.platform == "linux":
        assert wait_for(lambda: not before.engine_runs(place))
    with open_store(place) as store:
        assert store.studies() == []
    assert Engine.load(place).pid != before.pid
    assert not before.engine_runs(place)


@pytest.mark.slow  # each of them killed alone is tested above
def test_supervisor_and_engine_killed_at_once_are_started_again(place):
    lifecycle.ensure(place)
    before = Engine.load(place)
    for pid in (before.keeper, before.pid):
        os.kill(pid, signal.SIGKILL)
    with open_store(place) as store:
        assert store.studies() == []


def test_a_state_file_of_a_foreign_process_is_not_believed(place):
    lifecycle.ensure(place)
    lifecycle.stop(place)
    stranger = Engine(keeper=os.getpid(), pid=os.getpid(), bolt_port=1, http_port=2)
    stranger.save(place)
    assert not lifecycle.status(place).running
    lifecycle.ensure(place)  # and this process, named in the file, lives on
    assert Engine.load(place) != stranger


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": "x"}'])
def test_a_broken_state_file_is_not_believed(fresh, content):
    folder.make(fresh)
    (fresh / folder.STATE).write_text(content)
    assert not lifecycle.status(fresh).running
    assert lifecycle.stop(fresh) is False


@pytest.mark.slow  # four loads; a load that is interrupted is tested below
def test_a_loader_killed_at_any_point_shows_nothing_and_is_followed(place):
    with open_store(place) as store:
        for fraction in (0.0, 0.4, 0.9):
            process = python(LOAD, place)
            for line in process.stdout:
                done, total = map(int, line.split())
                if done > fraction * total:
                    break
            process.kill()
            process.wait()
            assert store.studies() == []
        process = python(LOAD, place)
        out, err = process.communicate(timeout=60)
        assert out.strip().endswith("ready"), err
        (study,) = store.studies()
        assert store.read("MATCH (d:Document) RETURN count(*)").rows == ((300,),)
        assert store.read("MATCH ()-[e:FLOWS_TO]->() RETURN sum(e.weight)").rows == ((900,),)
        assert store.read("MATCH ()-[e:PASSES]->() RETURN count(*)").rows == ((1200,),)
        assert store.delete(study) == store.read("RETURN 1 + 300 + 4 + 3").rows[0][0] + study.regions


def test_an_engine_is_stopped_though_the_process_that_started_it_lives_on(place):
    started = "import sys; from pathlib import Path; from mri_core.store.embedded import lifecycle"
    script = f"{started}; lifecycle.ensure(Path(sys.argv[1])); print('up', flush=True); sys.stdin.read()"
    with python(script, place, stdin=subprocess.PIPE) as parent:  # it never asks how its supervisor ended
        assert parent.stdout.readline() == "up\n"
        assert lifecycle.stop(place)
        assert not lifecycle.status(place).running
        parent.communicate()


def test_an_interrupted_load_leaves_nothing(place):
    process = python(LOAD, place)
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode != 0
    with open_store(place) as store:
        assert store.studies() == []
        assert store.read("MATCH (n) RETURN count(*)").rows == ((0,),)


@pytest.mark.slow  # engines stop and start
def test_an_engine_killed_during_a_load_is_started_again_and_the_load_goes_on(place):
    with open_store(place) as store:
        assert store.write(planted_graph("safe")) == "ready"
        process = python(LOAD, place)
        process.stdout.readline()
        os.kill(Engine.load(place).pid, signal.SIGKILL)
        assert {study.name for study in store.studies()} <= {"killed", "safe"}
        told, err = process.communicate(timeout=90)
        assert (process.returncode, told.splitlines()[-1], err) == (0, "ready", "")
        assert [study.name for study in store.studies()] == ["killed", "safe"]
        loaded = checksum(store, store.study("killed"))
        store.delete(store.study("killed"))
        assert python(LOAD, place).wait(60) == 0
        assert checksum(store, store.study("killed")) == loaded


def test_no_command_line_and_no_log_holds_a_password(place):
    lifecycle.ensure(place)
    running = Engine.load(place)
    secrets = [(place / name).read_text() for name in (folder.WRITER_SECRET, folder.READER_SECRET)]
    spoken = [*psutil.Process(running.pid).cmdline(), *psutil.Process(running.keeper).cmdline()]
    spoken += [*psutil.Process(running.pid).environ().values(), *psutil.Process(running.keeper).environ().values()]
    spoken += [path.read_text(errors="replace") for path in [place / folder.LOG, *(place / "log").glob("*")]]
    assert all(len(secret) >= 32 for secret in secrets)
    assert secrets[0] != secrets[1]
    assert not [secret for secret in secrets for text in spoken if secret in text]
    assert "s3cret" not in repr(lifecycle.ensure(place))
    assert not any(secret in repr(lifecycle.ensure(place)) for secret in secrets)
    for name in (folder.WRITER_SECRET, folder.READER_SECRET):
        assert stat.S_IMODE((place / name).stat().st_mode) == 0o600


def test_the_engine_listens_on_loopback_alone(place):
    lifecycle.ensure(place)
    connections = psutil.Process(Engine.load(place).pid).net_connections(kind="inet")
    listening = {c.laddr.ip for c in connections if c.status == psutil.CONN_LISTEN}
    assert {ip.removeprefix("::ffff:") for ip in listening} == {"127.0.0.1"}


@pytest.mark.slow  # it waits for an engine that cannot listen, and for another
def test_a_taken_port_is_tried_with_another(fresh, monkeypatch):
    """The engine is started on a port that is taken meanwhile, in a supervisor of our own."""
    folder.make(fresh)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        script = f"""
import itertools
from mri_core.store.embedded import supervisor
free = supervisor._free_ports
choices = itertools.chain([({taken.getsockname()[1]}, free()[1])], iter(free, None))
supervisor._free_ports = lambda: next(choices)
raise SystemExit(supervisor.main(60))
"""
        log = (fresh / folder.LOG).open("wb")
        process = subprocess.Popen(
            [sys.executable, "-c", script, "mri_core.store.embedded.supervisor"],
            cwd=fresh,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
            stderr=log,
        )
        assert wait_for(lambda: lifecycle.status(fresh).running or process.poll() is not None, 60)
        assert process.poll() is None, (fresh / folder.LOG).read_text()
        with open_store(fresh) as store:
            assert store.studies() == []
        process.terminate()
        assert process.wait(30) == 0


def test_a_link_to_a_store_is_the_store(store_folder, store, tmp_path):
    store.studies()
    link = tmp_path / "link"
    link.symlink_to(store_folder, target_is_directory=True)
    assert lifecycle.ensure(link).uri == lifecycle.ensure(store_folder).uri


@pytest.mark.slow  # engines stop and start
def test_any_folder_name_will_do_and_a_store_that_was_moved_is_found_in_its_new_place(tmp_path):
    before, after = tmp_path / "before", tmp_path / "with space, ünï-ço∂é 模型 🧠 and quo'te\"$HOME;x"
    with open_store(before) as store:
        store.write(planted_graph("moved"))
    lifecycle.stop(before)
    shutil.move(before, after)
    try:
        with open_store(after) as store:
            assert [study.name for study in store.studies()] == ["moved"]
            assert store.write(planted_graph("odd")) == "ready"
    finally:
        assert lifecycle.stop(after)


def test_a_folder_with_other_things_is_refused_and_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(StoreError, match=r"is no store and holds thesis\.txt"):
        open_store(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
    with pytest.raises(StoreError, match="is a file"):
        open_store(tmp_path / "thesis.txt")


def test_reading_makes_no_store(tmp_path):
    with pytest.raises(StoreError, match=r"There is none at .* yet"):
        open_store(tmp_path / "none", create=False)
    with pytest.raises(StoreError, match=r"There is none at .* yet"):
        open_store(tmp_path, create=False)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("location", ["", "  ", "a\0b"])
def test_an_empty_name_is_refused(location):
    with pytest.raises(UsageError):
        open_store(location)


def test_the_variable_names_the_store(store_folder, store, monkeypatch):
    store.studies()
    monkeypatch.setenv("MRI_STORE", str(store_folder))
    with open_store(create=False) as opened:
        assert isinstance(opened.studies(), list)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="write"):
        lifecycle.ensure(tmp_path / "store")


def test_a_place_where_no_folder_can_be_made_is_refused():
    with pytest.raises(StoreError, match="folder"):
        lifecycle.ensure(Path("/proc/store"))


def test_an_engine_that_cannot_start_is_told_with_its_reason(fresh):
    folder.make(fresh)
    (fresh / "databases").write_text("in the way")
    with pytest.raises(StoreError, match="must start") as caught:
        lifecycle.ensure(fresh)
    assert str(fresh / folder.LOG) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not lifecycle.status(fresh).running


def test_a_missing_engine_package_is_told(monkeypatch):
    monkeypatch.setattr(arcadedb, "PACKAGE", "no_such_package")
    with pytest.raises(StoreError, match="pip install no-such-package"):
        arcadedb.java_command("x", 1, 2)


def test_memory_is_a_quarter_within_bounds(monkeypatch):
    class Memory:
        total = 8 * 2**30

    monkeypatch.setattr(psutil, "virtual_memory", lambda: Memory)
    for limit, expected in ((None, 2048), (4 * 2**30, 1024), (2**30, 512)):
        monkeypatch.setattr(arcadedb, "_container_limit", lambda limit=limit: limit)
        assert arcadedb.heap_megabytes() == expected
    Memory.total = 2**40
    monkeypatch.setattr(arcadedb, "_container_limit", lambda: None)
    assert arcadedb.heap_megabytes() == 4096


@pytest.mark.slow  # waits until patience ends
def test_a_store_that_is_frozen_is_given_up(place, monkeypatch):
    monkeypatch.setattr("mri_core.store.bolt.driver.PATIENCE", 4.0)  # a busy machine answers in this time
    monkeypatch.setattr(arcadedb, "PATIENCE", 4.0)
    with open_store(place) as store:
        store.studies()
        pid = Engine.load(place).pid
        os.kill(pid, signal.SIGSTOP)
        assert wait_for(lambda: psutil.Process(pid).status() == psutil.STATUS_STOPPED)
        try:
            with pytest.raises(StoreError, match="not answer"):
                store.read("RETURN 1")
            with open_store(place) as another, pytest.raises(StoreError, match="not answer"):
                another.read("RETURN 1")
        finally:
            os.kill(pid, signal.SIGCONT)


def small_disk(path: Path, size: str) -> bool:
    path.mkdir()
    if os.geteuid() != 0 or shutil.which("mount") is None:
        return False
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(path)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def fill(place: Path) -> None:
    with open_store(place) as store:
        for seed in range(200):
            assert store.write(planted_graph(f"study-{seed}", seed=seed)) == "ready"


@pytest.mark.slow  # fills disks with studies
@pytest.mark.parametrize("size", ["16k", "3m"])
def test_a_full_disk_is_one_line_and_loses_nothing_ready(tmp_path, size):
    disk = tmp_path / "disk"
    if not small_disk(disk, size):
        pytest.skip("a small disk can be mounted by root alone")
    try:
        with pytest.raises(StoreError) as caught:
            fill(disk / "store")
        assert "\n" not in str(caught.value)
        assert "isk" in str(caught.value)
    finally:
        lifecycle.stop(disk / "store")
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_the_state_file_tells_what_runs(place):
    lifecycle.ensure(place)
    state = json.loads((place / folder.STATE).read_text())
    assert set(state) == {"keeper", "pid", "bolt_port", "http_port"}
    assert supervisor.START_PATIENCE < lifecycle.START_PATIENCE
    with ThreadPoolExecutor(4) as pool:
        assert len({connection.uri for connection in pool.map(lifecycle.ensure, [place] * 8)}) == 1


@pytest.mark.slow  # starts an engine three times
def test_a_command_killed_while_the_engine_starts_does_not_stand_in_the_way_of_the_next(tmp_path):
    place = tmp_path / "store"
    code = (
        "import sys; from pathlib import Path; from mri_core.store.embedded import lifecycle;"
        "lifecycle.ensure(Path(sys.argv[1]))"
    )
    for seconds in (0.4, 0.8, 1.2):
        with subprocess.Popen([sys.executable, "-c", code, str(place)]) as starter:
            time.sleep(seconds)
            starter.kill()
        with open_store(place) as store:
            assert store.studies() == []
        assert lifecycle.stop(place)


@pytest.mark.parametrize("deed", ["write", "replace", "measure", "delete"])
def test_what_the_page_saw_goes_before_and_after_the_store_changes(place, monkeypatch, deed):
    graph, other = planted_graph("seen"), planted_graph("seen", codes=random_codes(36, 4, 3, 8), seed=8)
    run = {name: getattr(loading, name) for name in ("load", "delete")}

    def watched(name):
        def work(*given, **named):
            assert folder.seen(place) is None
            result = run[name](*given, **named)
            folder.keep_seen(place, "a page that looks meanwhile")
            return result

        return work

    with open_store(place) as store:
        assert store.studies() == []
        if deed != "write":
            store.write(graph)
        folder.keep_seen(place, "before")
        assert len(store.studies()) == (deed != "write")
        assert folder.seen(place) == "before"
        for name in run:
            monkeypatch.setattr(loading, name, watched(name))
        if deed == "measure":
            store.add_measures(graph.study, ())
        elif deed == "delete":
            store.delete(graph.study)
        else:
            store.write(graph if deed == "write" else other, replace=True)
        assert folder.seen(place) is None
        for study in store.studies():
            store.delete(study)
