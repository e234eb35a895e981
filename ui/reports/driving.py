"""The tokens that put documents in a region, next to the words that are over-represented there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mri_core.records.graph import Study
from mri_core.records.ids import layer_of
from mri_core.records.measures import Measure
from queries.text import number
from ui.reports.explained import CAUTION
from ui.wording.labels import words_of
from ui.wording.terminal import table

SHOWN = 5  # tokens of a cell
COLUMNS = (
    "region",
    "documents",
    "driving tokens",
    "of these over-represented",
    "over-represented, part below 0",
    "over-represented, not shown to differ from 0",
)
EXPLAINED = (
    "Driving tokens: the largest mean part in the margin of the region's documents over the next nearest region; the "
    "tokens of a word are added up. The other words of the region are in the last two columns by the 95 % confidence "
    "interval of their mean part: wholly below 0 (frequent there, but not what puts documents there), or holding 0 "
    "(the sample does not show whether they do, often for want of documents with the word)."
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
        against: words of the region whose part is below 0 with its whole interval.
        unclear: other words of the region, not among the leading tokens, whose interval holds 0.
    """

    region: str
    sample: int
    leading: tuple[tuple[str, float], ...]
    shared: tuple[str, ...]
    against: tuple[str, ...]
    unclear: tuple[str, ...]


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
    others = [(token, measure) for token, measure in ordered if token in words and not measure.details["leads"]]
    return Driven(
        region,
        ordered[0][1].details["sample"],
        leading,
        tuple(token for token, _ in leading if token in words),
        tuple(token for token, measure in others if (measure.ci_high or 0.0) < 0),
        tuple(token for token, measure in others if (measure.ci_low or 0.0) <= 0 <= (measure.ci_high or 0.0)),
    )


def in_words(
    study: Study, held: Sequence[Measure], words: Mapping[str, Collection[str]], names: Mapping[str, str]
) -> str:
    """A table for a reader.

    Args:
        study: that was explained.
        held, words: as of `driven`.
        names: that readers gave to regions within the study.
    """
    return "\n\n".join(_told(study, driven(held, words), names))


def _told(study: Study, found: Sequence[Driven], names: Mapping[str, str]) -> Iterator[str]:
    if not found:
        yield NONE
        return
    yield table(COLUMNS, [_row(one, names.get(one.region)) for one in found])
    yield EXPLAINED
    yield CAUTION
    yield f"Stored with {study.name}: mri query driving-tokens --study {study.name}"


def _row(one: Driven, name: str | None) -> tuple[str | int, ...]:
    region = " ".join([one.region, *words_of(name, ())])
    leading = ", ".join(f"{token} {number(part)}" for token, part in one.leading[:SHOWN])
    return region, one.sample, leading, *(", ".join(each[:SHOWN]) for each in (one.shared, one.against, one.unclear))
