"""Starts the web page: Streamlit on loopback, or behind a gate, with the store's place in the environment."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import webbrowser
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import quote

import click

from mri_core.errors import UsageError
from mri_core.paths import user_path
from mri_core.store import VARIABLE, Location, Server, locate
from queries.catalog import ENVIRONMENT
from ui.web import warm_up

if TYPE_CHECKING:
    from starlette.middleware import Middleware

    from ui.web.sharing import Admission, Sharing

# Not beside a folder called "pages": Streamlit would navigate that by itself.
APP = Path(__file__).parent / "pages" / "app.py"
SERVED = APP.with_name("mri_page.py")
OPENS = 1.0  # seconds after which a browser is opened
NEAR = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # what any address includes


@dataclass(frozen=True)
class _Start:
    """What Streamlit's server is started with, until it asks for its gates."""

    host: str
    port: int
    browser: bool
    sharing: Sharing


_start: _Start


def serve(
    store: Location,
    port: int = 8501,
    *,
    host: str = "127.0.0.1",
    base_path: str | None = None,
    queries: Sequence[str] = (),
    browser: bool = True,
    sharing: Sharing | None = None,
) -> None:
    """Serves the page until it is interrupted; prints its address.

    Args:
        store: the store's folder or server.
        port: TCP port.
        host: the address listened on; loopback unless others are to see the page.
        base_path: below which the page lies behind a proxy; None for what Streamlit is configured with.
        queries: folders of the user's own questions, beside those that `MRI_QUERIES` names.
        browser: whether it is opened in the user's browser.
        sharing: who may do what.

    Raises:
        UsageError: the port is taken or cannot be had, or what is asked of the sign-in cannot be.
    """
    _check_free(host, port)
    place = locate(store)
    os.environ[VARIABLE] = str(place if isinstance(place, Server) else place.resolve())
    folders = [str(user_path(folder).resolve()) for folder in queries]
    os.environ[ENVIRONMENT] = os.pathsep.join(filter(None, [*folders, os.environ.get(ENVIRONMENT, "")]))
    from streamlit.web.cli import main

    from ui.web.sharing import Sharing

    global _start
    _start = _Start(host, port, browser, sharing or Sharing())
    # its log reports refused addresses, which may hold a token
    logging.getLogger("uvicorn.error").addFilter(lambda record: record.levelno >= logging.WARNING)
    signal.signal(signal.SIGTERM, _end)  # raised again when the server has ended
    with suppress(KeyboardInterrupt, click.Abort):
        main(args=["run", str(SERVED), *_flags(host, port, base_path)], standalone_mode=False)


def _flags(host: str, port: int, base_path: str | None) -> list[str]:
    """The options that Streamlit's server is started with."""
    options = {
        "server.address": host,
        "server.port": port,
        "server.headless": True,  # a browser is opened here, where the address is known
        "server.showEmailPrompt": False,
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": False,
        "browser.serverAddress": host,
        "client.toolbarMode": "viewer",
        "client.showErrorDetails": "type",  # a traceback tells a reader nothing
        "logger.hideWelcomeMessage": True,
        "logger.level": "error",
    }
    if base_path is not None:
        options["server.baseUrlPath"] = base_path
    return [f"--{name}={str(value).lower() if isinstance(value, bool) else value}" for name, value in options.items()]


def gates() -> list[Middleware]:
    """What stands before the page; Streamlit's server asks for it once its configuration is known.

    Prints the address, and the tokens that were made.
    """
    from ui.jobs.access import serve_with
    from ui.web.sharing import admission
    from ui.web.who import role_of_user

    admitted = admission(_start.sharing, _start.host)
    serve_with(admitted.access, role_of_user)
    url, base_path = _address()
    for line in _told(url, admitted):
        print(line, flush=True)
    if _start.browser:
        opener = Timer(OPENS, webbrowser.open, [url])  # without a token: others see command lines
        opener.daemon = True
        opener.start()
    warm_up.begin()
    return _before(admitted, base_path)


def _before(admitted: Admission, base_path: str) -> list[Middleware]:
    from starlette.middleware import Middleware

    from ui.web.gate import AccountGate, TokenGate

    if admitted.tokens is not None:
        return [Middleware(TokenGate, tokens=admitted.tokens, base_path=base_path, port=_start.port)]
    if admitted.access.sign_in == "account":
        return [Middleware(AccountGate, base_path=base_path)]
    return []


def _address() -> tuple[str, str]:
    """Where browsers find the page, and the path below which it lies, as Streamlit is configured."""
    from streamlit import config

    path = "/".join(part for part in str(config.get_option("server.baseUrlPath") or "").split("/") if part)
    root = _root(NEAR.get(_start.host, _start.host))
    return (f"{root}/{quote(path)}/", f"/{path}") if path else (root, "")


def _root(host: str) -> str:
    from streamlit import config

    scheme = "https" if config.get_option("server.sslCertFile") else "http"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{_start.port}"


def _told(url: str, admitted: Admission) -> list[str]:
    """The lines that are printed."""
    lines = _addresses(url, admitted)
    if _start.host in NEAR:
        lines.append(f"From other machines, {_root(socket.gethostname())} in the place of {_root(NEAR[_start.host])}.")
    return [*lines, "It is read-only: nobody scans or deletes."] if _start.sharing.read_only else lines


def _addresses(url: str, admitted: Admission) -> list[str]:
    tokens, end = admitted.tokens, "   (Ctrl-C ends it)"
    if tokens is None:
        return [f"The page is at {url}{end}"]
    signed = {name: f"{url.rstrip('/')}/?token={getattr(tokens, name)}" for name in admitted.made}
    lines = [f"The page is at {signed.get('editor', url)}{end}"]
    if "editor" not in signed:
        lines.append("Editors sign in with MRI_UI_TOKEN.")
    return [*lines, f"Viewers, who only read, sign in at {signed['viewer']}"] if "viewer" in signed else lines


def _end(number: int, frame: object) -> NoReturn:
    sys.exit(0)


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
