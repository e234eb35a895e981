"""What the page Questions asks, as it stands in the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from queries.fields import OF_A_STUDY, STUDY_NAMES
from queries.runner import MAX_ROWS, TIMEOUT
from queries.template import Template

MOST_SECONDS, MOST_ROWS = 3600, 100_000  # that the page allows


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, or a statement of one's own, and how far it may go.

    Attributes:
        study: name or id; "" for the newest.
        question: name of a template; "" for the one that the page chooses.
        cypher: a statement of one's own, which then is asked in its place; None where a question is asked.
        picked: the region of the picture that is told beside it, `L3/R5`, or the connection, `L3/R5>L4/R2`.
        timeout: seconds that an answer may take.
        max_rows: rows of it that are kept.
        values: the question's parameters but `study`, as text; what is not there has its default.
    """

    study: str = ""
    question: str = ""
    cypher: str | None = None
    picked: str = ""
    timeout: int = int(TIMEOUT)
    max_rows: int = MAX_ROWS
    values: Mapping[str, str] = field(default_factory=dict)

    def of(self, study: str) -> Asked:
        """The same asked of another study, without what only the one before holds."""
        return replace(self, study=study, picked="", values={})

    def about(self, template: Template, before: Template) -> Asked:
        """Another question, with the categories, regions, layers and documents that the one before was asked about."""
        held = {(p.name, p.type) for p in before.parameters if p.type in OF_A_STUDY or p.name in STUDY_NAMES}
        shared = {p.name for p in template.parameters if (p.name, p.type) in held}
        values = {name: value for name, value in self.values.items() if name in shared}
        return replace(self, question=template.name, cypher=None, picked="", values=values)

    def with_value(self, name: str, value: str | None) -> Asked:
        """The same question with another value of a parameter; None for its default."""
        values = {key: given for key, given in self.values.items() if key != name}
        return replace(self, picked="", values=values if value is None else {**values, name: value})


def read(params: Mapping[str, str]) -> Asked:
    """What an address asks; limits that are none are as if they were not there."""
    own = {"study", "question", "cypher", "picked", "timeout", "max_rows"}
    return Asked(
        study=params.get("study", ""),
        question=params.get("question", ""),
        cypher=params.get("cypher"),
        picked=params.get("picked", ""),
        timeout=_within(params.get("timeout", ""), MOST_SECONDS, int(TIMEOUT)),
        max_rows=_within(params.get("max_rows", ""), MOST_ROWS, MAX_ROWS),
        values={name: value for name, value in params.items() if name not in own},
    )


def write(asked: Asked) -> dict[str, str]:
    """The address of what is asked; what is at its default is left out."""
    default = Asked()
    words = {name: getattr(asked, name) for name in ("study", "question", "cypher", "picked", "timeout", "max_rows")}
    changed = {name: str(value) for name, value in words.items() if value != getattr(default, name)}
    return changed if asked.cypher is not None else {**changed, **asked.values}


def _within(text: str, most: int, default: int) -> int:
    known = text.isascii() and text.isdecimal() and len(text) < 9
    return min(max(int(text), 1), most) if known else default
