"""What the page shows, as it stands in the address, so that a view can be shared, reloaded and gone back to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from ui.drawing.scene import MEASURES
from ui.drawing.view import (
    CONNECTIONS,
    GREATEST_Q,
    LEAST_STABILITY,
    MOST_EXPANDED,
    MOST_FURTHER,
    ORDERS,
    TABS,
    VALUES,
    View,
)

BETWEEN, TIMES = ",", "*"  # regions that are expanded, and a region and how many further connections it has


def read(params: Mapping[str, str]) -> View:
    """The view of an address; what cannot be understood is as if it were not there."""
    defaults = View()
    tab, order, measure, value = (params.get(name, "") for name in ("tab", "order", "measure", "value"))
    return View(
        study=params.get("study", ""),
        tab=tab if tab in TABS else defaults.tab,
        category=params.get("category", ""),
        colour=params.get("colour", ""),
        order=order if order in ORDERS else defaults.order,
        most_q=next((q for q in GREATEST_Q if str(q) == params.get("most_q")), defaults.most_q),
        least_stability=next((s for s in LEAST_STABILITY if str(s) == params.get("least_stability")), 0.0),
        measure=measure if measure in MEASURES else defaults.measure,
        connections=_nearest(_integer(params.get("connections")) or defaults.connections),
        first=_integer(params.get("first")),
        last=_integer(params.get("last")),
        stay=params.get("stay") != "no",
        region=params.get("region", ""),
        source=params.get("source", ""),
        target=params.get("target", ""),
        focus=params.get("focus") == "yes",
        expanded=_expanded(params.get("expanded", "")),
        step=params.get("step", ""),
        value=value if value in VALUES else defaults.value,
        versus=params.get("versus", ""),
        sort="similar" if params.get("sort") == "similar" else defaults.sort,
        tried=params.get("tried", ""),
        picked=params.get("picked", ""),
    )


def write(view: View) -> dict[str, str]:
    """The address of a view; what is at its default is left out."""
    defaults = View()
    changed = {
        field.name: getattr(view, field.name)
        for field in fields(view)
        if getattr(view, field.name) != getattr(defaults, field.name)
    }
    return {name: _word(value) for name, value in changed.items()}


def _integer(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 7 else None


def _nearest(count: int) -> int:
    return min(CONNECTIONS, key=lambda offered: abs(offered - count))


def _expanded(text: str) -> tuple[tuple[str, int], ...]:
    pairs = (each.rpartition(TIMES) for each in text.split(BETWEEN))
    counts = {region: min(_integer(count) or 0, MOST_FURTHER) for region, _, count in pairs if region}
    return tuple((region, count) for region, count in counts.items() if count)[:MOST_EXPANDED]


def _word(value: object) -> str:
    if isinstance(value, tuple):
        return BETWEEN.join(f"{region}{TIMES}{count}" for region, count in value)
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
