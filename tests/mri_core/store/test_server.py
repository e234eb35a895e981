"""A server by its URL: what is one, which account it is talked to with, and that no password shows."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from mri_core.errors import StoreError, UsageError
from mri_core.store import Store, exists, locate, open_store
from mri_core.store.bolt import server
from mri_core.store.bolt.server import Server
from tests.command import Mri
from tests.engines import Engine, free_port
from tests.planted import planted_graph

SECRET = "s3cret-s3cret"


@pytest.fixture(autouse=True)
def _no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(server.USER, raising=False)
    monkeypatch.delenv(server.PASSWORD, raising=False)


@pytest.mark.parametrize(
    ("url", "uri", "database"),
    [
        ("neo4j://host", "neo4j://host:7687", None),
        ("neo4j+s://abc.databases.example:7688", "neo4j+s://abc.databases.example:7688", None),
        ("neo4j+ssc://host/", "neo4j+ssc://host:7687", None),
        ("bolt://127.0.0.1:9?database=papers", "bolt://127.0.0.1:9", "papers"),
        ("BOLT://Host", "bolt://host:7687", None),
        ("bolt+s://[::1]:1", "bolt+s://[::1]:1", None),
        ("bolt+ssc://host", "bolt+ssc://host:7687", None),
    ],
)
def test_a_url_tells_where_a_server_is(url: str, uri: str, database: str | None) -> None:
    place = locate(url)
    assert place == Server(uri, database)
    assert locate(str(place)) == place
    assert exists(url)


@pytest.mark.parametrize(
    ("url", "fact"),
    [
        ("http://host:7474", "begins with http://"),
        ("bolt://", "something else"),
        ("bolt://host:port", "something else"),
        ("bolt://host:99999", "port is 99999"),
        ("bolt://host:0", "port is 0"),
        ("bolt://a b", "something else"),
        ("bolt://host/papers", "something else"),
        ("bolt://host#papers", "something else"),
        ("bolt://host?databse=papers", "something else"),
        ("bolt://host?database=a&database=b", "something else"),
        ("bolt://host?database=a%0Ab", "something else"),
        ("bolt://host?database=", "something else"),
        ("bolt://host?database", "something else"),
        ("bolt://host?password=secret", "something else"),
        ("bolt://host?database=System", "database system holds no studies"),
    ],
)
def test_what_is_no_url_of_a_server_is_told(url: str, fact: str) -> None:
    with pytest.raises(UsageError, match="a folder, or a server's Bolt URL") as caught:
        locate(url)
    assert fact in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        f"bolt://neo4j:{SECRET}@host",
        f"neo4j+s://{SECRET}@host:1?database=x",
        *(f"bolt://neo4j:{SECRET[:3]}{odd}{SECRET[3:]}@host" for odd in "/#?[%: @"),
    ],
)
def test_a_url_holds_no_account_and_what_it_held_is_not_repeated(url: str) -> None:
    with pytest.raises(UsageError, match="holds no account") as caught:
        open_store(url)
    assert SECRET[3:] not in str(caught.value)


def test_a_password_that_is_no_text_is_told_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(server.PASSWORD, "s3cr\udce9t")
    with pytest.raises(StoreError, match="UTF-8 text") as caught:
        server.account(Server("bolt://host:1"))
    assert "s3cr" not in str(caught.value)


def test_the_account_is_that_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(server.PASSWORD, SECRET)
    assert server.connection(Server("bolt://a:1")).writer == ("neo4j", SECRET)
    monkeypatch.setenv(server.USER, "ada")
    made = server.connection(Server("bolt://b:1"))
    assert (made.writer, made.reader, made.reads_only) == (("ada", SECRET), ("ada", SECRET), False)
    assert SECRET not in repr(made)


def test_without_a_password_and_a_terminal_the_error_names_the_variables() -> None:
    with pytest.raises(StoreError, match="MRI_USER and MRI_PASSWORD are not set"), open_store("bolt://host") as opened:
        opened.studies()


def test_on_a_terminal_the_account_is_asked_for_once_and_the_password_not_shown() -> None:
    code = (
        "from mri_core.store.bolt import server\n"
        "place = server.parse('bolt://host')\n"
        "assert server.account(place) == server.account(place) == ('ada', 'the password')\n"
        "print('known')\n"
    )
    control, terminal = pty.openpty()
    with (
        subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            start_new_session=True,
            cwd=Path(__file__).parents[3],
        ) as process,
        os.fdopen(control, "r+b", buffering=0) as keyboard,
    ):
        screen = b""
        for question, answer in ((b"User of bolt://host:7687 [neo4j]: ", b"ada\n"), (b"ada: ", b"the password\n")):
            while not screen.endswith(question):
                screen += keyboard.read(100)
            keyboard.write(answer)
        assert process.wait(20) == 0, screen
        screen += keyboard.read(1000)
    assert b"known" in screen
    assert screen.count(b"the password") == 0


@pytest.mark.parametrize("agent", ["Neo4j/5.26.30", "Neo4j/5.26", "Neo4j/2026.08.1", "Neo4j/5.27-aura"])
def test_a_newer_neo4j_will_do(agent: str) -> None:
    server.check_agent(agent)


@pytest.mark.parametrize(
    "agent", ["Neo4j/5.25.1", "Neo4j/4.4.40", "Neo4j/5.26.0 compatible (ArcadeDB 26.10.2)", "Memgraph/3", ""]
)
def test_any_other_server_is_refused(agent: str) -> None:
    with pytest.raises(StoreError, match="A server of studies is"):
        server.check_agent(agent)


def test_a_server_that_does_not_enforce_reading_is_refused(
    embedded_store: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = embedded_store.connect()
    monkeypatch.setenv(server.USER, own.writer[0])
    monkeypatch.setenv(server.PASSWORD, own.writer[1])
    with open_store(own.uri) as opened:
        for use in (opened.studies, lambda: opened.write(planted_graph("nowhere"))):
            with pytest.raises(StoreError, match=r"is a Neo4j server.*ArcadeDB.*folder"):
                use()


def ask(engine: Engine, mri: Mri, *arguments: str) -> str:
    """What a command prints that is told to use a server."""
    return mri(*arguments, "--store", engine.location, **engine.environment).done().out


def test_a_study_on_a_server_is_told_like_one_in_a_folder(neo4j_server: Engine, mri: Mri) -> None:
    with Store(neo4j_server.connect) as opened:
        before = len(opened.studies())
        opened.write(planted_graph("on-a-server"))
    assert "on-a-server" in ask(neo4j_server, mri, "studies")
    assert "on-a-server" in ask(neo4j_server, mri, "show", "on-a-server")
    assert "L1/R" in ask(neo4j_server, mri, "query", "hubs", "--study", "on-a-server")
    assert f"holds {before + 1} stud" in ask(neo4j_server, mri, "store", "status")
    assert f"holds {before + 1} stud" in mri("doctor", "--store", neo4j_server.location, **neo4j_server.environment).out
    assert "on-a-server" in ask(neo4j_server, mri, "delete", "on-a-server", "--yes")
    assert "on-a-server" not in ask(neo4j_server, mri, "studies")


def test_a_wrong_password_is_one_line_and_not_shown(neo4j_server: Engine, mri: Mri) -> None:
    result = mri("studies", "--store", neo4j_server.location, MRI_USER="neo4j", MRI_PASSWORD=SECRET)
    assert "MRI_PASSWORD" in result.refusal()
    assert SECRET not in result.out + result.err


def test_a_database_that_is_not_there_is_one_line(neo4j_server: Engine, mri: Mri) -> None:
    url = f"{neo4j_server.location}?database=nowhere"
    assert "nowhere" in mri("studies", "--store", url, **neo4j_server.environment).refusal()


@pytest.mark.parametrize("scheme", ["bolt+s", "bolt+ssc"])
def test_a_server_without_tls_is_told_of_the_schemes(neo4j_server: Engine, mri: Mri, scheme: str) -> None:
    url = neo4j_server.location.replace("bolt", scheme)
    told = mri("studies", "--store", url, **neo4j_server.environment).refusal()
    assert "A URL with +s needs a server with a certificate" in told


def test_a_server_that_is_not_there_is_one_line(mri: Mri) -> None:
    url = f"bolt://127.0.0.1:{free_port()}"
    assert "does not answer" in mri("studies", "--store", url, MRI_PASSWORD=SECRET).refusal()


@pytest.mark.parametrize("action", ["start", "stop"])
def test_a_server_is_neither_started_nor_stopped(mri: Mri, action: str) -> None:
    assert "is a server" in mri("store", action, "--store", "bolt://host").refusal()
