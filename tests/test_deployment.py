"""What the Dockerfile and docker-compose.yml promise: loopback, no default password, and settings that Neo4j keeps."""

from __future__ import annotations

import re
import subprocess
import threading
import time
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import neo4j
import pytest
import yaml
from neo4j.exceptions import ClientError, ServiceUnavailable

from mri_core.store.bolt.server import Server, parse
from tests.engines import QUICK_JAVA, SERVER, check_server, free_port, java_of_the_embedded_engine

ROOT = Path(__file__).parents[1]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
NOT_SETTINGS = {"NEO4J_AUTH"}  # variables that the image itself reads
PASSWORD = "long-enough"


def settings() -> dict[str, str]:
    """The Neo4j settings of the compose file, their names spelt as the image does it."""
    variables = {k: v for k, v in SERVICES["neo4j"]["environment"].items() if k not in NOT_SETTINGS}
    return {
        name.removeprefix("NEO4J_").replace("_", ".").replace("..", "_"): value for name, value in variables.items()
    }


@pytest.mark.parametrize("service", SERVICES)
def test_every_port_is_on_loopback(service: str) -> None:
    ports = SERVICES[service]["ports"]
    assert ports
    assert all(re.fullmatch(r"127\.0\.0\.1:(\d+):\1", port) for port in ports)
    assert "network_mode" not in SERVICES[service]


def test_the_password_has_no_default() -> None:
    given = [SERVICES["neo4j"]["environment"]["NEO4J_AUTH"], SERVICES["page"]["environment"]["MRI_PASSWORD"]]
    assert [re.sub(r"\$\{MRI_PASSWORD:\?[^}]+\}", "PASSWORD", value) for value in given] == [
        "neo4j/PASSWORD",
        "PASSWORD",
    ]


def test_the_page_asks_for_a_token_that_has_no_default() -> None:
    environment = SERVICES["page"]["environment"]
    assert re.fullmatch(r"\$\{MRI_UI_TOKEN:\?[^}]+\}", environment["MRI_UI_TOKEN"])
    assert environment["MRI_UI_VIEWER_TOKEN"] == "${MRI_UI_VIEWER_TOKEN:-}"
    assert "sign-in" not in DOCKERFILE  # it listens on all addresses, where the sign-in is the default


@pytest.mark.parametrize("service", SERVICES)
def test_memory_is_bounded_and_nothing_is_privileged(service: str) -> None:
    options = SERVICES[service]
    assert options["mem_limit"]
    assert not {"privileged", "cap_add", "pid", "ipc"} & options.keys()
    assert all(":" in volume and volume.split(":")[0] in COMPOSE["volumes"] for volume in options["volumes"])


def test_the_page_waits_for_a_healthy_server() -> None:
    assert SERVICES["page"]["depends_on"] == {"neo4j": {"condition": "service_healthy"}}
    assert SERVICES["neo4j"]["healthcheck"]["test"][-1] == "http://127.0.0.1:7474"
    assert parse(SERVICES["page"]["environment"]["MRI_STORE"]) == Server("neo4j://neo4j:7687")


def test_heap_and_page_cache_fit_into_the_container() -> None:
    def megabytes(size: str) -> int:
        return int(size[:-1]) * {"m": 1, "g": 1024}[size[-1]]

    used = sum(megabytes(settings()[f"server.memory.{kind}"]) for kind in ("heap.max_size", "pagecache.size"))
    assert used * 1.5 <= megabytes(SERVICES["neo4j"]["mem_limit"])


def test_no_procedure_is_let_out_of_its_bounds_and_no_plugin_added() -> None:
    assert not [name for name in settings() if "procedures" in name]
    assert not [name for name in SERVICES["neo4j"]["environment"] if "PLUGINS" in name]


def test_the_image_runs_as_a_user_that_is_not_root() -> None:
    users = re.findall(r"^USER (\S+)$", DOCKERFILE, flags=re.MULTILINE)
    assert users
    assert users[-1].isdigit()
    assert int(users[-1]) > 0
    assert DOCKERFILE.rindex("USER") < DOCKERFILE.rindex("CMD [")


def test_the_image_has_a_health_check_of_the_page_and_takes_torch_from_an_argument() -> None:
    assert re.search(r"^HEALTHCHECK .*\\\n.*/_stcore/health", DOCKERFILE, flags=re.MULTILINE)
    assert re.search(r"^ARG TORCH_INDEX=https://\S+/cpu$", DOCKERFILE, flags=re.MULTILINE)
    assert '--index-url "$TORCH_INDEX" -c constraints.txt torch' in DOCKERFILE


