"""From a study's tables to the picture that a view asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

from mri_core.atlas.kinds import traits_of
from mri_core.numbers import how_many
from mri_core.records.graph import Study
from mri_core.records.ids import local_id
from mri_core.records.measures import ALPHA
from mri_core.records.table import Table
from ui.drawing import places
from ui.drawing.foremost import by_evidence, by_shares, foremost
from ui.drawing.layout import Cell
from ui.drawing.palette import repeated
from ui.drawing.scene import KNOWN_LINKS, Column, Link, Picture, Spot
from ui.drawing.view import View
from ui.wording import found_again
from ui.wording.forms import scanned
from ui.wording.labels import READER_NAME
from ui.wording.units import number_of, of_tokens, unit_word

MOST_REGIONS = MOST_MOVES = 1_000_000


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
            dominance=row["dominance"],
            purity=purity(row["dominance"], of.categories),
            id=local_id(of.id, row["region"]),
            layer=row["layer"],
            name=row["name"],
            documents=number_of(row),
            dominant=row["dominant_category"],
            keywords=tuple(row["keywords"]),
            given=row[READER_NAME] or "",
            unit=unit_word(of, plural=False),
            texts=row["documents"] if of_tokens(of) else None,
        )
        for row in ask(of, "regions", limit=MOST_REGIONS).records()
    ]


def purity(dominance: float | None, categories: int) -> float:
    """The dominance of one of several on the scale from all categories alike to one alone."""
    if dominance is None or categories < 2:
        return 1.0
    return min(max((dominance * categories - 1) / (categories - 1), 0.0), 1.0)


def order_of(of: Study, view: View) -> str:
    """Which connections the view asks for, one of `ORDERS`: findings only of a study that was tested."""
    return "shares" if of.fdr is None else view.order or "findings"


def telling(of: Study, ask: Ask, view: View) -> list[Link]:
    """The connections that a view chooses from, the most telling first."""
    first, last = span(columns(of, ask), view)
    finds = order_of(of, view) == "findings"
    rows = ask(
        of,
        "telling-connections",
        category=view.category or None,
        first_layer=first,
        last_layer=last,
        region=view.region if view.focus else None,
        diagonal=view.stay,
        limit=KNOWN_LINKS,
        **(_found(view) if finds else {}),
    ).records()
    return [link_of(of, row, view.category, finds=finds) for row in rows]


def connections_of(of: Study, ask: Ask, view: View, region: str, order: str) -> list[Link]:
    """All connections of a region that documents take within the view's layers, those of most documents first.

    Args:
        of, ask, view: as in `picture`.
        region: whose they are.
        order: of the picture that they are drawn in, one of `ORDERS`.
    """
    first, last = span(columns(of, ask), view)
    rows = ask(
        of,
        "telling-connections",
        category=view.category or None,
        first_layer=first,
        last_layer=last,
        region=region,
        diagonal=view.stay,
        limit=KNOWN_LINKS,
    ).records()
    links = [link_of(of, row, view.category, finds=order == "findings") for row in rows if number_of(row)]
    return sorted(links, key=lambda link: (-link.documents, -link.spread, link.source, link.target))


def picture(of: Study, ask: Ask, view: View) -> Picture:
    """What the view draws; where nothing is found, the largest differences of shares."""
    layers, known = columns(of, ask), spots(of, ask)
    first, last = span(layers, view)
    order, links = order_of(of, view), telling(of, ask, view)
    nothing = "" if links or order == "shares" else _nothing(view)
    if not links:
        order, links = "shares", telling(of, ask, replace(view, order="shares"))
    height = by_evidence if order == "findings" else by_shares
    drawn, ties = foremost(links, {spot.id: spot.layer for spot in known}, view.connections, height)
    chained = traits_of(of.atlas).chained
    ends = {end for link in drawn for end in (link.source, link.target)} | {view.region}
    shown = [
        spot for spot in known if first <= spot.layer <= last and (spot.id in ends or (chained and not view.focus))
    ]
    cells = in_lanes(of, ask, shown, known) if chained else places.stacked(shown, drawn)
    present = {spot.layer for spot in shown}
    used = [column for column in layers if column.index in present]
    return Picture(used, shown, drawn, cells, ties, order, len(links), nothing)


def span(layers: Sequence[Column], view: View) -> tuple[int, int]:
    """First and last layer that the view draws: two at least, within those there are."""
    lowest, highest = layers[0].index, layers[-1].index
    first = lowest if view.first is None else min(max(view.first, lowest), highest - 1)
    last = highest if view.last is None else min(view.last, highest)
    return first, max(last, first + 1)


def told(of: Study, view: View, shown: Picture) -> str:
    """What a picture shows, in a sentence; before it, plainly, where nothing is found."""
    count = "the first" if shown.left_out else "all"
    where = " of one region" if view.focus else ""
    ties = f" ({shown.ties} more tie with the last)" if shown.ties else ""
    what = f" {_evident(view)}" if shown.order == "findings" else ""
    told = (
        f"How {scanned(of.documents, None, of.tokens)} of {of.categories} categories go through {of.model}: "
        f"{count} {len(shown.chosen)} connections{where}{what}{ties}, {_on_top(view, shown)} on top."
    )
    grey = ", grey where they are no finding" if shown.order == "findings" else ""
    added = f"Added: {how_many(shown.added, 'further connection')} of expanded regions{grey}." if shown.added else ""
    colours = "" if view.colour else repeated(of.categories)
    told = " ".join(part for part in (told, _sure(of, shown), shown.left_out, added, colours) if part)
    return f"{shown.nothing} {told}".strip()


def _sure(of: Study, shown: Picture) -> str:
    """How many of the findings drawn come back, and how many stay."""
    if shown.order != "findings":
        return ""
    names = {spot.id: spot.name for spot in shown.spots}
    rows = [(link.stability, names[link.source] == names[link.target]) for link in shown.chosen if link.found]
    return found_again.told(found_again.counted(rows, matched=traits_of(of.atlas).chained), "connections")


def _evident(view: View) -> str:
    """Which connections are drawn where findings are."""
    again = f", found again in at least {view.least_stability:.0%} of the refits" if view.least_stability else ""
    if view.most_q > ALPHA:
        return f"with q at most {view.most_q:g}, of which those above {ALPHA:g} may be chance{again}"
    whose = f"that {view.category} is found to take more or less than the others" if view.category else "that differ"
    return f"{whose} by more than chance (q at most {view.most_q:g}){again}"


def _on_top(view: View, shown: Picture) -> str:
    """Which of the connections drawn come first."""
    if shown.order == "findings":
        again = any(link.stability is not None for link in shown.links)
        return "those that refits find again most often" if again else "those that differ most at the least"
    what = f"{view.category} differs most from the others" if view.category else "the categories differ most"
    return f"those in which {what}"


def _nothing(view: View) -> str:
    """That no connection is found, and what is drawn in its place."""
    chosen = view.focus or view.first is not None or view.last is not None or not view.stay
    which = " among those chosen" if chosen else ""
    deed = f"is taken more or less by {view.category}" if view.category else "differs"
    again = f" and comes back in at least {view.least_stability:.0%} of the refits" if view.least_stability else ""
    return (
        f"No connection{which} {deed} by more than chance (q at most {view.most_q:g}){again}: "
        "shown are the largest differences of shares as counted."
    )


def in_lanes(of: Study, ask: Ask, shown: Sequence[Spot], known: Sequence[Spot]) -> dict[str, Cell]:
    """The cells of some regions of a chained study, in the order that its lanes have in every picture.

    Args:
        of, ask: as in `picture`.
        shown: the regions.
        known: all of the study.
    """
    moves = ask(of, "moves", limit=MOST_MOVES)
    return places.closed_up(shown, places.in_lanes(known, moves.rows))


def _found(view: View) -> dict[str, Any]:
    """What a question about connections is told where findings are asked for; above `ALPHA` there is none by name."""
    least = view.least_stability or None
    return {"order": "stability", "most_q": view.most_q, "found": view.most_q <= ALPHA, "least_stability": least}


def link_of(of: Study, row: dict[str, Any], category: str, *, finds: bool) -> Link:
    """A row of the question as it is drawn: in the colour of what is found, else of what is asked for or has most."""
    difference = row["difference"]
    asked = row["most"] if difference is None else category
    return Link(
        source=local_id(of.id, row["source"]),
        target=local_id(of.id, row["target"]),
        documents=number_of(row) or 0,
        spread=row["spread"] if difference is None else abs(difference),
        most=row["most"],
        share=row["most_share"],
        tint=row["named"] if finds else asked,
        less=row["way"] == "less" if finds else difference is not None and difference < 0,
        found=tuple(row["found"]),
        q=row["q"],
        stability=row["stability"],
        nearer=row["nearer"],
        unit=unit_word(of, plural=False),
    )
