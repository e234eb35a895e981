"""A real server of the page, in its own process, for tests."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

from tests.engines import free_port


class Server:
    """Serves a store's page on a free port while the context lasts.

    Attributes:
        first_line: what it printed first.

    Args:
        store: a folder or a server.
        options: further arguments of `serve`, as code after a comma.
        folder: where it runs.
        port: TCP port; 0 for a free one.
        environment: variables of the process.
    """

    def __init__(
        self, store: Path | str, options: str = "", folder: Path | None = None, port: int = 0, **environment: str
    ) -> None:
        self.port = port or free_port()
        code = f"from ui.web.serve import serve; serve({str(store)!r}, {self.port}, browser=False{options})"
        code = f"from ui.web.sharing import Sharing; {code}"
        self.process = subprocess.Popen(
            [sys.executable, "-c", code],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
        )

    def __enter__(self) -> Server:
        assert self.process.stdout is not None
        self.first_line = self.process.stdout.readline()
        self.base = urlsplit(self.first_line.split()[4]).path.rstrip("/")
        self._wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)

    def url(self, path: str = "") -> str:
        """The address of a page."""
        return f"http://127.0.0.1:{self.port}{self.base}/{path}"

    def rest(self) -> str:
        """What it printed after the first line, once it has ended."""
        return self.process.communicate()[0]

    def _wait(self, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert self.process.poll() is None, self.rest()
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
                connection.request("GET", f"{self.base}/_stcore/health")
                if connection.getresponse().status == 200:
                    return
            except OSError:
                time.sleep(0.1)
        raise TimeoutError("the page did not come up")
