"""Who the page's script runs for: by the account that Streamlit knows, or by the role that the gate passes on."""

from __future__ import annotations

import streamlit as st

from ui.jobs.access import Access, Role

ROLE_HEADER = "x-mri-role"  # set by the gate on what it lets through, and taken out of what comes from outside


def role_of_user(access: Access) -> Role | None:
    """The role of whoever signed in; None for one who is not admitted."""
    if access.sign_in == "account":
        return access.role_of(st.user.to_dict()) if st.user.is_logged_in else None
    named = st.context.headers.get(ROLE_HEADER)
    return Role(named) if named else None
