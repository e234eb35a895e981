"""A table that is wider than its reader's screen: headers on several lines, texts shortened, columns in blocks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest

from wcwidth import wcswidth

GAP = "  "
NUMBERS = re.compile(r"[-+<>%/.,0-9e]*( to [-+<>%/.,0-9e]+)?")  # a cell that is never cut: a number, an interval
LEAST = 12  # characters of a text that are shown at the least
SHORT = 20  # characters of texts that are never cut


def narrowed(
    columns: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[bool], lists: Sequence[bool], width: int
) -> str:
    """The table in lines of at most `width`, where a single cell of two columns is no wider.

    Columns in which nothing stands are left out. Where shortened texts are not enough, the columns that are too many
    follow in a block of their own, below the first column again.

    Args:
        columns: the headers.
        rows: cells in words, on one line each.
        numeric: which columns stand on the right.
        lists: which hold lists of words, and are shortened before others.
        width: characters of a line.
    """
    kept = [i for i in range(len(columns)) if any(row[i] for row in rows)] or list(range(len(columns)))
    heads = {i: _words(columns[i]) for i in kept}
    widest = {i: max([*map(cells_wide, heads[i]), *(cells_wide(row[i]) for row in rows)]) for i in kept}
    whole = {i for i in kept if numeric[i] or all(NUMBERS.fullmatch(row[i]) for row in rows)}
    whole |= {i for i in kept if widest[i] <= SHORT and not lists[i]}
    least = {i: widest[i] if i in whole else min(widest[i], max(LEAST, *map(cells_wide, heads[i]))) for i in kept}
    blocks = (_block(block, heads, rows, numeric, lists, widest, least, width) for block in _blocks(kept, least, width))
    return "\n\n".join(blocks)


def shortened(text: str, width: int) -> str:
    """The beginning of a text, in so many columns of a terminal, with an ellipsis where it is cut."""
    if cells_wide(text) <= width:
        return text
    cut = text[: width - 1]
    while cells_wide(cut) > width - 1:
        cut = cut[:-1]
    return f"{cut.rstrip(' ,')}…"


def _blocks(kept: Sequence[int], least: dict[int, int], width: int) -> list[list[int]]:
    """The columns, as many as fit next to the first."""
    blocks: list[list[int]] = [[]]
    for column in kept:
        block = blocks[-1]
        if len(block) > 1 and sum(least[i] + len(GAP) for i in block) + least[column] > width:
            blocks.append([kept[0]])
        blocks[-1].append(column)
    return blocks


def _block(
    block: Sequence[int],
    heads: dict[int, list[str]],
    rows: Sequence[Sequence[str]],
    numeric: Sequence[bool],
    lists: Sequence[bool],
    widest: dict[int, int],
    least: dict[int, int],
    width: int,
) -> str:
    widths = {i: widest[i] for i in block}
    while sum(widths.values()) + len(GAP) * (len(block) - 1) > width:
        longest = max(block, key=lambda i: (widths[i] > least[i], lists[i], widths[i]))
        if widths[longest] <= least[longest]:
            break
        widths[longest] -= 1
    titles = [_joined(heads[i], widths[i]) for i in block]
    height = max(map(len, titles))
    above = list(zip_longest(*([""] * (height - len(title)) + title for title in titles)))
    below = [[shortened(row[i], widths[i]) for i in block] for row in rows]
    lines = [*above, ["-" * widths[i] for i in block], *below]
    return "\n".join(
        GAP.join(_aligned(cell, widths[i], numeric[i]) for i, cell in zip(block, line, strict=True)).rstrip()
        for line in lines
    )


def _words(title: str) -> list[str]:
    """Parts of a header that may stand on lines of their own."""
    return title.replace("_", "_ ").replace("-", "- ").split() or [""]


def _joined(words: Sequence[str], width: int) -> list[str]:
    """The parts of a header on as few lines as they fit on."""
    lines = [words[0]]
    for word in words[1:]:
        gap = "" if lines[-1].endswith(("_", "-")) else " "
        if cells_wide(lines[-1] + gap + word) <= width:
            lines[-1] += gap + word
        else:
            lines.append(word)
    return lines


def _aligned(cell: str, width: int, right: bool) -> str:
    padding = " " * (width - cells_wide(cell))
    return padding + cell if right else cell + padding


def cells_wide(text: str) -> int:
    """Columns of a terminal; a text with characters of no known width has one for each."""
    known = wcswidth(text)
    return len(text) if known < 0 else known
