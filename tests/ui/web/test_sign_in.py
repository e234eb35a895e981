"""Who is admitted, by what, and to which files: the rules by themselves."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.request import Request
from mri_core.errors import UsageError
from ui.jobs import access, scans
from ui.jobs.access import Access, AccessError, Role, admitted_source
from ui.web.sharing import Sharing, admission, is_loopback
from ui.web.sign_in import LONGEST_WAIT, SIGNED_IN, Keepsakes, Slowdown, Tokens

EDITOR, VIEWER = "an editor's long token", "a viewer's long token"


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    access.serve_with(Access())


def test_a_token_is_compared_in_constant_time_with_both_whatever_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[int, int]] = []
    genuine = hmac.compare_digest

    def spy(one: bytes, other: bytes) -> bool:
        compared.append((len(one), len(other)))
        return genuine(one, other)

    monkeypatch.setattr(hmac, "compare_digest", spy)
    given = ["", "x", EDITOR, VIEWER, EDITOR + "x", EDITOR[:-1], "\udc80", "ü" * 5000]
    roles = [Tokens(EDITOR, VIEWER).role(token) for token in given]
    assert roles == [None, None, Role.EDITOR, Role.VIEWER, None, None, None, None]
    assert compared == [(32, 32)] * 2 * len(given)
    assert Tokens(EDITOR).role("") is None


@pytest.mark.parametrize(
    "tokens", [Tokens("short"), Tokens(EDITOR, "short"), Tokens(EDITOR, EDITOR)], ids=["editor", "viewer", "same"]
)
def test_tokens_that_can_be_guessed_or_are_one_are_refused(tokens: Tokens) -> None:
    with pytest.raises(UsageError, match="MRI_UI_"):
        tokens.check()


def test_tokens_are_told_in_no_representation() -> None:
    assert EDITOR not in repr(Tokens(EDITOR, VIEWER))


def test_wrong_tokens_make_the_next_wait_for_everyone_and_nothing_but_time_resets_it() -> None:
    now = [0.0]
    slowdown = Slowdown(lambda: now[0])
    waits = []
    for _ in range(12):
        now[0] += slowdown.wait()
        assert slowdown.wait() == 0
        slowdown.failed()
        waits.append(slowdown.wait())
    assert waits == [0, 0, 1, 2, 4, 8, 16, 32, *[LONGEST_WAIT] * 4]
    now[0] += 3 * 3600
    assert slowdown.wait() == 0


def test_a_keepsake_is_of_one_server_and_of_a_role_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = Keepsakes(), Keepsakes()
    kept = ours.of(Role.VIEWER)
    assert ours.role(kept) is Role.VIEWER
    assert theirs.role(kept) is None
    assert [ours.role(wrong) for wrong in ("", "viewer", kept[:-1], ours.of(Role.EDITOR)[:10] + kept[10:])] == [
        None
    ] * 4
    import time

    later = time.time() + SIGNED_IN + 2
    monkeypatch.setattr(time, "time", lambda: later)
    assert ours.role(kept) is None


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("127.1", True),
        ("", False),
        ("0.0.0.0", False),
        ("0", False),
        ("::", False),
        ("::ffff:127.0.0.1", False),
        ("10.0.0.7", False),
        ("no.such.host.invalid", False),
    ],
)
def test_loopback_is_what_only_this_machine_reaches(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


def test_off_loopback_one_signs_in_and_names_no_file_unless_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # no secrets of Streamlit's
    for name in ("MRI_UI_TOKEN", "MRI_UI_VIEWER_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    near, far = admission(Sharing(), "127.0.0.1"), admission(Sharing(), "0.0.0.0")
    assert near == (Access(), None, ())
    assert far.access == Access(sign_in="token", any_path=False, max_scans=2)
    assert far.tokens is not None
    assert len({far.tokens.editor, far.tokens.viewer, EDITOR}) == 3
    opened = admission(Sharing(sign_in=False, corpora=tmp_path, max_scans=5, read_only=True, live=True), "0.0.0.0")
    assert opened.access == Access(read_only=True, live=True, any_path=False, corpora=tmp_path, max_scans=5)
    monkeypatch.setenv("MRI_UI_TOKEN", EDITOR)
    assert admission(Sharing(), "127.0.0.1")[1:] == (Tokens(EDITOR), ())
    import os

    monkeypatch.setenv("MRI_UI_VIEWER_TOKEN", VIEWER)
    assert admission(Sharing(), "127.0.0.1").made == ("editor",)  # the other is not printed
    assert "MRI_UI_TOKEN" not in os.environ  # else every scan's process would have it


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"email": "Ada@Lab.example", "email_verified": True}, Role.EDITOR),
        ({"email": "bob@lab.example", "email_verified": True}, Role.VIEWER),
        ({"email": "ada@lab.example", "email_verified": "true"}, Role.EDITOR),
        ({"email": "ada@lab.example", "email_verified": False}, None),
        ({"email": "ada@lab.example", "email_verified": "false"}, None),
        ({"email": "ada@lab.example"}, None),
        ({"email": "ada@lab.example.evil.example", "email_verified": True}, None),
        ({"email": "ada@lab.example@evil.example", "email_verified": True}, None),
        ({"email": "@lab.example", "email_verified": True}, Role.VIEWER),
        ({"email": "eve@evil.example", "email_verified": True}, None),
        ({"email": ""}, None),
        ({"name": "ada@lab.example"}, None),
    ],
)
def test_an_account_has_the_role_of_its_address(claims: dict[str, object], expected: Role | None) -> None:
    lists = Access(sign_in="account", editors=("ada@lab.example",), viewers=("@LAB.example",))
    assert lists.role_of(claims) is expected
    trusting = replace(lists, unverified=True)
    assert trusting.role_of({"email": "ada@lab.example"}) is Role.EDITOR


@pytest.fixture
def corpora(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of corpora with what leads out of it, beside a file that is nobody's business."""
    (tmp_path / "secret.csv").write_text("text,label\n")
    folder = tmp_path / "corpora"
    (folder / "texts" / "deep").mkdir(parents=True)
    (folder / "led" / "deep").mkdir(parents=True)
    (folder / "news.csv").write_text("text,label\n")
    (folder / "inner.csv").symlink_to(folder / "news.csv")
    (folder / "out.csv").symlink_to(tmp_path / "secret.csv")
    (folder / "up").symlink_to(tmp_path)
    (folder / "led" / "deep" / "a.txt").symlink_to(tmp_path / "secret.csv")
    (folder / "round").symlink_to(folder / "round")
    (tmp_path / "corpora-of-others").mkdir()
    (tmp_path / "owner").mkdir()
    (tmp_path / "owner" / "name").write_text("")
    monkeypatch.chdir(tmp_path)
    access.serve_with(Access(any_path=False, corpora=folder))
    return folder


