"""What Streamlit's server runs, which finds it by its name here: the page's script behind its gates."""

from pathlib import Path

import streamlit as st

from ui.serve import gates

app = st.App(Path(__file__).with_name("app.py"), middleware=gates())