def test_the_image_is_made_of_what_the_package_is_made_of_and_nothing_else() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = {name.rstrip("*") for name in project["tool"]["setuptools"]["packages"]["find"]["include"]}
    files = {"pyproject.toml", "constraints.txt", project["project"]["readme"], *project["project"]["license-files"]}
    lines = re.findall(r"^COPY (.+) \S+$", DOCKERFILE, flags=re.MULTILINE)
    copied = {word for line in lines for word in line.split()}
    assert copied == packages | files
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split("\n")
    assert {line[1:] for line in ignored if line.startswith("!")} == copied
    assert "*" in ignored
    assert all((ROOT / name).exists() for name in copied)
    assert any(fnmatch("mri_core/__pycache__", line) for line in ignored if line.startswith("**"))


@pytest.fixture(scope="module")
def composed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[neo4j.Driver]:
    """A server started as the image starts it, with the settings of the compose file; only its addresses differ."""
    check_server()
    home, port = tmp_path_factory.mktemp("composed"), free_port()
    own = {**settings(), "server.bolt.listen_address": f"127.0.0.1:{port}", "server.http.enabled": "false"}
    (home / "conf").mkdir()
    (home / "conf" / "neo4j.conf").write_text("".join(f"{name}={value}\n" for name, value in own.items()))
    heap = f"-Xmx{own['server.memory.heap.max_size']}"
    folders = [f"--home-dir={home}", f"--config-dir={home / 'conf'}"]
    java = [java_of_the_embedded_engine(), QUICK_JAVA, heap, "-cp", f"{SERVER.parent / 'lib'}/*"]
    command = [*java, "org.neo4j.server.CommunityEntryPoint", *folders]
    with (home / "out").open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
    try:
        _set_password(f"bolt://127.0.0.1:{port}", process, home / "out")
        with neo4j.GraphDatabase.driver(f"bolt://127.0.0.1:{port}", auth=("neo4j", PASSWORD)) as driver:
            yield driver
    finally:
        process.kill()
        process.wait()


def _set_password(uri: str, process: subprocess.Popen[bytes], out: Path) -> None:
    """Wait until the server answers, and give it a password as the image does."""
    deadline = time.monotonic() + 60
    with neo4j.GraphDatabase.driver(uri, auth=("neo4j", "neo4j")) as driver:
        while True:
            assert process.poll() is None, out.read_text()
            try:
                driver.execute_query(
                    "ALTER CURRENT USER SET PASSWORD FROM 'neo4j' TO $password", password=PASSWORD, database_="system"
                )
            except ServiceUnavailable:
                assert time.monotonic() < deadline, out.read_text()
                time.sleep(0.2)
            else:
                return


@pytest.mark.slow  # a server of its own
def test_the_server_keeps_every_setting_of_the_compose_file(composed: neo4j.Driver) -> None:
    records, _, _ = composed.execute_query("SHOW SETTINGS YIELD name, value, isExplicitlySet")
    public = {r["name"]: r["value"] for r in records if r["isExplicitlySet"]}
    shown = {name: value for name, value in settings().items() if not name.startswith("internal.")}
    sizes = {"1g": "1.00GiB", "512m": "512.00MiB"}  # as the server writes them
    assert {name: public.get(name) for name in shown} == {name: sizes.get(v, v) for name, v in shown.items()}


@pytest.mark.slow
def test_load_csv_reaches_neither_files_nor_the_network(composed: neo4j.Driver) -> None:
    asked: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"stolen\n")

    with HTTPServer(("127.0.0.1", 0), Answer) as web:
        threading.Thread(target=web.serve_forever, daemon=True).start()
        port = web.server_port
        places = ["file:///etc/passwd", f"http://127.0.0.1:{port}/a", f"http://localhost:{port}/a", "http://[::1]:1/a"]
        for place in places:
            with pytest.raises(ClientError, match=r"blocked via the configuration property|file_urls' is false"):
                composed.execute_query("LOAD CSV FROM $place AS row RETURN row", place=place)
        web.shutdown()
    assert asked == []


@pytest.mark.slow
def test_the_server_tells_the_page_the_name_by_which_the_page_knows_it(composed: neo4j.Driver) -> None:
    store = parse(SERVICES["page"]["environment"]["MRI_STORE"])
    address = store.uri.removeprefix("neo4j://")
    records, _, _ = composed.execute_query("CALL dbms.routing.getRoutingTable({address: $address})", address=address)
    assert {host for role in records[0]["servers"] for host in role["addresses"]} == {address}
