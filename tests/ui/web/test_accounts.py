"""A page to which accounts sign in: a real provider, a real browser, and roles by address."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.engines import Engine, free_port
from tests.ui.browsing import open_page, settled
from tests.ui.provider import CLIENT, Provider
from tests.ui.server import Server
from tests.ui.speaking import Session, ask

pytestmark = pytest.mark.browser
SECRETS = """
[auth]
redirect_uri = "http://127.0.0.1:{port}/oauth2callback"
cookie_secret = "a long secret that signs the cookies of accounts"
client_id = "{client}"
client_secret = "s"
server_metadata_url = "{url}/.well-known/openid-configuration"
[mri]
editors = ["ada@lab.example"]
viewers = ["@lab.example"]
"""


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with Provider("bob@lab.example") as running:
        yield running


@pytest.fixture(scope="module")
def server(page_store: Engine, provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("accounts")
    port = free_port()
    (folder / ".streamlit").mkdir()
    filled = SECRETS.format(port=port, client=CLIENT, url=provider.url)
    (folder / ".streamlit" / "secrets.toml").write_text(filled)
    asked = ", sharing=Sharing(sign_in=True)"
    with Server(page_store.location, asked, folder, port, **page_store.environment) as running:
        yield running


def test_without_an_account_a_script_shows_the_sign_in_and_nothing_of_a_study(server: Server) -> None:
    session = Session.of(server, x_mri_role="editor", cookie="_streamlit_user=x")
    for page in ("", "scan", "documents", "new-scan"):
        session.run(query="study=page-grid", page=page)
    assert session.buttons().keys() == {"Sign in"}
    assert not any(name in session.frames.replace(b"study=page-grid", b"") for name in (b"page-grid", b"page-hostile"))
    for path in ("/media/x.csv", "/_stcore/metrics", "/_stcore/upload_file/a/b", "//media/x.csv"):
        assert ask(server, path).status == 401


@pytest.mark.slow
def test_an_account_has_the_role_of_its_address_and_one_that_is_not_listed_none(
    browser: BrowserContext, server: Server, provider: Provider
) -> None:
    page = open_page(browser, server.url())
    for email, told, writes in (
        ("bob@lab.example", "Signed in as a viewer, who only reads.", 0),
        ("ada@lab.example", "Signed in as an editor.", 1),
        ("eve@evil.example", "Your account is not among those that this page admits.", 0),
    ):
        provider.email = email
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_text(told)).to_be_visible()
        settled(page)
        expect(page.get_by_role("button", name="Delete study …")).to_have_count(writes)
        expect(page.get_by_role("button", name="Open study")).to_have_count(0 if "eve" in email else 1)
        page.get_by_role("button", name="Sign out").click()
