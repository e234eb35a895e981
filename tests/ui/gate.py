"""A road to a server that can be closed and opened again, as where the server stops and is back."""

from __future__ import annotations

import socket
from contextlib import suppress
from threading import Thread
from urllib.parse import urlsplit

from tests.engines import free_port

HOST = "127.0.0.1"


class Gate:
    """Passes on what comes to a port of its own; closed at first.

    Attributes:
        url: the server's, by way of the gate.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._server = (parts.hostname or HOST, parts.port or 7687)
        self._port = free_port()
        self.url = f"bolt://{HOST}:{self._port}"
        self._listening: socket.socket | None = None
        self._open: list[socket.socket] = []

    def open(self) -> None:
        """From now on what comes is passed on."""
        self._listening = socket.create_server((HOST, self._port))
        Thread(target=self._accept, args=(self._listening,), daemon=True).start()

    def close(self) -> None:
        """From now on nothing answers, and what was connected is cut off."""
        ends = [self._listening, *self._open]
        self._open = []
        for end in ends:
            with suppress(OSError):
                if end is not None:
                    end.shutdown(socket.SHUT_RDWR)  # wakes who waits for it
        for end in ends:
            if end is not None:
                end.close()

    def _accept(self, listening: socket.socket) -> None:
        with suppress(OSError):  # closed
            while True:
                near, _ = listening.accept()
                far = socket.create_connection(self._server)
                self._open += [near, far]
                for source, target in ((near, far), (far, near)):
                    Thread(target=_pass_on, args=(source, target), daemon=True).start()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while sent := source.recv(65536):
            target.sendall(sent)
        target.shutdown(socket.SHUT_WR)
