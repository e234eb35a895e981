"""Scans that the page starts: how they end, what stays of them, and what becomes of an upload."""

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
from mri_core.store.store import Store
from tests.engines import Engine
from tests.models import save_tiny
from ui.jobs import access
from ui.jobs.access import Access, AccessError
from ui.jobs.scans import CORPUS, SILENT_END, Scan, State, scans, start
from ui.jobs.uploads import Upload

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("tidy")]
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


def wait(scan: Scan, until: Callable[[State], object], patience: float = 120) -> State:
    end = time.monotonic() + patience
    while not until(state := scan.state()):
        assert time.monotonic() < end, state
        time.sleep(0.05)
    return state


def ended(state: State) -> bool:
    return state.ended


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
    assert scans(engine.location) == [scan]
    assert scans("elsewhere") == []
    state = wait(scan, ended)
    assert state.status == "ready", state
    study = store.study("uploaded")
    assert study.corpus == ".._<img src=x>_.csv"
    assert state.outcome["study"] == study.id
    assert state.progress["done"] == state.progress["total"]
    assert state.progress["notes"][0].startswith(".._<img src=x>_.csv: 24 documents, 2 categories")
    assert not (scan.folder / CORPUS).exists()
    scan.forget()
    assert scans(engine.location) == []


def test_a_failure_tells_the_command_lines_one_line(engine: Engine, store: Store, tmp_path: Path) -> None:
    scan = start(Request(name="failed", corpus=tmp_path / "gone.csv"), engine.location)
    state = wait(scan, ended)
    assert state.status == "failed"
    assert state.line.startswith(f"No such file or folder: {tmp_path / 'gone.csv'}. A corpus is .csv")
    assert not state.outcome


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
    assert (state.status, state.line) == ("failed", SILENT_END)


def test_as_many_scans_run_at_a_time_as_may(engine: Engine, model: str) -> None:
    access.serve_with(Access(max_scans=1))
    request = Request(name="first", corpus="x", model=model)
    try:
        first = start(request, engine.location, Upload("texts.csv", TEXTS))
        for store in (engine.location, "elsewhere"):  # they share the machine
            with pytest.raises(AccessError, match=r"at most 1 scan of the page at a time\. 1 is running\."):
                start(replace(request, name="second"), store, Upload("texts.csv", TEXTS))
        assert scans(engine.location) == [first]
        psutil.Process(first.pid).kill()
        wait(first, ended)
        first.forget()
        start(replace(request, name="second"), engine.location, Upload("texts.csv", TEXTS)).cancel()
    finally:
        access.serve_with(Access())


def test_a_page_that_only_shows_starts_nothing_and_puts_nothing_away(engine: Engine, cache: Path) -> None:
    scan = Scan(cache / "scans" / "x", engine.location, "n", "m", "c", "2027", "host", 2**22)
    scan.folder.mkdir(parents=True)
    access.serve_with(Access(read_only=True))
    try:
        request = Request(name="never", corpus="x")
        for deed in (lambda: start(request, "store", Upload("texts.csv", TEXTS)), scan.cancel, scan.forget):
            with pytest.raises(AccessError, match="This page only shows studies"):
                deed()
    finally:
        access.serve_with(Access())
    assert [path.name for path in cache.glob("scans/*")] == ["x"]


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
