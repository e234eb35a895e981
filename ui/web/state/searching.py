"""What the page Documents looks for, as it stands in the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

LAST_PAGE = 999_999


@dataclass(frozen=True, slots=True)
class Search:
    """Which documents are listed, and which one is looked at.

    Attributes:
        study: name or id; "" for the newest.
        text: what their title, beginning or own id contains; "" for any.
        category: theirs; "" for any.
        page: of the list, counted from 1.
        document: the one looked at, `D12`; "" for the first of the list.
        picked: the region or connection that is told beside its path; "" for none.
        colour: the crossed label whose values have colours; "" for the categories.
    """

    study: str = ""
    text: str = ""
    category: str = ""
    page: int = 1
    document: str = ""
    picked: str = ""
    colour: str = ""


def read(params: Mapping[str, str]) -> Search:
    """What an address looks for; a page that is none is the first."""
    page = params.get("page", "")
    known = page.isascii() and page.isdecimal() and len(page) <= len(str(LAST_PAGE))
    words = {field.name: params.get(field.name, "") for field in fields(Search) if field.name != "page"}
    return Search(**words, page=max(int(page), 1) if known else 1)


def write(search: Search) -> dict[str, str]:
    """The address of a search; what is at its default is left out."""
    words = {field.name: getattr(search, field.name) for field in fields(search)}
    return {name: str(value) for name, value in words.items() if value != getattr(Search(), name)}
