"""How the page is started and ended."""

from __future__ import annotations

import signal
import socket
from pathlib import Path

import pytest

from mri_core.errors import UsageError
from tests.ui.server import Server
from tests.ui.speaking import ask
from ui.web.serve import serve


def test_a_taken_port_is_told_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(UsageError, match=r"Address already in use.*mri ui --port"):
            serve(tmp_path, taken.getsockname()[1])


@pytest.mark.parametrize("asked", ["", ", base_path='/own/'"])
def test_the_printed_address_is_that_of_the_page_behind_a_proxy(tmp_path: Path, asked: str) -> None:
    path = "own" if asked else "user/me/proxy/8501"
    with Server(tmp_path / "store", asked, STREAMLIT_SERVER_BASE_URL_PATH="user/me/proxy/8501") as server:
        assert server.first_line.split()[4] == f"http://127.0.0.1:{server.port}/{path}/"
        answers = [ask(server, place, base="").status for place in (f"/{path}/", f"/{path}/scan", "/")]
    assert answers == [200, 200, 404]


def test_the_page_listens_on_loopback_tells_its_address_and_ends_on_an_interrupt(tmp_path: Path) -> None:
    with Server(tmp_path / "store") as server:
        assert server.first_line.startswith(f"The page is at http://127.0.0.1:{server.port}")
        with socket.socket() as other:
            other.settimeout(2)
            address = socket.gethostbyname(socket.gethostname())
            if not address.startswith("127."):
                assert other.connect_ex((address, server.port)) != 0
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(timeout=20) == 0
        assert "Traceback" not in server.rest()


def test_a_page_on_all_addresses_names_the_one_for_others_and_says_what_cannot_be_done(tmp_path: Path) -> None:
    sharing = ", host='0.0.0.0', sharing=Sharing(sign_in=False, read_only=True), base_path='my lab'"
    with Server(tmp_path / "store", sharing) as server:
        assert server.first_line.split()[4] == f"http://127.0.0.1:{server.port}/my%20lab/"
        assert ask(server, "/my%20lab/", base="").status == 200
        server.process.send_signal(signal.SIGINT)
        server.process.wait(timeout=20)
        rest = server.rest()
    assert f"http://{socket.gethostname()}:{server.port} in the place of http://127.0.0.1:{server.port}" in rest
    assert "read-only: nobody scans or deletes" in rest
