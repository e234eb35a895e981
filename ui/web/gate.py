"""The gate before the page's server: without a sign-in no request and no WebSocket gets past it."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from html import escape
from threading import Lock
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from ui.jobs.access import Role, served
from ui.web.sign_in import SIGNED_IN, Keepsakes, Slowdown, Tokens
from ui.web.who import ROLE_HEADER

READING = ("GET", "HEAD", "OPTIONS")
MOST_BYTES = 8192  # of the sign-in's form
MOST_ADMITTED = 1024  # accounts, some 100 bytes each
POLICY_VIOLATION = 1008
ACCOUNT_COOKIE = "_streamlit_user"  # Streamlit's own, and the parts that it is split into
PRIVATE = ("media", "component", "app", "_stcore")  # first parts of addresses that give more than the page's frame
PUBLIC = ("_stcore/health", "_stcore/host-config", "_stcore/stream")  # the script asks who is there before it answers
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY"}
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>LLM-MRI Graph: sign in</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><style>
body {{font: 16px sans-serif; margin: 15vh auto; width: 24rem}}
input, button {{font: inherit; padding: .4rem; width: 100%; box-sizing: border-box; margin-top: .8rem}}</style>
<h1>Sign in</h1><p>{line}</p><form method="post" action="{action}"><input type="hidden" name="to" value="{to}">
<input type="password" name="token" aria-label="Token" autocomplete="current-password" required autofocus>
<button>Sign in</button></form></html>"""
ASK = "This page asks for the token that was printed where it was started, or that whoever runs it gave you."
WRONG = "This token is not right."


class TokenGate:
    """Lets pass who has signed in with a token, and marks each request with their role.

    Args:
        app: what is behind the gate.
        tokens: with which one signs in.
        base_path: below which the page lies, as `/lab/mri`; "" for the root.
        port: the server's; browsers share cookies between the ports of a host.
    """

    def __init__(self, app: ASGIApp, tokens: Tokens, base_path: str, port: int) -> None:
        self._app, self._tokens, self._base = app, tokens, base_path
        self._cookie = f"mri-page-{port}"
        self._cookie_path = quote(base_path) or "/"  # browsers compare it with the address as they send it
        self._keepsakes, self._slowdown = Keepsakes(), Slowdown()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on, or answers it here."""
        if scope["type"] == "lifespan" or scope["path"] == f"{self._base}/_stcore/health":
            await self._app(scope, receive, send)
            return
        role = self._keepsakes.role(HTTPConnection(scope).cookies.get(self._cookie, ""))
        if scope["type"] == "websocket":
            answer: ASGIApp | None = None if role is not None else WebSocketClose(POLICY_VIOLATION)
        else:
            answer = await self._answer(Request(scope, receive), role)
        await (answer or self._marked(role))(scope, receive, send)

    async def _answer(self, request: Request, role: Role | None) -> Response | None:
        """The gate's own answer; None for a request that passes."""
        path, query = _asked(request)
        if path == f"{self._base}/sign-in" and request.method == "POST":
            fields = await _fields(request)
            return self._try(request, fields.get("token", ""), fields.get("to", ""))
        if path == f"{self._base}/sign-out":
            return self._sign_out()
        if "token" in request.query_params and request.method == "GET":
            rest = [(name, value) for name, value in request.query_params.multi_items() if name != "token"]
            return self._try(request, request.query_params["token"], _address(path, urlencode(rest)))
        if role is None:
            return self._ask(request, _address(path, query))
        return _refused(request, role)

    def _try(self, request: Request, token: str, to: str) -> Response:
        """Signs in, or says why not."""
        wait = math.ceil(self._slowdown.wait())
        if wait:
            line = f"There were too many wrong tokens. The next one is looked at in {wait} s."
            return self._form(line, to, 429, {"Retry-After": str(wait)})
        role = self._tokens.role(token)
        if role is None:
            self._slowdown.failed()
            return self._form(WRONG, to, 403)
        answer = RedirectResponse(_here(to, f"{self._base}/"), 303, HEADERS)
        answer.set_cookie(
            self._cookie,
            self._keepsakes.of(role),
            max_age=SIGNED_IN,
            path=self._cookie_path,
            secure=request.scope["scheme"] == "https",
            httponly=True,
            samesite="lax",
        )
        return answer

    def _sign_out(self) -> Response:
        answer = RedirectResponse(f"{self._base}/", 303, HEADERS)
        answer.delete_cookie(self._cookie, path=self._cookie_path)
        return answer

    def _ask(self, request: Request, to: str) -> Response:
        """The form for a browser that opens a page; a line for what cannot show one."""
        if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
            return self._form(ASK, to, 200)
        return PlainTextResponse("Sign in first.\n", 401, HEADERS)

    def _form(self, line: str, to: str, status: int, headers: Mapping[str, str] | None = None) -> Response:
        page = PAGE.format(line=escape(line), action=escape(f"{self._base}/sign-in"), to=escape(to))
        return HTMLResponse(page, status, {**HEADERS, **(headers or {})})

    def _marked(self, role: Role | None) -> ASGIApp:
        """What is behind the gate, which learns the role from a header that nobody else can set."""

        async def marked(scope: Scope, receive: Receive, send: Send) -> None:
            name = ROLE_HEADER.encode()
            others = [(key, value) for key, value in scope["headers"] if key.lower() != name]
            await self._app({**scope, "headers": [*others, (name, str(role).encode())]}, receive, send)

        return marked


