"""What the page Compare sets beside what, as it stands in the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

TABS = {"categories": "Two categories", "studies": "Two studies"}
ORDERS = {"stability": "found again most often", "interval": "largest at the least"}
AGAINST = {"one": "one another", "all": "all others"}
WAYS = {"atlas": "in their atlas", "layers": "layer by layer"}
FINDINGS = "findings"  # what the graph draws unless it draws a component


@dataclass(frozen=True, slots=True)
class Beside:
    """The choices on the page.

    Attributes:
        study: name or id; "" for the newest.
        tab: one of `TABS`.
        category, versus: compared; "" for the first that the study has.
        against: what each is tested against, one of `AGAINST`; "" for what suits the study.
        order: of the forest, one of `ORDERS`.
        drawn: `FINDINGS`, or the threshold of a component as its measure tells it.
        picked: the region or connection that is told beside the graph; "" for none.
        other: the study beside it, name or id; "" for the nearest of kin.
        way: how two studies in one atlas are compared, one of `WAYS`.
        shams: names of studies whose change means nothing, with commas between them.
        runs: names of further studies of the kind of `other`, likewise.
        moved: which documents that moved are shown: those of a layer (`L3`) or of a move (`L3/R5>L3/R2`).
    """

    study: str = ""
    tab: str = "categories"
    category: str = ""
    versus: str = ""
    against: str = ""
    order: str = "stability"
    drawn: str = FINDINGS
    picked: str = ""
    other: str = ""
    way: str = "atlas"
    shams: str = ""
    runs: str = ""
    moved: str = ""


def read(params: Mapping[str, str]) -> Beside:
    """The choices of an address; what cannot be understood is as if it were not there."""
    known = {field.name: params[field.name] for field in fields(Beside) if field.name in params}
    for name, offered in (("tab", TABS), ("against", AGAINST), ("order", ORDERS), ("way", WAYS)):
        if known.get(name) not in offered:
            known.pop(name, None)
    return Beside(**known)


def write(chosen: Beside) -> dict[str, str]:
    """The address of the choices; what is at its default is left out."""
    values = {field.name: getattr(chosen, field.name) for field in fields(chosen)}
    return {name: value for name, value in values.items() if value != getattr(Beside(), name)}
