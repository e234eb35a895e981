"""Measures of a study's layered graph: pure functions on arrays; networkx, igraph and scipy's matrices compute."""

from mri_core.metrics.flow_graph import FlowGraph, flow_graph, layered_graph
from mri_core.metrics.measures import RANDOM_GRAPHS, measures
from mri_core.metrics.region_metrics import RegionMetrics, region_metrics

__all__ = ["RANDOM_GRAPHS", "FlowGraph", "RegionMetrics", "flow_graph", "layered_graph", "measures", "region_metrics"]
