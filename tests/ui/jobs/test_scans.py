"""Scans and interventions that the page starts: how they end, what stays of them, what becomes of an upload."""

from __future__ import annotations

import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from ingest.request import Request
from mri_core.errors import UsageError
from mri_core.records.graph import GIVEN
from mri_core.store.store import Store
from mri_core.studies.intervention_request import Operation
from tests.engines import Engine
from tests.models import save_tiny
from tests.planted import planted_graph
from ui.jobs import access
from ui.jobs.access import Access, AccessError
from ui.jobs.jobs import CORPUS, SCAN, SILENT_END, TRIAL, Job, State, jobs
from ui.jobs.scans import start
from ui.jobs.trials import Trial
from ui.jobs.trials import start as try_out
from ui.jobs.uploads import Upload

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("tidy")]
ERASE = Trial("L0/R0", Operation("erase"))
TEXTS = b"text,label\n" + b"".join(
    b"text %d about %s,%s\n" % (i, word, word) for i, word in enumerate([b"cats", b"dogs"] * 12)
)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(save_tiny("gpt2", tmp_path_factory.mktemp("model") / "gpt2"))


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "cache"
    monkeypatch.setenv("MRI_CACHE", str(folder))
    yield folder
    for about in folder.glob("scans/*"):
        for process in psutil.process_iter(["cmdline"]):
            if any(str(about) in part for part in process.info["cmdline"] or ()):
                process.kill()


def wait(scan: Job, until: Callable[[State], object], patience: float = 120) -> State:
    end = time.monotonic() + patience
    while not until(state := scan.state()):
        assert time.monotonic() < end, state
        time.sleep(0.05)
    return state


def ended(state: State) -> bool:
    return state.ended


