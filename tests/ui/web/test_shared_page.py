"""A page that others reach: nothing without a sign-in, nothing written by a viewer, no token where it may be seen."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from urllib.parse import quote

import psutil
import pytest
from playwright.sync_api import BrowserContext, expect
from websockets.exceptions import InvalidStatus

from mri_core.store.store import Store
from tests.engines import Engine
from tests.ui.browsing import open_page, settled
from tests.ui.server import Server
from tests.ui.speaking import Session, ask, signed_in

pytestmark = pytest.mark.engine

EDITOR, VIEWER = "the-editors-secret-token", "the-viewers-secret-token"
STUDIES = ("page-grid", "page-hostile")
BASE = "/lab/mri"
FORM = b"A file with a text and a label in each row"  # of New scan


@pytest.fixture(scope="module")
def server(page_store: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The three studies behind a gate, below a base path."""
    tokens = {"MRI_UI_TOKEN": EDITOR, "MRI_UI_VIEWER_TOKEN": VIEWER}
    cache = str(tmp_path_factory.mktemp("cache"))
    environment = {**page_store.environment, **tokens, "MRI_CACHE": cache}
    with Server(page_store.location, f", base_path={BASE!r}", **environment) as running:
        yield running


@pytest.fixture(scope="module")
def editor(server: Server) -> str:
    return signed_in(server, EDITOR)


@pytest.fixture(scope="module")
def viewer(server: Server) -> str:
    return signed_in(server, VIEWER)


@pytest.fixture(scope="module")
def seen_by_an_editor(server: Server, editor: str) -> Session:
    """An editor's session that has looked at the studies."""
    session = Session.of(server, editor)
    session.run()
    return session


@pytest.mark.slow
def test_the_printed_address_is_below_the_base_path_and_holds_no_chosen_token(server: Server) -> None:
    assert server.first_line.startswith(f"The page is at http://127.0.0.1:{server.port}{BASE}/ ")


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/scan?tab=layers",
        "/documents",
        "/media/x.csv",
        "/_stcore/stream",
        "/_stcore/metrics",
        "/_stcore/host-config",
        "/_stcore/script-health-check",
        "/_stcore/agent/openapi.json",
        "/_stcore/upload_file/a/b",
        "/_stcore/bidi-components/x",
        "/component/x",
        "/static/index.html",
        "//media/x.csv",
        "/_stcore/health/../metrics",
        "/_stcore/health/x",
        "/auth/login",
    ],
)
def test_without_a_sign_in_every_address_answers_with_the_form_or_a_refusal(server: Server, path: str) -> None:
    forged = f"mri-page-{server.port}=ImVkaXRvciI.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbb"
    for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"):
        for cookie in ("", forged):
            answer = ask(server, path, method, cookie=cookie)
            form = method == "GET" and answer.status == 200 and "<h1>Sign in</h1>" in answer.body
            assert form or answer.status == 401, (method, answer)
            assert not any(word in answer.body for word in (*STUDIES, EDITOR, VIEWER))
            assert "set-cookie" not in answer.headers


def test_without_a_sign_in_no_websocket_opens_and_health_says_nothing_of_a_study(server: Server) -> None:
    for headers in ({}, {"x_mri_role": "editor"}, {"cookie": "mri-page=editor; x-mri-role=editor"}):
        with pytest.raises(InvalidStatus, match="403"):
            Session.of(server, **headers)
    health = ask(server, "/_stcore/health")
    assert (health.status, health.body) == (200, "ok")


def test_a_token_in_the_address_becomes_a_cookie_and_leaves_the_address(server: Server) -> None:
    answer = ask(server, f"/scan?study=page-grid&token={VIEWER}&tab=layers")
    assert (answer.status, answer.headers["location"]) == (303, f"{BASE}/scan?study=page-grid&tab=layers")
    assert VIEWER not in str(answer.headers)
    told = answer.headers["set-cookie"].lower()
    assert all(word in told for word in ("httponly", "samesite=lax", f"path={BASE};"))
    assert answer.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("to", ["https://evil.example/x", "//evil.example/x", r"/\evil.example/x", "/x\r\nA: b"])
def test_a_sign_in_leads_to_no_other_host(server: Server, to: str) -> None:
    for answer in (
        ask(server, "/sign-in", "POST", f"token={VIEWER}&to={quote(to)}"),
        ask(server, f"/{quote(to.removeprefix('/'), safe='/')}?token={VIEWER}", base=""),
    ):
        assert answer.status == 303
        assert re.match(r"/(?![/\\])", answer.headers["location"]), answer.headers
        assert "a" not in answer.headers


