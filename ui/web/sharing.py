"""How the page is shared: what `mri ui` was asked for, and what follows from where it listens."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from mri_core.errors import UsageError
from mri_core.paths import user_path
from ui.jobs.access import Access
from ui.web.sign_in import TOKEN, VIEWER_TOKEN, Tokens

SCANS = 2  # at a time, where others may start them


@dataclass(frozen=True, kw_only=True)
class Sharing:
    """What whoever runs the page asks for.

    Attributes:
        sign_in: whether one signs in; None for off loopback, or where there is a token.
        read_only: nothing is written.
        live: Live scan is there for viewers too, and where the page is read-only.
        corpora: the folder in which corpora and models may be named by their path; None for any path on loopback, and
            for none elsewhere.
        max_scans: that run at a time; None for any number on loopback, and `SCANS` elsewhere.
    """

    sign_in: bool | None = None
    read_only: bool = False
    live: bool = False
    corpora: Path | None = None
    max_scans: int | None = None


class Admission(NamedTuple):
    """What follows from it.

    Attributes:
        access: what the page allows.
        tokens: with which one signs in; None where one does not, or with an account.
        made: the fields of those that were made here, and are printed; others are known to whoever chose them.
    """

    access: Access
    tokens: Tokens | None
    made: tuple[str, ...] = ()


def admission(sharing: Sharing, host: str) -> Admission:
    """Who may do what on a page that listens on an address.

    Raises:
        UsageError: a token can be guessed, or accounts are configured by half.
    """
    # taken out of the environment, which the processes of scans inherit
    editor, viewer = os.environ.pop(TOKEN, "") or None, os.environ.pop(VIEWER_TOKEN, "") or None
    far = not is_loopback(host)
    access = Access(
        read_only=sharing.read_only,
        live=sharing.live,
        any_path=sharing.corpora is None and not far,
        corpora=sharing.corpora,
        max_scans=SCANS if sharing.max_scans is None and far else sharing.max_scans,
    )
    given = Tokens(editor or Tokens.made().editor, viewer) if editor or viewer else None
    if not (far or given is not None if sharing.sign_in is None else sharing.sign_in):
        return Admission(access, None)
    listed = _accounts()
    if listed is not None:
        return Admission(replace(access, sign_in="account", **listed), None)
    tokens = given or Tokens.made()
    tokens.check()
    chosen = {"editor": editor, "viewer": viewer}
    made = tuple(name for name, token in vars(tokens).items() if token and not chosen[name])
    return Admission(replace(access, sign_in="token"), tokens, made)


def checked_folder(named: Path | None) -> Path | None:
    """A folder that a flag names, links resolved; raises `UsageError` where there is none."""
    if named is None:
        return None
    folder = user_path(named).resolve()
    if not folder.is_dir():
        raise UsageError("--corpora names a folder", f"{named} is none", "Make it, or name another")
    return folder


def is_loopback(host: str) -> bool:
    """Whether an address is reached from this machine alone, whichever of its names it goes by."""
    if not host:  # any address
        return False
    try:
        found = {str(info[4][0]).partition("%")[0] for info in socket.getaddrinfo(host, None)}
    except (OSError, UnicodeError):
        return False
    return bool(found) and all(ip_address(each).is_loopback for each in found)


def _accounts() -> dict[str, Any] | None:
    """Who is admitted, as fields of `Access`, where Streamlit's secrets configure accounts; else None."""
    try:
        if "auth" not in st.secrets:
            return None
        mri: Mapping[str, Any] = st.secrets.get("mri", {})
    except FileNotFoundError:
        return None
    if find_spec("authlib") is None:
        fact = "secrets.toml configures [auth], and Authlib is not installed"
        raise UsageError("Accounts sign in through Authlib", fact, "pip install 'llm-mri-graph[oidc]'")
    editors, viewers = mri.get("editors", []), mri.get("viewers", [])
    if not (editors or viewers) or isinstance(editors, str) or isinstance(viewers, str):
        fact = "secrets.toml configures [auth], and [mri] has no list of editors or viewers"
        raise UsageError("Accounts are admitted by their address", fact, 'Add: [mri] editors = ["me@lab.example"]')
    unverified = mri.get("trust_unverified") is True
    return {"editors": tuple(map(str, editors)), "viewers": tuple(map(str, viewers)), "unverified": unverified}
