"""How sure a headline is: how many findings refits find again, and how many are of documents that stay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mri_core.numbers import how_many

OFTEN, SELDOM = 0.8, 0.5  # shares of refits
NAMED = "named findings (a connection with a category)"


@dataclass(frozen=True, slots=True)
class Counts:
    """Findings by how often they are found again.

    Attributes:
        findings: all of them.
        stays, moves: between matched regions of two layers, and others; None where the atlas matches none.
        refitted: those whose stability is known.
        often, seldom: of these, in at least `OFTEN` and in fewer than `SELDOM` of the refits.
    """

    findings: int
    stays: int | None
    moves: int | None
    refitted: int
    often: int
    seldom: int


def stored(row: Mapping[str, Any]) -> Counts:
    """A row of the question `found-again`."""
    return Counts(**row)


def counted(findings: Iterable[tuple[float | None, bool]], *, matched: bool) -> Counts:
    """Counts of some findings.

    Args:
        findings: stability of each, and whether it stays.
        matched: whether the atlas matches regions of neighbouring layers.
    """
    rows = list(findings)
    known = [stability for stability, _ in rows if stability is not None]
    stays = sum(stay for _, stay in rows)
    return Counts(
        len(rows),
        stays if matched else None,
        len(rows) - stays if matched else None,
        len(known),
        sum(stability >= OFTEN for stability in known),
        sum(stability < SELDOM for stability in known),
    )


def told(counts: Counts, what: str = "named findings") -> str:
    """The counts in a sentence; "" where nothing is found.

    Args:
        counts: are told.
        what: is counted, in the plural.
    """
    if not counts.findings:
        return ""
    parts = []
    if counts.refitted:
        parts.append(
            f"{counts.often} of {counts.refitted} {what} come back in at least {OFTEN:.0%} of the refits, "
            f"{counts.seldom} in fewer than half"
        )
    if 0 < counts.refitted < counts.findings:
        parts.append(f"of {how_many(counts.findings - counts.refitted, 'other')} that is not known")
    if counts.stays is not None:
        whose = f" of {counts.findings} {what}" if counts.refitted < counts.findings else ""
        parts.append(f"{counts.stays}{whose} stay in their region from layer to layer, {counts.moves} move")
    return f"{'; '.join(parts)}." if parts else ""
