"""Who may do what on the page: the roles, what each may do, and which of the machine's files may be named.

The process that serves the page sets what it allows once; every script of the page runs in that process and asks here.
Whatever writes, runs a model or reads a named file passes `demand` or `admitted_source` where it is done.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from ingest.corpus.demo import demo_corpus
from ingest.corpus.formats.sources import HUB_NAME
from ingest.model.source import ALIASES
from mri_core.errors import MriError

Deed = Literal["scan", "delete", "name", "live", "texts"]
DEEDS = {
    "scan": "start, cancel or put away a scan or interventions",
    "delete": "delete a study",
    "name": "name a region",
    "live": "run a study's model",
    "texts": "read a whole text of a corpus",  # the graph holds the beginning alone
}


class AccessError(MriError):
    """What is asked for is not allowed to whoever asks."""


class Role(StrEnum):
    """What a user signed in as: viewers read, editors scan, try interventions, name regions and delete too."""

    VIEWER = "viewer"
    EDITOR = "editor"


@dataclass(frozen=True)
class Access:
    """What a server of the page allows.

    Attributes:
        sign_in: nobody signs in, and all are editors; by a token, which the gate looks at; or by an account, through
            the provider that Streamlit's secrets name.
        editors, viewers: of accounts: e-mail addresses, or `@domain` for all of a domain.
        unverified: an account's address counts though its provider does not call it verified.
        read_only: nothing is written, whoever asks.
        live: Live scan runs models for viewers too, and where the page is read-only.
        any_path: corpora and models may be named by any path of this machine.
        corpora: the folder in which they may be named, where they may not be anywhere.
        max_scans: scans and interventions that run at a time on this machine; None for any number.
    """

    sign_in: Literal["nobody", "token", "account"] = "nobody"
    editors: tuple[str, ...] = ()
    viewers: tuple[str, ...] = ()
    unverified: bool = False
    read_only: bool = False
    live: bool = False
    any_path: bool = True
    corpora: Path | None = None
    max_scans: int | None = None

    def role_of(self, user: dict[str, Any]) -> Role | None:
        """The role of an account by its claims; None for one that is not listed.

        An address that the provider does not call verified may be anybody's, unless `unverified` is set.
        """
        address = str(user.get("email") or "").lower()
        verified = str(user.get("email_verified", "")).lower() == "true"  # some providers write the claim as a text
        if not address or not (verified or self.unverified):
            return None
        names = {address, f"@{address.rpartition('@')[2]}"}
        for role, listed in ((Role.EDITOR, self.editors), (Role.VIEWER, self.viewers)):
            if names & {name.lower() for name in listed}:
                return role
        return None


_served = Access()


def _nobody(_: Access) -> Role | None:
    return None


_role_of_user: Callable[[Access], Role | None] = _nobody


def serve_with(access: Access, role_of_user: Callable[[Access], Role | None] = _nobody) -> None:
    """Sets what the page of this process allows.

    Args:
        access: what is allowed.
        role_of_user: the role of whoever the page's script runs for, where somebody signs in; None for one who is not
            admitted.
    """
    global _served, _role_of_user
    _served, _role_of_user = access, role_of_user


def served() -> Access:
    """What the page of this process allows."""
    return _served


def role() -> Role | None:
    """The role of whoever the page's script runs for; None for one who is not admitted."""
    return Role.EDITOR if _served.sign_in == "nobody" else _role_of_user(_served)


def may(deed: Deed) -> bool:
    """Whether whoever the script runs for may do it; the page offers nothing else."""
    known = role()
    if deed == "live" and _served.live:
        return known is not None
    return known is Role.EDITOR and not _served.read_only


def demand(deed: Deed) -> None:
    """Raises `AccessError` unless whoever the script runs for may do it."""
    if may(deed):
        return
    if _served.read_only:
        raise AccessError("This page only shows studies", f"To {DEEDS[deed]} is not allowed", "Use the command line")
    remedy = "Sign in as an editor, or ask whoever runs the page"
    raise AccessError("Viewers only read", f"To {DEEDS[deed]} takes an editor", remedy)


def names_files() -> bool:
    """Whether a corpus or a model may be named by some path."""
    return _served.any_path or _served.corpora is not None


def admitted_source(name: str | Path) -> str:
    """A corpus or a model as it may be read: a path within the admitted folder, its links resolved, or a hub's name.

    Raises:
        AccessError: it is, or could be, another file of this machine.
    """
    text = str(name)
    if _served.any_path or text in ALIASES or text == demo_corpus():
        return text
    inside = _inside(_served.corpora, text)
    if inside is not None:
        return str(inside)
    places = [Path(text), *([_served.corpora / text] if _served.corpora else [])]
    if HUB_NAME.fullmatch(text) and not any(map(os.path.lexists, places)):
        return text
    if _served.corpora is None:
        rule = "This page takes uploads and names of the Hugging Face hub, and no file of its machine by its path"
        raise AccessError(rule, f"{text!r} is none of them", "Upload the file, or start the page with --corpora DIR")
    rule = "Corpora and models named by their path lie, links resolved, in the folder that --corpora names"
    raise AccessError(rule, f"{text!r} does not", "Upload the file, or put it there")


def _inside(folder: Path | None, name: str) -> Path | None:
    """What a name, seen from a folder, stands for, if it and all that is in it lies there."""
    if folder is None:
        return None
    try:
        top, path = folder.resolve(), (folder / name).resolve(strict=True)
        paths = [path, *(link.resolve() for link in _links(path))]
    except (OSError, ValueError, RuntimeError):  # not there, a NUL character, links that go round
        return None
    return path if all(each.is_relative_to(top) for each in paths) else None


def _links(folder: Path) -> list[Path]:
    """The symbolic links below a folder, at any depth."""
    found = []
    for place, folders, names in os.walk(folder):
        found += [path for path in (Path(place, name) for name in (*folders, *names)) if path.is_symlink()]
    return found
