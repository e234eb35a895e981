"""What changed between two studies of the same documents: moves within a layer, and connections gained and lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mri_core.errors import one_line
from mri_core.evidence.paired import Family, found_items
from mri_core.numbers import finite
from mri_core.records.measures import ALPHA
from mri_core.studies.same_documents import SameDocuments
from queries.text import number
from ui.wording.evidence import odds_told
from ui.wording.labels import region_label


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """Two regions between which something changed by more than chance.

    Attributes:
        layer: of the first.
        source, target: within their study, `L3/R5`.
        source_words, target_words: of the regions.
        effect, low, high: log odds of one way over the other, with its interval; None where that is infinite.
        q: of the change.
        unlike_q: that the categories differ; None where that was not tested.
    """

    layer: int
    source: str
    target: str
    source_words: tuple[str, ...]
    target_words: tuple[str, ...]
    effect: float | None
    low: float | None
    high: float | None
    q: float
    unlike_q: float | None

    @property
    def id(self) -> str:
        """Key of it: `L3/R5>L3/R2`."""
        return f"{self.source}>{self.target}"

    @property
    def ends(self) -> tuple[str, str]:
        """Both regions as a person calls them."""
        return _label(self.source, self.source_words), _label(self.target, self.target_words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Move(Changed):
    """Documents that go from one region to another within a layer, more of them than come back.

    Attributes:
        category: with the largest share of its documents among those that go.
        documents, size: of it that go, and all of it.
        all: documents of every category that go.
        back: that go the other way.
    """

    category: str
    documents: int
    size: int
    all: int
    back: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Changed):
    """A connection that more documents gain than lose, or lose than gain.

    Attributes:
        gained, lost: documents of every category.
        by_category: documents of each that gain it, and that lose it.
    """

    gained: int
    lost: int
    by_category: dict[str, tuple[int, int]]


def moves(compared: SameDocuments) -> list[Move]:
    """The moves that are found, the nearer end of the interval first."""
    return [_move(compared, family, item) for family, item in _found(compared, "moves")]


def changed_connections(compared: SameDocuments) -> list[Change]:
    """The connections that are found to be gained or lost, the nearer end of the interval first."""
    return [_change(compared, family, item) for family, item in _found(compared, "connections")]


def _found(compared: SameDocuments, kind: str) -> Iterator[tuple[Family, int]]:
    for family in compared.families:
        if family.kind == kind:
            yield from ((family, item) for item in found_items(family).tolist())


def _move(compared: SameDocuments, family: Family, item: int) -> Move:
    """A found move, from the region that more documents leave."""
    forward = bool(family.changes.effect[item] > 0)
    there, back = (family.gained, family.lost) if forward else (family.lost, family.gained)
    label = int((there[item] / np.array(compared.sizes)).argmax())
    return Move(
        category=compared.categories[label],
        documents=int(there[item, label]),
        size=compared.sizes[label],
        all=int(there[item].sum()),
        back=int(back[item].sum()),
        **_changed(compared, family, item, forward=forward),
    )


def _change(compared: SameDocuments, family: Family, item: int) -> Change:
    counts = zip(family.gained[item].tolist(), family.lost[item].tolist(), strict=True)
    return Change(
        gained=int(family.changes.gained[item]),
        lost=int(family.changes.lost[item]),
        by_category=dict(zip(compared.categories, counts, strict=True)),
        **_changed(compared, family, item, forward=True),
    )


def _changed(compared: SameDocuments, family: Family, item: int, *, forward: bool) -> dict[str, Any]:
    """What every `Changed` has; turned round if it does not go forward."""
    changes = family.changes
    source, target = int(family.first[item]), int(family.second[item])
    effect, low, high = (float(part[item]) for part in (changes.effect, changes.ci_low, changes.ci_high))
    if not forward:
        source, target, effect, low, high = target, source, -effect, -high, -low
    return {
        "layer": int(family.layer[item]),
        "source": compared.regions[source],
        "target": compared.regions[target],
        "source_words": compared.keywords[source],
        "target_words": compared.keywords[target],
        "effect": finite(effect),
        "low": finite(low),
        "high": finite(high),
        "q": float(changes.q[item]),
        "unlike_q": finite(family.unlike_q[item]),
    }


def sentence(move: Move) -> str:
    """`61 of 558 anger texts leave R4 (words) for R9 (words) in layer 5, 3 the other way; odds …`."""
    odds = odds_told(move.effect, move.low, move.high)
    size = f"odds ({odds})" if move.effect is None else f"odds {odds}"
    unlike = move.unlike_q
    differ = f"; categories differ, q {number(unlike)}" if unlike is not None and unlike <= ALPHA else ""
    source, target = move.ends
    return (
        f"{move.documents} of {move.size} {one_line(move.category)} texts ({move.all} of all categories) leave "
        f"{source} for {target} in layer {move.layer}, {move.back} the other way; {size}; q {number(move.q)}{differ}"
    )


def _label(region: str, words: Sequence[str]) -> str:
    return region_label(region.rpartition("/R")[2], words, 2)
