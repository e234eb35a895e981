"""The web page: Streamlit behind its gates."""
