"""Who is signed in, as the page shows it; and the sign-in of accounts, which is Streamlit's own."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from ui.jobs import access
from ui.web import gate


def admitted() -> bool:
    """Whether whoever the script runs for may see the page; shows the sign-in where not."""
    role, by_account = access.role(), access.served().sign_in == "account"
    if role is not None:
        if by_account:
            gate.ADMITTED.admit(st.context.cookies.to_dict(), role)
        return True
    if not by_account:  # a request that did not come through the gate
        st.text("Sign in first.")
    elif st.user.is_logged_in:
        st.text("Your account is not among those that this page admits. Ask whoever runs it.")
        st.button("Sign out", on_click=st.logout)
    else:
        st.text("This page asks for an account.")
        for name in _providers():
            st.button(f"Sign in with {name}" if name else "Sign in", on_click=st.login, args=[name] if name else [])
    return False


def show_account() -> None:
    """At a page's end: the role, and how to sign out; nothing where nobody signs in."""
    kind, role = access.served().sign_in, access.role()
    if kind == "nobody" or role is None:
        return
    told, out = st.columns([8, 1], vertical_alignment="center")
    told.caption(f"Signed in as {'an editor' if role is access.Role.EDITOR else 'a viewer, who only reads'}.")
    if kind == "account":
        out.button("Sign out", on_click=_forget, width="stretch")
    else:
        base = str(st.get_option("server.baseUrlPath") or "").strip("/")
        out.html(f'<a href="{f"/{base}" if base else ""}/sign-out" target="_self">Sign out</a>')


def _forget() -> None:
    gate.ADMITTED.forget(st.context.cookies.to_dict())
    st.logout()


def _providers() -> list[str]:
    """The names of the providers that the secrets configure; "" for one without a name."""
    auth = st.secrets["auth"]
    return [name for name, section in auth.items() if isinstance(section, Mapping) and "client_id" in section] or [""]
