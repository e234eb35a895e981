"""Tables in the page, all in one way: no index, few digits, and a dash where nothing is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

UNKNOWN = "–"
DIGITS = "%.4g"  # a q of 1e-7 is not 0


def show_frame(
    frame: pd.DataFrame, form: str = DIGITS, columns: Mapping[str, Any] | None = None, **choices: Any
) -> None:
    """Shows a table.

    Args:
        frame: its rows.
        form: how its fractions are told.
        columns: configuration of single columns, which goes before `form`.
        choices: other arguments of `st.dataframe`.
    """
    fractions = {name: st.column_config.NumberColumn(format=form) for name in frame.select_dtypes("float").columns}
    st.dataframe(frame, hide_index=True, placeholder=UNKNOWN, column_config={**fractions, **(columns or {})}, **choices)
