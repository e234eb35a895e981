"""How the page is started and ended."""

from __future__ import annotations

import signal
import socket
from pathlib import Path

import pytest

from mri_core.errors import UsageError
from tests.ui.server import Server
from ui.serve import serve


def test_a_taken_port_is_told_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(UsageError, match=r"Address already in use.*mri ui --port"):
            serve(tmp_path, taken.getsockname()[1])


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
