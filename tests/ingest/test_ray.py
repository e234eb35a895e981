"""`mri ingest --engine ray`: the study of one process, also where its driver was killed."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import psutil
import pyarrow.parquet as pq
import pytest

from mri_core.store.store import Store
from tests.command import Mri

pytest.importorskip("ray")
pytestmark = [pytest.mark.engine, pytest.mark.model, pytest.mark.usefixtures("tidy")]

TEXTS = [f"text {number} about {'cats and dogs ' * (number % 9)}and the moon" for number in range(120)]
CONNECTIONS = """
MATCH (a:Region {llm_mri: true, study: $study})-[c:FLOWS_TO]->(b:Region)
RETURN a.layer AS layer, a.name AS source, b.name AS target, c.category AS category, c.weight AS weight, c.q AS q
ORDER BY layer, source, target, category
"""
Arguments = tuple[object, ...]


@pytest.fixture
def asked(tiny: Callable[[str], Path], tmp_path: Path) -> Arguments:
    """The command without its engine and name."""
    corpus = tmp_path / "corpus.csv"
    lines = [f"{text},{'ab'[number % 2]}\n" for number, text in enumerate(TEXTS)]
    corpus.write_text("text,label\n" + "".join(lines))
    return ("ingest", corpus, "--model", tiny("bert"), "--batch-tokens", 100, "--json")


@pytest.fixture
def with_cache(mri: Mri, tmp_path: Path) -> Callable[[str], Mri]:
    return lambda name: replace(mri, cache=tmp_path / name)


def rows_in(cache: Path) -> dict[str, str]:
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in cache.rglob("*.npy")}


def connections(store: Store, told: dict[str, Any]) -> list[tuple[Any, ...]]:
    return list(store.read(CONNECTIONS, {"study": told["study"]}).rows)


def hash_of(told: dict[str, Any]) -> str:
    return str(told["study"]).rpartition("-")[2]


@pytest.mark.slow  # three processes import PyTorch
def test_a_study_by_workers_is_that_of_one_process(
    asked: Arguments, with_cache: Callable[[str], Mri], store: Store, tmp_path: Path
) -> None:
    """The sample that the atlas is fitted to, and the rest, which the workers place in it."""
    here, there = with_cache("here"), with_cache("there")
    asked = (*asked, "--fit-on", 70)
    local = here(*asked, "--name", "local").done().json
    shards = ("--shards", (tmp_path / "rows").as_uri())
    done = there.child(*asked, "--name", "by-ray", "--engine", "ray", "--workers", 2, *shards).done()
    written = [pq.read_table(path, columns=["ordinal"]) for path in (tmp_path / "rows").glob("*.parquet")]
    assert sorted(ordinal for table in written for ordinal in table.column("ordinal").to_pylist()) == list(
        range(len(TEXTS))
    )
    assert hash_of(done.json) == hash_of(local)
    assert rows_in(there.cache) == rows_in(here.cache)
    assert len({path.parent for path in there.cache.rglob("L0.npy")}) == 2
    assert connections(store, done.json) == connections(store, local) != []
    report = json.loads(store.study(done.json["study"]).report)
    assert report["run"]["workers"] in (1, 2)  # all may be done before the second has loaded the model
    # the very same study again starts no worker
    again = here(*asked, "--name", "by-ray", "--engine", "ray", "--workers", 2).done()
    assert again.json["status"] == "unchanged"


@pytest.mark.slow  # three processes import PyTorch
def test_tokens_by_workers_are_those_of_one_process(
    asked: Arguments, with_cache: Callable[[str], Mri], store: Store
) -> None:
    """The rows of the sample's tokens, and the regions of the others."""
    here, there = with_cache("here"), with_cache("there")
    asked = (*asked, "--unit", "token", "--fit-on", 900, "--refits", 0)
    local = here(*asked, "--name", "local").done().json
    done = there.child(*asked, "--name", "by-ray", "--engine", "ray", "--workers", 2).done()
    assert hash_of(done.json) == hash_of(local)
    assert rows_in(there.cache) == rows_in(here.cache)
    assert len({path.parent for path in there.cache.rglob("L0.npy")}) == 2
    assert connections(store, done.json) == connections(store, local) != []


@pytest.fixture
def ended() -> Iterator[list[psutil.Process]]:
    """Processes that a test has to see the end of."""
    processes: list[psutil.Process] = []
    yield processes
    _, alive = psutil.wait_procs(processes, timeout=120)  # Ray notices within a minute
    left = [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]  # not reaped by its parent
    for process in left:
        process.kill()
    assert not left


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sign", "then"),
    [
        (signal.SIGKILL, ("--engine", "ray", "--workers", 1)),
        (signal.SIGINT, ("--engine", "local")),
    ],
)
def test_a_scan_whose_driver_was_ended_goes_on_from_its_journal(
    sign: signal.Signals,
    then: Arguments,
    asked: Arguments,
    with_cache: Callable[[str], Mri],
    ended: list[psutil.Process],
) -> None:
    here, there = with_cache("here"), with_cache("there")
    here(*asked, "--name", "local").done()
    with there.start(*asked[:-1], "--name", "by-ray", "--engine", "ray", "--workers", 2) as child:
        while (journal := next(there.cache.rglob("journal"), None)) is None or journal.stat().st_size < 200:
            time.sleep(0.01)
            assert child.poll() is None
        ended += psutil.Process(child.pid).children(recursive=True)
        child.send_signal(sign)
        child.communicate(timeout=300)
    assert next(there.cache.rglob("manifest.json"), None) is None  # it was not done
    done = there.child(*asked[:-1], *then, "--name", "by-ray").done()
    assert "this one continues from there" in done.err
    assert rows_in(there.cache) == rows_in(here.cache)


@pytest.mark.parametrize(
    ("options", "fact"),
    [
        (("--workers", 2), "--workers would do nothing in this process"),
        (("--ray-address", "auto", "--gpus-per-worker", 1), "--ray-address and --gpus-per-worker would do nothing"),
        (("--engine", "ray", "--device", "cuda"), "--device is cuda, and workers have none"),
        (("--engine", "ray", "--gpus-per-worker", 1, "--device", "cpu"), "--device is cpu, and workers have GPUs"),
        (("--engine", "ray", "--gpus-per-worker", 0), "--gpus-per-worker is 0"),
        (("--engine", "ray", "--gpus-per-worker", 2), "--gpus-per-worker is 2"),
        (("--engine", "ray", "--ray-address", "ray://10.0.0.1:10001"), "Give HOST:PORT, or auto"),
        (("--engine", "spark"), "spark"),
    ],
)
def test_what_contradicts_itself_is_refused(options: Arguments, fact: str, asked: Arguments, mri: Mri) -> None:
    result = mri(*asked[:-1], "--name", "refused", *options)
    assert result.status == 2
    assert fact in result.err
