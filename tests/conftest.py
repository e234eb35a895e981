"""What the tests share: one engine of a kind for the whole session."""

from __future__ import annotations

import gc
import os
import re
import signal
from collections.abc import Generator, Iterator
from contextlib import nullcontext
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from mri_core.store.store import Store
from tests.command import Mri
from tests.engines import QUICK, Engine, embedded_engine, neo4j_engine, quick_embedded_java, remove

# What runs in the background ignores Ctrl-C, and so would every child that a test interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("seeded", derandomize=True, deadline=None)  # the same examples each time, however long
settings.load_profile("seeded")

HERE = Path(__file__).parent
ON_BOTH_ENGINES = [
    HERE / "mri_core" / "store",
    HERE / "mri_core" / "export",
    HERE / "queries",
    HERE / "ingest" / "test_tokens.py",
    HERE / "ui" / "web" / "test_pages.py",
    HERE / "ui" / "web" / "test_own_cypher.py",
    HERE / "ui" / "web" / "test_browser_way.py",
]
ON_NEO4J_IN_MAKE_TEST = [  # studies and what is asked of them; `make test-all` repeats all of the above there
    HERE / "mri_core" / "store" / "test_server.py",
    HERE / "mri_core" / "store" / "test_studies.py",
    HERE / "queries" / "test_answers.py",
]
SERVERS = {"engine", "embedded_store", "neo4j_server", "composed"}  # fixtures that start one
MODELS = {"tiny", "tiny_model", "family", "smollm2"}  # fixtures that build or load one
IMPORTS_A_MODEL_LIBRARY = re.compile(r"^(import|from) (torch|transformers)\b", re.MULTILINE)
MARKS_OF_A_MODULE = re.compile(r"^pytestmark = (.+)$", re.MULTILINE)
STARTED = ("engine", "model", "browser")  # what takes so long to start that `make check` leaves it out
LONGEST = [  # they begin first, lest one worker be left with such a module when the others have nothing to do
    "queries/test_answers.py",  # and with it all that needs Neo4j
    "ui/web/test_browser.py",
    "ui/web/test_browser_sessions.py",
    "mri_core/store/test_embedded.py",
    "ingest/test_pipeline_choices.py",
    "ui/cli/test_cli_interrupt.py",
    "ingest/test_smollm2.py",
    "test_study_view.py",
    "ingest/test_atlas_of.py",
    "ui/publishing/test_report.py",
    "ui/publishing/test_browser_report.py",
    "ui/web/test_browser_way.py",
    "ui/web/test_shared_page.py",
    "ui/web/test_browser_scans.py",
]
Stores = dict[str, tuple[Engine, Store]]
STORES = pytest.StashKey[Stores]()


@pytest.hookimpl(optionalhook=True)  # where pytest-xdist is
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """File by file, as `make test` asks for, with one Neo4j server for all."""
    if config.getvalue("dist") != "loadfile":
        return None
    from tests.scheduling import OneNeo4j

    return OneNeo4j(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, Any, Any]:
    """What is imported and collected lives to the end: to look through it for garbage again and again takes long."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What stores, asks and shows is tested on both engines, unless its module names its `ENGINES`; the rest on one."""
    if "engine" in metafunc.fixturenames and any(metafunc.definition.path.is_relative_to(p) for p in ON_BOTH_ENGINES):
        engines = getattr(metafunc.module, "ENGINES", ["embedded", "neo4j"])
        metafunc.parametrize("engine", engines, indirect=True, scope="session")


