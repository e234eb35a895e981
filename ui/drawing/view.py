"""The choices of a view of one study: which layers, connections and measures are drawn."""

from __future__ import annotations

from dataclasses import dataclass, replace

ORDERS = {"findings": "findings", "shares": "differences of shares"}
LEAST_STABILITY = (0.0, 0.5, 0.8)
GREATEST_Q = (0.001, 0.01, 0.05, 0.2, 1.0)
CONNECTIONS = (25, 50, 100, 150, 300, 600, 1000, 3000)
TABS = {"graph": "Graph", "heatmaps": "Heatmaps", "layers": "Layers", "metrics": "Metrics", "cause": "Cause"}


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
        measure: one of `ui.drawing.scene.MEASURES`, the width of a connection.
        connections: how many are drawn at most.
        first, last: the layers drawn; None for from the first, to the last.
        stay: also connections between regions of one name are drawn.
        region: the region in the panel; "" for none.
        source, target: ends of the connection in the panel; "" for none.
        focus: only the neighbourhood of `region` is drawn.
        tried: key of the intervention that Cause shows; "" for the one of least q.
        picked: the region or connection told beside the graph of what it changes; "" for none.
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
    tried: str = ""
    picked: str = ""

    def on(self, region: str = "", source: str = "", target: str = "") -> View:
        """The same view with a region, a connection or nothing in the panel."""
        focus = self.focus and bool(region)
        return replace(self, region=region, source=source, target=target, focus=focus)
