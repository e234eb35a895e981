"""What Streamlit's server runs, which finds it by its name here: the page's script behind its gates."""

import streamlit as st

from ui.web.serve import APP, gates

app = st.App(APP, middleware=gates())
