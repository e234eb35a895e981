"""The demo corpus, which comes with the package."""

from __future__ import annotations

from importlib.resources import files

CORPUS = "demo.csv"


def demo_corpus() -> str:
    """Its path: 300 short texts in six categories, three topics in two registers."""
    return str(files("ingest") / CORPUS)
