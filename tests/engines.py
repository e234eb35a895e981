"""The engines that tests run on: the embedded one, and a Neo4j server where there is one."""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import pytest

from mri_core.records.graph import Study
from mri_core.store import document_table
from mri_core.store.bolt.connection import Connection
from mri_core.store.bolt.driver import Writer
from mri_core.store.embedded import folder as store_folder
from mri_core.store.embedded import lifecycle
from mri_core.store.embedded.arcadedb import PACKAGE
from mri_core.store.store import Store
from tests.shared import SHARED

SERVER = SHARED / "neo4j" / "server.sh"
URL = "MRI_TEST_NEO4J"  # a server to use instead, with MRI_USER and MRI_PASSWORD; tests write to it
REQUIRED = "MRI_TEST_ENGINES"  # engines that must be there: their tests fail where they would skip
PASSWORD = "mri-test"
QUICK_JAVA = "-XX:TieredStopAtLevel=1"  # a server that lives for minutes: it starts in half the processor time
QUICK = "MRI_TEST_QUICK"  # where it is set, as by `make test`, the embedded engine's Java is started in this way too


@dataclass(frozen=True)
class Engine:
    """A running engine.

    Attributes:
        name: "embedded" or "neo4j".
        location: what `--store` names.
        connect: how a `Store` reaches it.
        environment: what a command needs beside the location.
    """

    name: str
    location: str
    connect: Callable[[], Connection]
    environment: dict[str, str] = field(default_factory=dict)


@contextmanager
def writing(engine: Engine) -> Iterator[Writer]:
    """A writer of one's own, to change what a store has written."""
    writer = Writer(engine.connect())
    yield writer
    writer.close()


def remove(engine: Engine, store: Store, studies: Iterable[Study]) -> None:
    """Delete studies that a test is done with, in one transaction.

    `Store.delete`, which gives way to others, takes five times as long.
    """
    ids = [study.id for study in studies]
    if not ids:
        return
    with writing(engine) as writer:
        writer.run("MATCH (n {llm_mri: true}) WHERE n.study IN $ids OR n.id IN $ids DETACH DELETE n", ids=ids)
    for study in ids:
        document_table.remove(store.document_table(study))
    if engine.name == "embedded":
        store_folder.forget_seen(Path(engine.location))


@contextmanager
def quick_embedded_java(folder: Path) -> Iterator[None]:
    """Engines that are started meanwhile find in place of their package one with a Java that compiles quickly.

    The engine itself drops what the environment says of Java.
    """
    java = Path(java_of_the_embedded_engine())
    package = folder / PACKAGE
    (package / "jre" / "bin").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "jars").symlink_to(java.parents[2] / "jars", target_is_directory=True)
    quick = package / "jre" / "bin" / "java"
    quick.write_text(f'#!/bin/sh\nexec {shlex.quote(str(java))} {QUICK_JAVA} "$@"\n', encoding="utf-8")
    quick.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        patch.setenv("PYTHONPATH", str(folder), prepend=os.pathsep)
        yield


@contextmanager
def embedded_engine(folder: Path) -> Iterator[Engine]:
    """The embedded engine of a folder; it starts with the first use."""
    os.environ.setdefault(lifecycle.IDLE_VARIABLE, "60")  # a session that is killed leaves no engine for long
    yield Engine("embedded", str(folder), lambda: lifecycle.ensure(folder))
    lifecycle.stop(folder)


@contextmanager
def neo4j_engine(home: Path) -> Iterator[Engine]:
    """A Neo4j server of the tests' own, or the one that the environment names; skips loudly where there is none."""
    if url := os.environ.get(URL):
        yield _neo4j(url, os.environ.get("MRI_USER", "neo4j"), os.environ.get("MRI_PASSWORD", ""))
        return
    check_server()
    port = free_port()
    try:
        server("start", home, port)  # one that came too late is stopped as well
        yield _neo4j(f"bolt://127.0.0.1:{port}", "neo4j", PASSWORD)
    finally:
        server("kill", home, port)  # its data is not needed any more


def check_server() -> None:
    """Skip loudly where there is no Neo4j server to start, or fail where there must be one."""
    if SERVER.exists():
        return
    missing = f"NEO4J IS NOT TESTED: no server beside this checkout, and {URL} names none"
    if "neo4j" in os.environ.get(REQUIRED, ""):
        pytest.fail(missing)
    pytest.skip(missing)


def server(action: str, home: Path, port: int) -> None:
    """Start or kill the tests' own Neo4j server."""
    command = [str(SERVER), action, str(home), str(port), PASSWORD]
    environment = {"JAVA": java_of_the_embedded_engine(), "JAVA_TOOL_OPTIONS": QUICK_JAVA, **os.environ}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr


def java_of_the_embedded_engine() -> str:
    """The Java that comes with the embedded engine, which runs a Neo4j server too."""
    return str(Path(*find_spec(PACKAGE).submodule_search_locations) / "jre" / "bin" / "java")


def free_port() -> int:
    """A TCP port of loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _neo4j(url: str, user: str, password: str) -> Engine:
    account = (user, password)
    connection = Connection(url, writer=account, reader=account, database=None, reads_only=False)
    return Engine("neo4j", url, lambda: connection, {"MRI_USER": user, "MRI_PASSWORD": password})
