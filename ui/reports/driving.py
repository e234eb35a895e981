"""The tokens that put documents in a region, next to the words that are over-represented there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mri_core.records.graph import Study
from mri_core.records.ids import layer_of
from mri_core.records.measures import Measure
from queries.text import number
from ui.reports.explained import CAUTION
from ui.wording.terminal import table

SHOWN = 5  # tokens of a cell
COLUMNS = ("region", "documents", "driving tokens", "of these over-represented", "over-represented without a part")
EXPLAINED = (
    "Driving tokens: the largest mean part in the margin of the region's documents over the next nearest region; the "
    "tokens of a word are added up. Over-represented without a part: words of the region whose part is not above 0 "
    "(95 % confidence interval): frequent there, but not what puts documents there."
)
NONE = "No region has two documents in the sample."


@dataclass(frozen=True)
class Driven:
    """A region's tokens.

    Attributes:
        region: within the study.
        sample: its documents in the sample.
        leading: tokens with the largest mean part, that first, with the part.
        shared: of these, the region's words.
        idle: words of the region whose part is not above 0.
    """

    region: str
    sample: int
    leading: tuple[tuple[str, float], ...]
    shared: tuple[str, ...]
    idle: tuple[str, ...]


def driven(held: Sequence[Measure], words: Mapping[str, Collection[str]]) -> list[Driven]:
    """A record for each region, by layer and name.

    Args:
        held: measures of the kind `driving_tokens`.
        words: of each region within the study.
    """
    regions: dict[str, list[tuple[str, Measure]]] = {}
    for measure in held:
        region, _, token = (measure.other or "").partition(" ")
        regions.setdefault(region, []).append((token, measure))
    found = [_driven(region, own, words.get(region, ())) for region, own in regions.items()]
    return sorted(found, key=lambda one: (layer_of(one.region), len(one.region), one.region))


def _driven(region: str, own: Sequence[tuple[str, Measure]], words: Collection[str]) -> Driven:
    ordered = sorted(own, key=lambda each: -(each[1].value or 0.0))
    leading = tuple((token, measure.value or 0.0) for token, measure in ordered if measure.details["leads"])
    return Driven(
        region,
        ordered[0][1].details["sample"],
        leading,
        tuple(token for token, _ in leading if token in words),
        tuple(token for token, measure in ordered if token in words and (measure.ci_low or 0.0) <= 0),
    )


def in_words(study: Study, held: Sequence[Measure], words: Mapping[str, Collection[str]]) -> str:
    """A table for a reader.

    Args:
        study: that was explained.
        held, words: as of `driven`.
    """
    return "\n\n".join(_told(study, driven(held, words)))


def _told(study: Study, found: Sequence[Driven]) -> Iterator[str]:
    if not found:
        yield NONE
        return
    yield table(COLUMNS, [_row(one) for one in found])
    yield EXPLAINED
    yield CAUTION
    yield f"Stored with {study.name}: mri query driving-tokens --study {study.name}"


def _row(one: Driven) -> tuple[str, int, str, str, str]:
    leading = ", ".join(f"{token} {number(part)}" for token, part in one.leading[:SHOWN])
    return one.region, one.sample, leading, ", ".join(one.shared[:SHOWN]), ", ".join(one.idle[:SHOWN])
