"""Which findings about tokens go beyond their types: words that a category merely uses more often explain the others.

connectome = with_within(weighed.connectome, labels, types, texts)
measures = within_counted(weighed.measures, connectome)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mri_core.records.connectome import Activity, Connectome, Flows
from mri_core.records.measures import ALPHA, FINDINGS, Measure
from mri_core.statistics.tables import Tables, connection_tables, region_tables
from mri_core.statistics.within_types import FLIPS, WithinTypes, within_types


def with_within(
    connectome: Connectome,
    labels: np.ndarray,
    types: np.ndarray,
    texts: np.ndarray,
    *,
    flips: int = FLIPS,
    seed: int = 0,
) -> Connectome:
    """The connectome with effect and q within types of each row of its flows, its activity and what is avoided.

    Args:
        connectome: of tokens.
        labels: (tokens,) integer category of each, that it was counted by.
        types: (tokens,) integer type of each.
        texts: (tokens,) integer text, or group of whole texts, of each.
        flips: random signs that texts' scores are compared with.
        seed: of the signs.
    """

    def tested(tables: Tables) -> WithinTypes:
        return within_types(tables, labels, len(connectome.category_documents), types, texts, flips=flips, seed=seed)

    activity, flows, avoided = connectome.activity, connectome.flows, connectome.avoided
    regions = tested(region_tables(connectome.placement))  # its cells are the regions
    there = activity.region, activity.category
    activity = replace(activity, within=regions.effect[there], within_q=regions.q[there])
    if connectome.placement.shape[1] < 2:
        return replace(connectome, activity=activity)
    tables = connection_tables(connectome.placement)
    connections, several = tested(tables), len(connectome.region_layer)
    cells = tables.first * several + tables.second  # in rising order, as regions are numbered through all layers

    def filled(rows: Flows) -> Flows:
        at = np.searchsorted(cells, rows.source.astype(np.int64) * several + rows.target), rows.category
        return replace(rows, within=connections.effect[at], within_q=connections.q[at])

    avoided = None if avoided is None else filled(avoided)
    return replace(connectome, activity=activity, flows=filled(flows), avoided=avoided)


def within_counted(measures: Sequence[Measure], connectome: Connectome) -> tuple[Measure, ...]:
    """The measures; those of kind `findings` of connections and of regions say how many of these remain within types.

    `within` in their details is the number of connections, or regions, of which a category that is named differs in the
    same direction within types, with a q of .05 or less; `within_tested` of those in which anything varies there.

    Args:
        measures: of `weigh`.
        connectome: with evidence, and within types.
    """
    remaining = {"connections": _remaining_flows(connectome), "regions": _of_regions(connectome.activity)}
    return tuple(
        replace(measure, details={**measure.details, **remaining[measure.other]})
        if measure.kind == FINDINGS and measure.other in remaining
        else measure
        for measure in measures
    )


def _remaining_flows(connectome: Connectome) -> dict[str, int]:
    rows = [connectome.flows, *([] if connectome.avoided is None else [connectome.avoided])]
    several = len(connectome.region_layer)
    items = [own.source.astype(np.int64) * several + own.target for own in rows]
    return _counted(*(np.concatenate(part) for part in zip(*map(_named, rows, items), strict=True)))


def _of_regions(activity: Activity) -> dict[str, int]:
    return _counted(*_named(activity, activity.region))


def _named(rows: Flows | Activity, items: np.ndarray) -> tuple[np.ndarray, ...]:
    """Of the rows with a finding the item, the direction, and effect and q within types."""
    if rows.evidence is None or rows.within is None or rows.within_q is None:
        return (np.empty(0),) * 4
    named = rows.evidence.finding != 0
    return items[named], rows.evidence.finding[named], rows.within[named], rows.within_q[named]


def _counted(items: np.ndarray, finding: np.ndarray, effect: np.ndarray, q: np.ndarray) -> dict[str, int]:
    remains = (q <= ALPHA) & (np.sign(effect) == finding)
    return {"within": len(np.unique(items[remains])), "within_tested": len(np.unique(items[np.isfinite(q)]))}
