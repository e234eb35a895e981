"""From a study's tables to the picture that a view asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from mri_core.records import Study, Table, local_id
from ui.address import View
from ui.graph_view import Column, Link, Picture, Spot, foremost, place
from ui.layout import Cell

KNOWN_LINKS = 5_000  # the most telling ones, from which rows are worked out: the rows stay when a control changes
MOST_REGIONS = 1_000_000
MOST_FINDINGS = 100_000


class Ask(Protocol):
    """Gives a template's answer about a study, whole: from the store, or kept from before."""

    def __call__(self, of: Study, template: str, /, **values: Any) -> Table:
        """The answer to `template` with these values."""


def columns(of: Study, ask: Ask) -> list[Column]:
    """All layers of a study."""
    return [Column(row["layer"], row["name"]) for row in ask(of, "layers").records()]


def categories(of: Study, ask: Ask) -> list[str]:
    """The names of a study's categories, sorted."""
    return [row["category"] for row in ask(of, "categories").records()]


def spots(of: Study, ask: Ask) -> list[Spot]:
    """All regions of a study, layer by layer."""
    return [
        Spot(
            id=local_id(of.id, row["region"]),
            layer=row["layer"],
            name=row["name"],
            documents=row["documents"],
            dominant=row["dominant_category"],
            keywords=tuple(row["keywords"]),
        )
        for row in ask(of, "regions", limit=MOST_REGIONS).records()
    ]


def telling(of: Study, ask: Ask, view: View) -> list[Link]:
    """The connections that a view chooses from, the most telling first."""
    first, last = span(columns(of, ask), view)
    rows = ask(
        of,
        "telling-connections",
        category=view.category or None,
        first_layer=first,
        last_layer=last,
        region=view.region if view.focus else None,
        diagonal=view.stay,
        limit=KNOWN_LINKS,
    ).records()
    found = _found(of, ask)
    return [_link(of, row, view.category, found.get((row["source"], row["target"]), ())) for row in rows]


def picture(of: Study, ask: Ask, view: View, also: Sequence[Link] = (), empty: Sequence[Spot] = ()) -> Picture:
    """What the view draws, with connections that need not be telling, and cells in which no document lies."""
    layers, regions = columns(of, ask), [*spots(of, ask), *empty]
    first, last = span(layers, view)
    drawn, ties = foremost(telling(of, ask, view), {spot.id: spot.layer for spot in regions}, view.connections)
    drawn = [*also, *(link for link in drawn if link.id not in {other.id for other in also})]
    chained = of.atlas == "clusters"
    ends = {end for link in drawn for end in (link.source, link.target)} | {view.region}
    shown = [
        spot for spot in regions if first <= spot.layer <= last and (spot.id in ends or (chained and not view.focus))
    ]
    places = in_lanes(of, ask, shown) if chained else place(shown, drawn, chained=False)
    present = {spot.layer for spot in shown}
    return Picture([column for column in layers if column.index in present], shown, drawn, places, ties)


def span(layers: Sequence[Column], view: View) -> tuple[int, int]:
    """First and last layer that the view draws: two at least, within those there are."""
    lowest, highest = layers[0].index, layers[-1].index
    first = lowest if view.first is None else min(max(view.first, lowest), highest - 1)
    last = highest if view.last is None else min(view.last, highest)
    return first, max(last, first + 1)


def told(of: Study, view: View, shown: Picture) -> str:
    """What a picture shows, in a sentence."""
    what = f"{view.category} differs most from the others" if view.category else "the categories differ most"
    count = "all" if len(shown.links) < view.connections else "the first"
    where = " of one region" if view.focus else ""
    ties = f" ({shown.ties} more differ as much as the last)" if shown.ties else ""
    return (
        f"How {of.documents} documents of {of.categories} categories go through {of.model}: "
        f"{count} {len(shown.links)} connections{where}{ties}, those in which {what} on top."
    )


def in_lanes(of: Study, ask: Ask, shown: Sequence[Spot]) -> dict[str, Cell]:
    """The cells of some regions of a chained study, in the order that its lanes have in every picture."""
    return _closed_up(shown, _lanes(of, ask))


def _lanes(of: Study, ask: Ask) -> dict[str, Cell]:
    """The cells of all regions of a chained study."""
    return place(spots(of, ask), telling(of, ask, View()), chained=True)


def _closed_up(shown: Sequence[Spot], cells: Mapping[str, Cell]) -> dict[str, Cell]:
    """The cells of the regions shown, without the rows and columns that none of them uses."""
    rows = {row: float(i) for i, row in enumerate(sorted({cells[spot.id].row for spot in shown}))}
    used = {column: i for i, column in enumerate(sorted({cells[spot.id].column for spot in shown}))}
    return {
        spot.id: cells[spot.id]._replace(row=rows[cells[spot.id].row], column=used[cells[spot.id].column])
        for spot in shown
    }


def _found(of: Study, ask: Ask) -> dict[tuple[str, str], tuple[str, ...]]:
    """Which categories are found to take a connection more or less, by its ends."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for row in ask(of, "findings", order="interval", limit=MOST_FINDINGS).records():
        ends = row["source"], row["target"]
        found[ends] = (*found.get(ends, ()), f"{row['category']} {row['finding']}")
    return found


def _link(of: Study, row: dict[str, Any], category: str, found: tuple[str, ...]) -> Link:
    difference = row["difference"]
    return Link(
        source=local_id(of.id, row["source"]),
        target=local_id(of.id, row["target"]),
        documents=row["documents"],
        spread=row["spread"] if difference is None else abs(difference),
        most=row["most"],
        share=row["most_share"],
        tint=row["most"] if difference is None else (category if difference > 0 else None),
        found=found,
    )
