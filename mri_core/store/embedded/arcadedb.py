"""The embedded engine: ArcadeDB as a plain Java process of the package that bundles it.

Everything specific to this engine is here: its command line, its accounts, its administration over HTTP.
"""

from __future__ import annotations

import http.client
import importlib.util
import json
import os
import shutil
from base64 import b64encode
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from mri_core.errors import StoreError

PACKAGE = "arcadedb_embedded"
DATABASE = "mri"
WRITER, READER = "root", "reader"
FAILED, PORT_TAKEN = 'Exception in thread "main"', "Unable to listen"  # as its log says it
PATIENCE = 15.0  # seconds for one administrative request

# A reader may read records and nothing else: no writing, no schema, no settings, no files.
GROUPS = {
    "databases": {
        "*": {
            "groups": {
                "admin": {
                    "resultSetLimit": -1,
                    "readTimeout": -1,
                    "access": ["updateSecurity", "updateSchema", "updateDatabaseSettings"],
                    "types": {"*": {"access": ["createRecord", "readRecord", "updateRecord", "deleteRecord"]}},
                },
                "reader": {
                    "resultSetLimit": -1,
                    "readTimeout": -1,
                    "access": [],
                    "types": {"*": {"access": ["readRecord"]}},
                },
                "*": {"resultSetLimit": -1, "readTimeout": -1, "access": [], "types": {"*": {"access": []}}},
            }
        }
    },
    "version": 2,
}


def java_command(password_file: str, bolt_port: int, http_port: int) -> list[str]:
    """The engine's command line, to be run in the store's folder: paths are relative, so any folder's name will do."""
    home = _package()
    settings = {
        "server.rootPath": ".",
        "server.databaseDirectory": "databases",
        "server.rootPasswordPath": password_file,
        "server.defaultDatabases": f"{DATABASE}[]",
        "server.mode": "development",  # "production" hides what is wrong with a statement from its author
        "server.plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
        "server.httpIncomingHost": "127.0.0.1",
        "server.httpIncomingPort": http_port,
        "bolt.host": "127.0.0.1",
        "bolt.port": bolt_port,
        "bolt.defaultDatabase": DATABASE,
        "opencypher.loadCsv.allowFileUrls": "false",
        "opencypher.loadCsv.allowRemoteUrls": "false",
        "polyglotEngineEnabled": "false",
        "txWalFlush": 1,  # what is ready outlives a loss of power too
        # The budget of all queries' buffers is freed only when the garbage collector runs: expensive queries one
        # after the other were refused with nothing else running. The limit for each single query stays.
        "queryMaxHeapRAM": 0,
    }
    return [
        str(home / "jre" / "bin" / "java"),
        f"-Xmx{heap_megabytes()}m",
        "-XX:+ExitOnOutOfMemoryError",  # out of memory it answers no request; the next command starts it
        "--add-modules",
        "jdk.incubator.vector",
        *(f"-Darcadedb.{key}={value}" for key, value in settings.items()),
        "-cp",
        str(home / "jars" / "*"),
        "com.arcadedb.server.ArcadeDBServer",
    ]


def environment() -> dict[str, str]:
    """The engine's environment: no Java options of the user's, no server's password, a locale that spells any path."""
    dropped = {"JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS", "CLASSPATH", "MRI_PASSWORD"}
    return {**{key: value for key, value in os.environ.items() if key not in dropped}, "LC_ALL": "C.UTF-8"}


def heap_megabytes() -> int:
    """The most memory for Java: a quarter of the machine's or the container's, between 512 MB and 4 GB.

    The heap grows only as far as it is used; a study of 500,000 connections with its indexes needs under 1 GB, the
    rest speeds up large scans and sorts. The model and the corpus run next to it and need the other three quarters.
    """
    total = psutil.virtual_memory().total
    limit = _container_limit()
    return int(max(512, min(4096, min(total, limit or total) // 4 // 2**20)))


def prepare(folder: Path) -> None:
    """Lay down the engine's groups of accounts, before its first start."""
    config = folder / "config"
    config.mkdir(exist_ok=True)
    groups, wanted = config / "server-groups.json", json.dumps(GROUPS, indent=2)
    if not groups.exists() or groups.read_text(encoding="utf-8") == "":  # interrupted while it was written
        unfinished = groups.with_suffix(".partial")
        unfinished.write_text(wanted, encoding="utf-8")
        unfinished.replace(groups)


def is_ready(http_port: int, patience: float = 1.0) -> bool:
    """Whether the engine has opened its database, and says so within some seconds."""
    connection = http.client.HTTPConnection("127.0.0.1", http_port, timeout=patience)
    try:
        connection.request("GET", "/api/v1/ready")
        return connection.getresponse().status == 204
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def create_reader(http_port: int, writer_password: str, reader_password: str) -> None:
    """Make the reading account, unless it is there."""
    account = {"name": READER, "password": reader_password, "databases": {DATABASE: ["reader"]}}
    status, answer = _post(http_port, writer_password, f"create user {json.dumps(account)}")
    if status not in (200, 409):  # 409: it exists
        raise StoreError("The engine must make its reading account", f"It answers {status}: {answer[:200]}")


@dataclass(frozen=True)
class Administration:
    """The engine over HTTP."""

    folder: Path
    http_port: int
    password: str = field(repr=False)

    def answers(self) -> bool:
        """Whether the engine is alive, however busy."""
        return is_ready(self.http_port, PATIENCE)

    def terminate(self, text: str, seconds: float) -> None:
        """End the running statements with that text that are at least so old."""
        for query in self.running():
            if query["text"] == text and query["elapsedMs"] >= 900 * seconds:  # it began a little after we asked
                _post(self.http_port, self.password, f"terminate query {query['id']}")

    def running(self) -> list[dict[str, Any]]:
        """The statements that the engine works on."""
        status, answer = _post(self.http_port, self.password, "list queries")
        return list(json.loads(answer)["result"]) if status == 200 else []

    def free_bytes(self) -> int:
        """Room on the disk of the store."""
        return shutil.disk_usage(self.folder).free


def _post(http_port: int, password: str, command: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", http_port, timeout=PATIENCE)
    token = b64encode(f"{WRITER}:{password}".encode()).decode()
    headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
    try:
        connection.request("POST", "/api/v1/server", json.dumps({"command": command}), headers)
        response = connection.getresponse()
        return response.status, response.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        raise StoreError(
            "The embedded engine does not answer", str(error), "Try `mri store stop`, then again"
        ) from error
    finally:
        connection.close()


def _package() -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        name = PACKAGE.replace("_", "-")
        raise StoreError(
            "The embedded engine comes in a package", f"{name} is not installed", f"Run `pip install {name}`"
        )
    return Path(spec.submodule_search_locations[0])


def _container_limit() -> int | None:
    try:
        text = Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii").strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None
