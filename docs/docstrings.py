"""Docstrings as mkdocstrings shows them: what it cannot read in the sources is added."""

from __future__ import annotations

import inspect
import re
import textwrap
from typing import Any

from griffe import Extension, Function

COMPLETED = "ingest.notebook.ingest"  # gets its options when it is imported
EXAMPLE = re.compile(r"^>>> .*(?:\n.+)*", flags=re.MULTILINE)


class Docstrings(Extension):
    """Completes the docstring of `mri.ingest`, without PyTorch, and makes examples sections of Google's style."""

    def on_function(self, *, func: Function, **_: Any) -> None:
        """Changes the docstring of a function before it is parsed."""
        if func.docstring is None:
            return
        if func.path == COMPLETED:
            from ingest.notebook import ingest

            func.docstring.value = inspect.getdoc(ingest) or ""
        func.docstring.value = EXAMPLE.sub(_section, func.docstring.value)


def _section(example: re.Match[str]) -> str:
    return "Examples:\n" + textwrap.indent(example[0], "    ")