@cache
def all_start(module: Path) -> set[str]:
    """What every test of a module starts, read from its text: by its `pytestmark`, its folder, or what it imports."""
    text = module.read_text(encoding="utf-8")
    named = MARKS_OF_A_MODULE.search(text)
    started = {mark for mark in STARTED if named and f"pytest.mark.{mark}" in named[1]}
    if module.is_relative_to(HERE / "mri_core" / "store"):
        started.add("engine")
    if IMPORTS_A_MODEL_LIBRARY.search(text):
        started.add("model")
    return started


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A module none of whose tests is asked for is not even imported: that takes longer than most tests."""
    if not collection_path.match("test_*.py"):
        return None
    asked = config.getoption("markexpr").split(" and ")  # what else an expression may hold is left to pytest
    return True if any(f"not {mark}" in asked for mark in all_start(collection_path)) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what needs a store's server, or builds a model, which `make check` leaves out; the longest go first."""
    for item in items:
        asked = set(getattr(item, "fixturenames", ()))
        for mark in all_start(item.path):
            item.add_marker(mark)
        if asked & SERVERS:
            item.add_marker("engine")
        if asked & MODELS:
            item.add_marker("model")
        chosen = getattr(item, "callspec", None)
        if chosen and chosen.params.get("engine") == "neo4j" and _is_a_repetition(item, chosen.params):
            item.add_marker("slow")
    longest = {HERE / module: place for place, module in enumerate(LONGEST)}
    items.sort(key=lambda item: longest.get(item.path, len(longest)))


def _is_a_repetition(item: pytest.Item, chosen: dict[str, object]) -> bool:
    """Whether `make test` leaves it to the other engine: further seeds, and what is the same on both."""
    once = item.path not in ON_NEO4J_IN_MAKE_TEST or item.get_closest_marker("once") is not None
    return once or chosen.get("seed", 0) != 0


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """A test's name never holds the bytes of its file: gzip writes the clock there, and workers must agree on names."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture(scope="session", autouse=True)
def _java(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """How the embedded engines of the session are started."""
    with quick_embedded_java(tmp_path_factory.mktemp("java")) if os.environ.get(QUICK) else nullcontext():
        yield


@pytest.fixture(scope="session")
def store_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the session's embedded store."""
    return tmp_path_factory.mktemp("session") / "store"


@pytest.fixture(scope="session")
def embedded_store(store_folder: Path) -> Iterator[Engine]:
    """The session's embedded engine."""
    with embedded_engine(store_folder) as engine:
        yield engine


@pytest.fixture(scope="session")
def neo4j_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the session's Neo4j server."""
    return tmp_path_factory.mktemp("neo4j")


@pytest.fixture(scope="session")
def neo4j_server(neo4j_home: Path) -> Iterator[Engine]:
    """The session's Neo4j server."""
    with neo4j_engine(neo4j_home) as engine:
        yield engine


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest) -> Engine:
    """The engine that a test runs on."""
    name = getattr(request, "param", "embedded")
    found: Engine = request.getfixturevalue("neo4j_server" if name == "neo4j" else "embedded_store")
    return found


@pytest.fixture(scope="session")
def _stores(pytestconfig: pytest.Config) -> Iterator[Stores]:
    stores: Stores = {}
    pytestconfig.stash[STORES] = stores
    yield stores
    for _, store in stores.values():
        store.close()


@pytest.fixture(scope="session")
def store(engine: Engine, _stores: Stores) -> Store:
    """The engine's store, shared by all tests: a module finds it empty, its tests name their studies differently."""
    return _stores.setdefault(engine.name, (engine, Store(engine.connect)))[1]


@pytest.fixture(scope="module", autouse=True)
def _emptied_stores(pytestconfig: pytest.Config) -> Iterator[None]:
    """Deletes the studies that a module leaves in the session's stores."""
    yield
    for engine, shared in pytestconfig.stash.get(STORES, {}).values():
        remove(engine, shared, shared.studies())


@pytest.fixture(scope="session")
def mri(embedded_store: Engine, store_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Mri:
    """The command line on the session's embedded store, with a cache for the session."""
    return Mri(store_folder, tmp_path_factory.mktemp("cache"))


@pytest.fixture
def tidy(engine: Engine, store: Store) -> Iterator[None]:
    """Deletes the studies that a test leaves in the session's store."""
    before = {study.id for study in store.studies()}
    yield
    remove(engine, store, [study for study in store.studies() if study.id not in before])
