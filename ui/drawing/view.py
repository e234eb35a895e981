"""The choices of a view of one study: which layers, connections and measures are drawn."""

from __future__ import annotations

from dataclasses import dataclass, replace

ORDERS = {"findings": "findings", "shares": "differences of shares"}
LEAST_STABILITY = (0.0, 0.5, 0.8)
GREATEST_Q = (0.001, 0.01, 0.05, 0.2, 1.0)
MOST_EXPANDED, MOST_FURTHER = 50, 5000  # regions that are expanded at once, and further connections of one
CONNECTIONS = (25, 50, 100, 150, 300, 600, 1000, 3000)
EVERY_STEP = "all"  # of a connectivity matrix: all layers at once
VALUES = {
    "documents": "documents",
    "part": "share of the source region",
    "share": "share of the category",
    "spread": "difference of shares",
}
SORTS = {"graph": "as in the graph", "similar": "by similarity"}
TABS = {
    "graph": "Graph",
    "matrix": "Matrix",
    "heatmaps": "Heatmaps",
    "layers": "Layers",
    "metrics": "Metrics",
    "cause": "Cause",
}


@dataclass(frozen=True, slots=True)
class View:
    """The choices on the Scan page. Regions are named within the study: `L3/R5`.

    Attributes:
        study: name or id; "" for the newest.
        tab: one of `TABS`.
        category: the one whose difference from the others is shown; "" for the differences between all.
        colour: the crossed label whose values have colours; "" for the categories.
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
        expanded: regions whose further connections are drawn, each with how many of these at most.
        step: the layer that the connections of the matrix leave, or `EVERY_STEP`; "" for that of most findings.
        value: the number of a cell of the matrix, one of `VALUES`.
        versus: the category whose share is subtracted in the matrix; "" for the mean of the others.
        sort: the order of the matrix' rows and columns, one of `SORTS`.
        tried: key of the intervention that Cause shows; "" for the one of least q.
        picked: the region or connection told beside the graph of what it changes; "" for none.
    """

    study: str = ""
    tab: str = "graph"
    category: str = ""
    colour: str = ""
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
    expanded: tuple[tuple[str, int], ...] = ()
    step: str = ""
    value: str = "documents"
    versus: str = ""
    sort: str = "graph"
    tried: str = ""
    picked: str = ""

    def on(self, region: str = "", source: str = "", target: str = "") -> View:
        """The same view with a region, a connection or nothing in the panel."""
        focus = self.focus and bool(region)
        return replace(self, region=region, source=source, target=target, focus=focus)

    def further(self, region: str) -> int:
        """How many further connections of a region are drawn at most; 0 where it is not expanded."""
        return dict(self.expanded).get(region, 0)

    def expand(self, region: str, more: int) -> View:
        """The same view with so many further connections of a region, beyond those that it was expanded by before."""
        counts = dict(self.expanded)
        counts[region] = min(counts.get(region, 0) + more, MOST_FURTHER)
        return replace(self, expanded=tuple(counts.items())[-MOST_EXPANDED:])

    def collapse(self, *regions: str) -> View:
        """The same view without the further connections of these regions."""
        return replace(self, expanded=tuple(pair for pair in self.expanded if pair[0] not in regions))
