"""Starts the web page: Streamlit on loopback, with the store's place in the environment."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from pathlib import Path

from mri_core.errors import UsageError
from mri_core.paths import user_path
from mri_core.store import VARIABLE, Location, Server, locate
from queries.catalog import ENVIRONMENT
from ui import ahead

# Not beside a folder called "pages": Streamlit would navigate that by itself.
APP = Path(__file__).parent / "pages" / "app.py"


def serve(
    store: Location,
    port: int = 8501,
    *,
    host: str = "127.0.0.1",
    queries: Sequence[str] = (),
    browser: bool = True,
) -> None:
    """Serves the page until it is interrupted; prints its address.

    Args:
        store: the store's folder or server.
        port: TCP port.
        host: the address listened on; loopback unless others are to see the page.
        queries: folders of the user's own questions, beside those that `MRI_QUERIES` names.
        browser: whether it is opened in the user's browser.

    Raises:
        UsageError: the port is taken or cannot be had.
    """
    _check_free(host, port)
    place = locate(store)
    os.environ[VARIABLE] = str(place if isinstance(place, Server) else place.resolve())
    folders = [str(user_path(folder).resolve()) for folder in queries]
    os.environ[ENVIRONMENT] = os.pathsep.join(filter(None, [*folders, os.environ.get(ENVIRONMENT, "")]))
    options = {
        "server.address": host,
        "server.port": port,
        "server.headless": not browser,
        "server.showEmailPrompt": False,
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": False,
        "browser.serverAddress": host,
        "client.toolbarMode": "viewer",
        "client.showErrorDetails": "type",  # a traceback tells a reader nothing
        "logger.hideWelcomeMessage": True,
        "logger.level": "error",
    }
    shown = f"[{host}]" if ":" in host else host
    print(f"The page is at http://{shown}:{port}   (Ctrl-C ends it)", flush=True)
    from streamlit.web.cli import main

    ahead.begin()
    flags = [f"--{name}={str(value).lower() if isinstance(value, bool) else value}" for name, value in options.items()]
    main(args=["run", str(APP), *flags], standalone_mode=False)


def _check_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise UsageError(
                "The page needs a free port", f"{host}:{port}: {reason}", f"Name another: mri ui --port {port + 1}"
            ) from None