@pytest.mark.slow
def test_a_scan_whose_command_line_cannot_be_read_yet_is_running_and_keeps_its_upload(
    engine: Engine, cache: Path, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = Upload("texts.csv", TEXTS)
    scan = start(Request(corpus="texts.csv", name="early", model=model, refits=0), engine.location, upload)
    with monkeypatch.context() as starting:
        starting.setattr(psutil.Process, "cmdline", lambda self: [])
        assert scan.state().status == "running"
        assert (scan.folder / CORPUS).exists()
    assert wait(scan, ended).status == "ready"


def test_an_uploaded_corpus_becomes_a_study_under_its_own_name_and_is_removed(
    engine: Engine, store: Store, cache: Path, model: str
) -> None:
    upload = Upload("../<img src=x>\n.csv", TEXTS)
    scan = start(Request(name="uploaded", corpus="ignored", model=model, refits=0), engine.location, upload)
    assert [path.name for path in (scan.folder / CORPUS).iterdir()] == [".._<img src=x>_.csv"]
    assert stat.S_IMODE(scan.folder.stat().st_mode) == 0o700
    assert jobs(engine.location) == [scan]
    assert jobs("elsewhere") == []
    state = wait(scan, ended)
    assert state.status == "ready", state
    study = store.study("uploaded")
    assert study.corpus == ".._<img src=x>_.csv"
    assert state.outcome["study"] == study.id
    assert state.progress["done"] == state.progress["total"]
    assert state.progress["notes"][0].startswith(".._<img src=x>_.csv: 24 documents, 2 categories")
    assert not (scan.folder / CORPUS).exists()
    scan.forget()
    assert jobs(engine.location) == []


def test_a_failure_tells_the_command_lines_one_line(engine: Engine, store: Store, tmp_path: Path) -> None:
    scan = start(Request(name="failed", corpus=tmp_path / "gone.csv"), engine.location)
    state = wait(scan, ended)
    assert state.status == "failed"
    assert state.line.startswith(f"No such file or folder: {tmp_path / 'gone.csv'}. A corpus is .csv")
    assert not state.outcome


@pytest.mark.slow
def test_a_cancelled_scan_leaves_nothing(engine: Engine, store: Store, model: str) -> None:
    many = b"text,label\n" + b"".join(
        b"text %d %s,%s\n" % (i, b"words " * 30, b"ab"[i % 2 : i % 2 + 1]) for i in range(5_000)
    )
    scan = start(Request(name="cancelled", corpus="x", model=model), engine.location, Upload("many.csv", many))
    wait(scan, lambda state: state.progress.get("done") or state.ended)
    scan.cancel()
    assert scan.state().status in ("cancelling", "cancelled")
    assert wait(scan, ended).status == "cancelled"
    assert "cancelled" not in {study.name for study in store.studies()}
    assert not (scan.folder / CORPUS).exists()


def test_a_scan_that_is_killed_is_told_as_one(engine: Engine, model: str) -> None:
    scan = start(Request(name="killed", corpus="x", model=model), engine.location, Upload("texts.csv", TEXTS))
    psutil.Process(scan.pid).kill()
    state = wait(scan, ended)
    assert (state.status, state.line) == ("failed", SILENT_END[SCAN])


def test_as_many_scans_run_at_a_time_as_may(engine: Engine, model: str) -> None:
    access.serve_with(Access(max_scans=1))
    request = Request(name="first", corpus="x", model=model)
    try:
        first = start(request, engine.location, Upload("texts.csv", TEXTS))
        for store in (engine.location, "elsewhere"):  # they share the machine
            with pytest.raises(AccessError, match=r"at most 1 scan or intervention of .*\. 1 is running\."):
                start(replace(request, name="second"), store, Upload("texts.csv", TEXTS))
            with pytest.raises(AccessError, match="1 is running"):
                try_out(ERASE, planted_graph().study, store)
        assert jobs(engine.location) == [first]
        psutil.Process(first.pid).kill()
        wait(first, ended)
        first.forget()
        start(replace(request, name="second"), engine.location, Upload("texts.csv", TEXTS)).cancel()
    finally:
        access.serve_with(Access())


def test_a_page_that_only_shows_starts_nothing_and_puts_nothing_away(engine: Engine, cache: Path) -> None:
    scan = Job(cache / "scans" / "x", engine.location, SCAN, "n", "c through m", "2027", "host", 2**22)
    scan.folder.mkdir(parents=True)
    access.serve_with(Access(read_only=True))
    try:
        request = Request(name="never", corpus="x")
        deeds = (
            lambda: start(request, "store", Upload("texts.csv", TEXTS)),
            lambda: try_out(ERASE, planted_graph().study, "store"),
            scan.cancel,
            scan.forget,
        )
        for deed in deeds:
            with pytest.raises(AccessError, match="This page only shows studies"):
                deed()
    finally:
        access.serve_with(Access())
    assert [path.name for path in cache.glob("scans/*")] == ["x"]


@pytest.mark.slow  # two scans and two interventions
def test_an_intervention_that_is_cancelled_leaves_nothing_and_one_that_ends_is_stored_with_its_study(
    engine: Engine, store: Store, cache: Path, tmp_path: Path, model: str
) -> None:
    corpus = tmp_path / "texts.csv"
    kinds = [b"cats and more cats " * 9, b"law " * 30]  # which make two regions of about as many texts
    corpus.write_bytes(b"text,label\n" + b"".join(b"%s %d,%d\n" % (kinds[i % 2], i, i % 2) for i in range(60)))
    request = Request(name="tried", corpus=corpus, model=model, refits=0, clusters=2)
    assert wait(start(request, engine.location), ended).status == "ready"
    study = store.study("tried")
    long = try_out(replace(ERASE, documents=10_000, controls=2_000), study, engine.location)
    assert (long.command, long.name, long.told) == (TRIAL, "tried", "erase L0/R0")
    wait(long, lambda state: state.progress.get("done") or state.ended)
    long.cancel()
    state = wait(long, ended)
    assert state.status == "cancelled", state
    assert store.interventions(study) == []
    state = wait(try_out(replace(ERASE, documents=5), study, engine.location), ended)
    assert state.status == "ready", state
    (one,) = store.interventions(study)
    assert (one.region, one.operation, one.controls) == ("L0/R0", "erase", 99)
    assert state.outcome["interventions"][0]["key"] == one.key
    assert not any(b"more cats" in file.read_bytes() for file in cache.glob("scans/*/*.json"))


def test_an_intervention_that_cannot_be_starts_nothing(cache: Path) -> None:
    given = planted_graph("given-rows", model=GIVEN, site=GIVEN).study
    with pytest.raises(UsageError, match="made of given activations"):
        try_out(ERASE, given, "store")
    assert not list(cache.glob("scans/*"))


@pytest.mark.parametrize(
    ("trial", "told", "options"),
    [
        (ERASE, "erase L0/R0", "--region=L0/R0 --erase"),
        (Trial("L0/R0", Operation("add", -0.5)), "add -0.5 × L0/R0", "--region=L0/R0 --add=-0.5"),
        (
            Trial("L0/R0>L1/R1", Operation("swap", other="L0/R2")),
            "swap L0/R0>L1/R1 with L0/R2",
            "--connection=L0/R0>L1/R1 --swap=L0/R2",
        ),
    ],
)
def test_an_intervention_is_the_command_line_that_asks_for_it(trial: Trial, told: str, options: str) -> None:
    assert trial.told == told
    assert trial.options == [*options.split(), "--documents=30", "--controls=99"]


def test_a_request_that_cannot_be_starts_nothing(engine: Engine, cache: Path) -> None:
    with pytest.raises(UsageError, match="A study's name has"):
        start(Request(name="two words", corpus="x"), engine.location, Upload("texts.csv", TEXTS))
    assert not list(cache.glob("scans/*"))


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("news.csv", "news.csv"),
        ("/etc/passwd", "_etc_passwd"),
        ("..", "upload"),
        ("", "upload"),
        ("a\0b\udc80.csv", "a_b_.csv"),
        ("文" * 300 + ".jsonl", "文" * 50 + ".jsonl"),
        ("C:\\news.tsv", "C:_news.tsv"),
    ],
)
def test_an_uploads_name_leads_out_of_no_folder(name: str, kept: str, tmp_path: Path) -> None:
    path = Upload(name, b"x").write(tmp_path / "private")
    assert path == tmp_path / "private" / kept
    assert path.read_bytes() == b"x"


def test_an_upload_is_on_the_disk_only_while_it_is_read() -> None:
    with Upload("news.csv", b"x").on_disk() as path:
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not path.parent.exists()
