"""The gate before the page by itself: where a sign-in leads, and how many accounts it holds."""

from __future__ import annotations

import asyncio
from urllib.parse import quote, unquote, urlencode

import pytest
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send

from ui.jobs.access import Role
from ui.web.gate import Admitted, TokenGate
from ui.web.sign_in import Tokens

EDITOR = "an editor's long token"


async def behind(scope: Scope, receive: Receive, send: Send) -> None:
    """What the gate lets through, answered with nothing."""
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def ask(gate: TokenGate, address: str, form: dict[str, str] | None = None, cookie: str = "") -> tuple[int, Headers]:
    """Status and headers of the answer to an address as a browser sends it, quoted; a form is posted."""
    path, _, query = address.partition("?")
    scope = {
        "type": "http",
        "method": "GET" if form is None else "POST",
        "scheme": "http",
        "path": unquote(path),
        "query_string": query.encode(),
        "headers": [(b"cookie", cookie.encode())],
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": urlencode(form or {}).encode()}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(gate(scope, receive, send))
    return sent[0]["status"], Headers(raw=sent[0]["headers"])


@pytest.mark.parametrize("base", ["", "/lab", "/my lab", "/Jürgens/mri", "/50%25"])
@pytest.mark.parametrize("rest", ["/", "/scan?study=a%20b&c=%25", "/ä%2F%25"])
def test_a_sign_in_leads_to_the_address_that_was_asked_for_and_stays_with_it(base: str, rest: str) -> None:
    gate = TokenGate(behind, Tokens(EDITOR), base, 1)
    path, _, query = rest.partition("?")
    to = quote(base + unquote(path)) + (f"?{query}" if query else "")
    for status, headers in (
        ask(gate, f"{quote(base)}/sign-in", {"token": EDITOR, "to": to}),
        ask(gate, f"{to}{'&' if query else '?'}{urlencode({'token': EDITOR})}"),
    ):
        assert (status, headers["location"].replace("+", "%20")) == (303, to)
        kept, *rules = headers["set-cookie"].split("; ")
        assert f"Path={quote(base) or '/'}" in rules  # a browser sends it below this, as the address is quoted
        assert ask(gate, headers["location"], cookie=kept)[0] == 204


@pytest.mark.parametrize("to", ["//[", "//[/x", "http://[x]/", "//℀/x", ""])
def test_what_is_no_address_leads_to_the_base(to: str) -> None:
    gate = TokenGate(behind, Tokens(EDITOR), "/my lab", 1)
    status, headers = ask(gate, "/my%20lab/sign-in", {"token": EDITOR, "to": to})
    assert (status, headers["location"]) == (303, "/my%20lab/")


@pytest.mark.parametrize("to", ["/%5Cevil.example", "/%2F/evil.example", "%2F%2Fevil.example", "/%0D%0AA: b"])
def test_quoting_hides_no_other_host(to: str) -> None:
    _, headers = ask(TokenGate(behind, Tokens(EDITOR), "", 1), "/sign-in", {"token": EDITOR, "to": to})
    assert headers["location"] in {"/evil.example", "/%0D%0AA%3A%20b"}
    assert "a" not in headers


def test_of_accounts_the_one_seen_longest_ago_makes_room() -> None:
    held = Admitted(most=2)
    ada, bob, eve = ({"_streamlit_user": name, "other": name} for name in ("ada", "bob", "eve"))
    for cookies in (ada, bob, ada, eve):
        held.admit(cookies, Role.VIEWER)
    assert [held.role(cookies) for cookies in (ada, bob, eve)] == [Role.VIEWER, None, Role.VIEWER]
    held.admit(bob, Role.EDITOR)
    held.forget(eve)
    assert [held.role(cookies) for cookies in (ada, bob, eve)] == [None, Role.EDITOR, None]