def test_a_viewer_sees_the_studies_and_is_offered_nothing_that_writes(
    server: Server, viewer: str, seen_by_an_editor: Session
) -> None:
    session = Session.of(server, viewer, x_mri_role="editor")  # a header from outside counts for nothing
    session.run()
    assert all(name.encode() in session.frames for name in STUDIES)
    assert "Open study" in session.buttons()
    assert {"Delete study …", "New scan …"} <= seen_by_an_editor.buttons().keys()
    assert not {"Delete study …", "New scan …"} & session.buttons().keys()
    pages = [m.navigation.app_pages for m in session.messages if m.WhichOneof("type") == "navigation"][-1]
    assert not {"new-scan", "live"} & {page.url_pathname for page in pages}


def test_with_a_viewers_sign_in_nothing_changes_whatever_is_sent(
    server: Server, editor: str, viewer: str, seen_by_an_editor: Session, store: Store
) -> None:
    before = store.studies()
    delete = seen_by_an_editor.buttons()["Delete study …"]
    seen_by_an_editor.run(pressed=delete)
    confirm = seen_by_an_editor.buttons()["Delete it"]
    other = Session.of(server, editor)
    other.run(page="new-scan")
    assert FORM in other.frames  # an editor is shown what is asked for below
    session = Session.of(server, viewer)
    for page in ("", "new-scan", "live"):
        for pressed in ("", delete, confirm):
            session.run(page=page, pressed=pressed)
    session.run(query="doomed=page-grid&role=editor&token=" + EDITOR)  # an address that the gate did not see
    assert FORM not in session.frames
    assert not {"Delete it", "Scan", "Place it"} & session.buttons().keys()
    for method in ("PUT", "POST", "DELETE"):
        assert ask(server, "/_stcore/upload_file/a/b", method, cookie=viewer).status == 403
    assert store.studies() == before


def test_an_editor_deletes_what_a_viewer_could_not(server: Server, editor: str, store: Store) -> None:
    from tests.planted import planted_graph

    graph = planted_graph("page-brief", created_at="2029-01-01T00:00:00+00:00", seed=17)
    store.write(graph)
    session = Session.of(server, editor)
    session.run()
    for label in ("Delete study …", "Delete it"):
        session.run(pressed=session.buttons()[label])
    assert "page-brief" not in {study.name for study in store.studies()}


@pytest.mark.browser
def test_a_browser_stays_signed_in_over_reloads_and_tabs_until_it_signs_out(
    browser: BrowserContext, server: Server
) -> None:
    page = open_page(browser, server.url(f"trust?study=page-grid&token={EDITOR}"))
    settled(page)
    assert page.url == server.url("trust?study=page-grid")
    page.reload()
    expect(page.get_by_text("Signed in as an editor.")).to_be_visible()
    other = browser.new_page()
    other.goto(server.url("studies"))
    expect(other.get_by_role("button", name="New scan …")).to_be_visible()
    other.close()
    settled(page)
    page.get_by_role("link", name="Sign out").click()
    box = page.get_by_label("Token")
    box.fill(VIEWER)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Signed in as a viewer, who only reads.")).to_be_visible()
    assert VIEWER not in page.url
    expect(page.get_by_role("button", name="Delete study …")).to_have_count(0)


def test_wrong_tokens_slow_everyone_but_those_who_are_signed_in(server: Server, viewer: str) -> None:
    wrong = [ask(server, "/sign-in", "POST", f"token=wrong-{i}").status for i in range(3)]
    assert wrong == [403] * 3
    right = ask(server, f"/?token={EDITOR}", cookie="another=session")
    assert right.status == 429
    assert ask(server, "/media/none", cookie=viewer).status == 404  # past the gate
    time.sleep(int(right.headers["retry-after"]))
    assert ask(server, f"/?token={EDITOR}").status == 303
    assert ask(server, "/?token=wrong").status == 403  # a right one has not reset what is counted
    assert int(ask(server, "/?token=wrong").headers["retry-after"]) == 2


def test_no_token_is_in_a_command_line_a_log_or_the_environment_of_scans(server: Server) -> None:
    process = psutil.Process(server.process.pid)
    seen = [word for one in (process, *process.children(recursive=True)) for word in one.cmdline()]
    server.process.terminate()
    assert server.process.wait(timeout=30) == 0
    told = server.first_line + server.rest() + " ".join(seen)
    assert "Editors sign in with MRI_UI_TOKEN." in told
    assert not any(token in told for token in (EDITOR, VIEWER, "wrong-0"))
