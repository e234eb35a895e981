"""Words that fit: how wide a text is in characters, and its beginning where it is wider than there is room."""

from __future__ import annotations

import unicodedata

from mri_core.errors import one_line


def breadth(text: str) -> int:
    """Width in characters; wide ones (Chinese, emoji) count for two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def fitted(text: str, budget: int) -> str:
    """The text on one line, cut with an ellipsis where it is wider than `budget` characters."""
    line = one_line(text)
    return line if breadth(line) <= budget else cut(line, budget)


def shortened(text: str, budget: int) -> str:
    """The text on one line as `fitted`, cut behind a word where its last half has one."""
    line = one_line(text)
    if breadth(line) <= budget:
        return line
    begun = cut(line, budget).removesuffix("…")
    whole = begun if line[len(begun)].isspace() else begun.rpartition(" ")[0]
    return f"{(whole if len(whole) > len(begun) / 2 else begun).rstrip()}…"


def wrapped(text: str, budget: int) -> list[str]:
    """The text in lines of at most `budget` characters, parted between words; a wider word is cut."""
    lines: list[str] = []
    for word in (fitted(word, budget) for word in one_line(text).split()):
        if lines and breadth(f"{lines[-1]} {word}") <= budget:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def cut(text: str, budget: int) -> str:
    """As much of the beginning as leaves room for an ellipsis, and the ellipsis."""
    while text and breadth(text) > budget - 1:
        text = text[:-1]
    return f"{text}…"