class AccountGate:
    """Where accounts sign in, by Streamlit's own means: media and uploads pass for those whom the script has admitted.

    Args:
        app: what is behind the gate.
        base_path: below which the page lies, as `/lab/mri`; "" for the root.
    """

    def __init__(self, app: ASGIApp, base_path: str) -> None:
        self._app, self._base = app, base_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on, or refuses it."""
        if scope["type"] == "http":
            request = Request(scope, receive)
            answer = self._answer(request)
            if answer is not None:
                await answer(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _answer(self, request: Request) -> Response | None:
        path = _asked(request)[0].removeprefix(self._base).lstrip("/")
        if path in PUBLIC or path.split("/")[0] not in PRIVATE:
            return None
        role = ADMITTED.role(request.cookies)
        return PlainTextResponse("Sign in first.\n", 401, HEADERS) if role is None else _refused(request, role)


class Admitted:
    """Roles by the cookies that Streamlit gave to an account, once the script has looked at it.

    It holds a limited number: the account that the script saw longest ago makes room, and is back with its next run.

    Args:
        most: accounts that are held.
    """

    def __init__(self, most: int = MOST_ADMITTED) -> None:
        self._most, self._roles, self._lock = most, dict[str, Role](), Lock()  # scripts run in threads of their own

    def admit(self, cookies: Mapping[str, str], role: Role) -> None:
        """Holds the role of an account that the script has just seen."""
        key = _account_key(cookies)
        with self._lock:
            self._roles.pop(key, None)
            self._roles[key] = role
            if len(self._roles) > self._most:
                del self._roles[next(iter(self._roles))]

    def forget(self, cookies: Mapping[str, str]) -> None:
        """Lets an account that signs out pass no more."""
        with self._lock:
            self._roles.pop(_account_key(cookies), None)

    def role(self, cookies: Mapping[str, str]) -> Role | None:
        """The role of an account; None for one that the script has not admitted."""
        with self._lock:
            return self._roles.get(_account_key(cookies))


ADMITTED = Admitted()


def _account_key(cookies: Mapping[str, str]) -> str:
    """A digest of the cookies that hold an account."""
    parts = sorted((name, value) for name, value in cookies.items() if name.startswith(ACCOUNT_COOKIE))
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _refused(request: Request, role: Role) -> Response | None:
    """Requests that bring something in, such as uploads, are for those who may scan."""
    if request.method in READING or (role is Role.EDITOR and not served().read_only):
        return None
    return PlainTextResponse("Viewers only read.\n", 403, HEADERS)


def _asked(request: Request) -> tuple[str, str]:
    """Path and query as they came: `request.url` is put together with a host that anybody may name."""
    return request.scope["path"], request.scope["query_string"].decode("latin-1")


def _address(path: str, query: str) -> str:
    """An address on this host, whatever a path begins with."""
    return quote("/" + path.lstrip("/\\"), safe="/") + (f"?{query}" if query else "")


def _here(to: str, otherwise: str) -> str:
    """The place on this host that a quoted address names, whatever host it names; another where it names none."""
    try:
        target = urlsplit(to)
    except ValueError:  # such as //[
        return _address(otherwise, "")
    return _address(unquote(target.path) or otherwise, target.query)


async def _fields(request: Request) -> dict[str, str]:
    """The fields of a small form; none of one that is too long."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            return {}
    return dict(parse_qsl(body.decode("utf-8", "replace")))
