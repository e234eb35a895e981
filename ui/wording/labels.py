"""What a region is called wherever it is named: by its number and its words, `R12: sun, moon, …`.

A name that a reader gave it stands first among its words, in quotation marks: `R12: "night sky", sun, …`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mri_core.errors import one_line
from mri_core.records.ids import local_id
from queries.text import words_told
from ui.wording.fitting import breadth, cut, fitted

if TYPE_CHECKING:
    from mri_core.records.graph import Study
    from mri_core.records.table import Table

WORDS = 3
READER_NAME = "reader_name"  # column of questions about regions
LEAST_WORD = 4  # characters with a space and an ellipsis: less of a word says nothing


def words_of(given: str | None, keywords: Sequence[str]) -> tuple[str, ...]:
    """The words that a region is known by: its reader's name for it, if any, in quotation marks, and its own.

    Args:
        given: name that a reader gave it.
        keywords: its words, most telling first.
    """
    return (f'"{one_line(given)}"', *keywords) if given else tuple(keywords)


def reader_names(of: Study, ask: Callable[..., Table]) -> dict[str, str]:
    """The names that readers gave to a study's regions, by the regions' ids.

    Args:
        of: the study.
        ask: gives answers about it, as `ui.drawing.picture.Ask` does.
    """
    rows = ask(of, "names", limit=of.regions).records()
    return {row["region"]: row[READER_NAME] for row in rows if row[READER_NAME]}


def region_words(of: Study, ask: Callable[..., Table], *, named: bool = True) -> dict[str, tuple[str, ...]]:
    """The words of each region, by its id within the study.

    Args:
        of: the study.
        ask: answers a question about it, with every row.
        named: the region's reader's name, if it has one, comes first, as of `words_of`.
    """
    rows = ask(of, "regions", limit=of.regions).records()
    return {
        local_id(of.id, row["region"]): words_of(row[READER_NAME] if named else None, row["keywords"]) for row in rows
    }


def with_names(rows: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Rows about connections, with the names that readers gave to both ends: `source_reader_name`, and so on.

    Args:
        rows: of a question that returns `source` and `target`.
        names: by the regions' ids; where there is none at all, the rows are as they were.
    """
    if not names:
        return [dict(row) for row in rows]
    return [{**row, **{f"{end}_{READER_NAME}": names.get(row[end]) for end in ("source", "target")}} for row in rows]


def end_words(row: Mapping[str, Any], end: str, name: int | None = None, word: int | None = None) -> tuple[str, ...]:
    """The words, as `words_of` has them, of one region of a connection.

    Args:
        row: that `with_names` may have made.
        end: `source` or `target`.
        name, word: characters that its reader's name and each of its words may have, if these are to be cut.
    """
    given, keywords = row.get(f"{end}_{READER_NAME}"), row[f"{end}_keywords"]
    cut_name = fitted(given, name) if given and name else given
    return words_of(cut_name, [fitted(each, word) for each in keywords] if word else keywords)


def region_label(name: str, keywords: Sequence[str], most: int = WORDS) -> str:
    """Number and first words; an ellipsis says that there are more.

    Args:
        name: of the region within its layer.
        keywords: its words, most telling first, or what `words_of` makes of them.
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
        row: of a question that returns `source`, `target` and the words of both; names as `with_names` adds them.
        most: words at most.
    """
    source, target = (with_words(local_id(study, row[e]), end_words(row, e), most) for e in ("source", "target"))
    return source, target
