"""What a region is called wherever it is named: by its number and its words, `R12: sun, moon, …`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mri_core.records.ids import local_id
from queries.text import words_told
from ui.wording.fitting import breadth, cut

WORDS = 3
LEAST_WORD = 4  # characters with a space and an ellipsis: less of a word says nothing


def region_label(name: str, keywords: Sequence[str], most: int = WORDS) -> str:
    """Number and first words; an ellipsis says that there are more.

    Args:
        name: of the region within its layer.
        keywords: its words, most telling first.
        most: words at most.
    """
    return f"R{name}: {words_told(keywords, most)}{', …' if len(keywords) > most else ''}"


def short_label(name: str, keywords: Sequence[str], budget: int) -> str:
    """The number and as many of the first words as `budget` characters hold, for where a picture has little room.

    Args:
        name, keywords: as of `region_label`.
        budget: characters.
    """
    number = f"R{name}"
    if not keywords or breadth(number) + 1 + LEAST_WORD > budget:
        return number
    fitting = [words for count in range(1, WORDS + 1) if breadth(words := _told(number, keywords, count)) <= budget]
    return fitting[-1] if fitting else cut(_told(number, keywords, 1), budget)


def _told(number: str, keywords: Sequence[str], count: int) -> str:
    return f"{number}: {', '.join(keywords[:count])}"


def with_words(region: str, keywords: Sequence[str], most: int) -> str:
    """An id with words in brackets, where it is typed again: `L2/R12 (sun, moon)`.

    Args:
        region: its id within the study.
        keywords, most: as of `region_label`.
    """
    return f"{region} ({words_told(keywords, most)})"


def ends_with_words(study: str, row: Mapping[str, Any], most: int) -> tuple[str, str]:
    """Both regions of a connection, as `with_words` has them.

    Args:
        study: its id.
        row: of a question that returns `source`, `target` and the words of both.
        most: words at most.
    """
    source, target = (with_words(local_id(study, row[e]), row[f"{e}_keywords"], most) for e in ("source", "target"))
    return source, target
