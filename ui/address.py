"""What the page shows, as it stands in the address, so that a view can be shared, reloaded and gone back to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from ui.scene import MEASURES

ORDERS = {"findings": "findings", "shares": "differences of shares"}
LEAST_STABILITY = (0.0, 0.5, 0.8)
GREATEST_Q = (0.001, 0.01, 0.05, 0.2, 1.0)
CONNECTIONS = (25, 50, 100, 150, 300, 600, 1000, 3000)
TABS = {"graph": "Graph", "heatmaps": "Heatmaps", "layers": "Layers", "metrics": "Metrics"}


@dataclass(frozen=True, slots=True)
class View:
    """The choices on the Scan page. Regions are named within the study: `L3/R5`.

    Attributes:
        study: name or id; "" for the newest.
        tab: one of `TABS`.
        category: the one whose difference from the others is shown; "" for the differences between all.
        order: which connections are drawn, one of `ORDERS`; "" for findings where the study was tested.
        most_q: the greatest q of a connection that is drawn, where findings are; one of `GREATEST_Q`.
        least_stability: the least share of refits that find a connection again, where findings are drawn.
        measure: one of `graph_view.MEASURES`, the width of a connection.
        connections: how many are drawn at most.
        first, last: the layers drawn; None for from the first, to the last.
        stay: also connections between regions of one name are drawn.
        region: the region in the panel; "" for none.
        source, target: ends of the connection in the panel; "" for none.
        focus: only the neighbourhood of `region` is drawn.
    """

    study: str = ""
    tab: str = "graph"
    category: str = ""
    order: str = ""
    most_q: float = 0.05
    least_stability: float = 0.0
    measure: str = "spread"
    connections: int = 150
    first: int | None = None
    last: int | None = None
    stay: bool = True
    region: str = ""
    source: str = ""
    target: str = ""
    focus: bool = False

    def on(self, region: str = "", source: str = "", target: str = "") -> View:
        """The same view with a region, a connection or nothing in the panel."""
        return replace(self, region=region, source=source, target=target, focus=self.focus and bool(region))


def read(params: Mapping[str, str]) -> View:
    """The view of an address; what cannot be understood is as if it were not there."""
    defaults = View()
    tab, order, measure = (params.get(name, "") for name in ("tab", "order", "measure"))
    return View(
        study=params.get("study", ""),
        tab=tab if tab in TABS else defaults.tab,
        category=params.get("category", ""),
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


def _word(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
