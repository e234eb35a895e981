"""Texts as markup of a report's page: escaped, with words in their own direction, and our sentences in its signs."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

# blocks of letters that run from right to left
LEFTWARD = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff"
RUN = re.compile(rf"[{LEFTWARD}](?:[{LEFTWARD}\s.-]*[{LEFTWARD}])?")
CODE = re.compile(r"`([^`]+)`")
WHOLE = re.compile(r"(?<![\w-])--[a-z][a-z-]*|\b\d(?:\.\d+)?e-\d+")  # options, and numbers such as 5.0e-04
FIRST_STRONG, POP = "\u2068", "\u2069"  # isolates of the Unicode bidirectional algorithm, for text without markup


def isolated(text: str) -> Markup:
    """A user's text, escaped; runs from right to left are isolated, so that they reorder nothing around them."""
    return Markup(RUN.sub(lambda run: f"<bdi>{run[0]}</bdi>", str(escape(text))))  # noqa: S704 - escaped before


def prose(text: str) -> Markup:
    """A sentence of ours as `isolated`, in a page's signs: commands as code, options and numbers whole, q ≤ 0.05."""
    known = isolated(text.replace("q <= ", "q ≤ "))
    lines = WHOLE.sub(lambda part: f'<span class="whole">{part[0]}</span>', known)
    return Markup(CODE.sub(r"<code>\1</code>", lines))  # noqa: S704 - escaped before


def isolated_text(text: str) -> str:
    """A user's text for a paragraph that is pasted elsewhere, isolated by characters where it is from right to left."""
    return f"{FIRST_STRONG}{text}{POP}" if RUN.search(text) else text