@pytest.mark.parametrize("name", ["news.csv", "inner.csv", "./texts/../news.csv", "texts"])
def test_what_lies_in_the_folder_is_read_from_where_its_links_end(corpora: Path, name: str) -> None:
    found = corpora / "texts" if name == "texts" else corpora / "news.csv"
    assert admitted_source(name) == admitted_source(corpora / name) == str(found.resolve())


@pytest.mark.parametrize("name", ["minilm", "owner/dataset", "owner/dataset:config/test"])
def test_names_of_a_hub_are_no_files(corpora: Path, name: str) -> None:
    assert admitted_source(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "secret.csv",
        "../secret.csv",
        "texts/../../secret.csv",
        "out.csv",
        "up/secret.csv",
        "up",
        "led",
        "round",
        "corpora",
        "../corpora-of-others",
        "owner/name",
        "/etc/passwd",
        "/nothing/there",
        "~/secret.csv",
        "~root",
        "a\0b",
        "..",
    ],
)
def test_no_name_leads_out_of_the_folder(corpora: Path, name: str) -> None:
    with pytest.raises(AccessError, match="--corpora"):
        admitted_source(name)
    with pytest.raises(AccessError, match="--corpora"):
        scans.start(Request(name="s", corpus=name, model="minilm"), "store")
    with pytest.raises(AccessError, match="--corpora"):
        scans.start(Request(name="s", corpus="news.csv", model=name), "store")


def test_without_a_folder_only_uploads_and_names_of_a_hub_are_taken(tmp_path: Path) -> None:
    access.serve_with(Access(any_path=False))
    (tmp_path / "a.csv").write_text("")
    assert admitted_source("owner/dataset") == "owner/dataset"
    with pytest.raises(AccessError, match="takes uploads"):
        admitted_source(tmp_path / "a.csv")
