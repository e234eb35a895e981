"""A path drawn over the layered graph: its steps stand out, all else fades."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from ui.palette import translucent

if TYPE_CHECKING:
    from pyvis.network import Network

FADED_EDGE, FADED_NODE = 0.26, 0.5  # opacity
STEP, DASHES = 7.0, [14, 10]  # pixels
RING = 4


def mark_path(network: Network, regions: Sequence[str], taken: Sequence[bool]) -> None:
    """Makes a path stand out in a network of `graph_view.build_network`.

    Args:
        network: is changed.
        regions: of the path, one a layer.
        taken: for each step whether any document takes it; what none takes is dashed.
    """
    steps = {f"{source}>{target}": step for step, (source, target) in enumerate(pairwise(regions))}
    for edge in network.edges:
        colour = edge["color"]["hover"]
        if edge["id"] in steps:
            edge["width"] = STEP
            edge["color"] = {**edge["color"], "color": colour}
            edge["dashes"] = False if taken[steps[edge["id"]]] else DASHES
        else:
            edge["color"] = {**edge["color"], "color": translucent(colour, FADED_EDGE)}
    for node in network.nodes:
        if node["id"] in regions:
            node["borderWidth"] = RING
        elif node["shape"] == "dot":
            node["opacity"] = FADED_NODE
    network.edges.sort(key=lambda edge: edge["id"] in steps)  # what comes last is on top
