"""Compares some categories of a ready study, as if there were no others, from the store's documents."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mri_core.atlas.kinds import traits_of
from mri_core.connectome.counting import build_connectome
from mri_core.errors import UsageError, one_line, unknown_name
from mri_core.evidence.weighing import Names, steps, weigh
from mri_core.numbers import finite
from mri_core.records.connectome import Connectome, Flows
from mri_core.records.graph import Study
from mri_core.records.ids import local_id
from mri_core.records.measures import Measure
from mri_core.records.units import refuse_tokens
from mri_core.statistics.fdr import Method
from mri_core.store.reading import Readable
from mri_core.studies.placements import Placements, categories_of, read_placements


@dataclass(frozen=True)
class Compared:
    """A comparison's rows and measures.

    Attributes:
        categories: that were compared, by name.
        documents: of each.
        fdr: how q was computed.
        rows: every finding on a connection, ordered by the interval's end nearest to 0.
        measures: as of `mri_core.evidence.weighing.weigh`, of these categories alone.
    """

    categories: tuple[str, ...]
    documents: tuple[int, ...]
    fdr: str
    rows: tuple[Difference, ...]
    measures: tuple[Measure, ...]


@dataclass(frozen=True)
class Difference:
    """A category that takes a connection more, or less, than the others it is compared with.

    Attributes:
        source, target: ids of its regions.
        source_keywords, target_keywords: their words.
        layer: index of the layer it leaves.
        category, finding: `more` or `less`.
        weight, share: documents of the category that take it, and their share.
        named_before: of three or more, the categories named before it on the connection, which it is not compared with.
        effect, ci_low, ci_high: log odds ratio against the others; None for an infinite end.
        q: of the connection.
        routing_q: of the same among the documents in the source region.
    """

    source: str
    target: str
    source_keywords: tuple[str, ...]
    target_keywords: tuple[str, ...]
    layer: int
    category: str
    finding: str
    weight: int
    share: float
    named_before: tuple[str, ...]
    effect: float
    ci_low: float | None
    ci_high: float | None
    q: float
    routing_q: float


def compare_categories(
    store: Readable,
    study: Study,
    categories: Sequence[str],
    fdr: Method | None = None,
    begin: Callable[[int], None] = lambda steps: None,
    advance: Callable[[], None] = lambda: None,
) -> Compared:
    """Tests the documents of some categories against one another.

    Args:
        store: that holds the study.
        study: a ready one, of regions and not of components.
        categories: two or more of its categories.
        fdr: how q is computed; None for the study's own method.
        begin: called with the number of calls of `advance`.
        advance: called after each step.

    Raises:
        UsageError: fewer than two categories, an unknown one, or a study of components.
    """
    chosen = sorted(set(categories))
    _check(store, study, chosen)
    read = read_placements(store, study, chosen)
    connectome = build_connectome(read.placement, read.labels, len(chosen))
    procedure = read.procedure(study, len(chosen), fdr)
    begin(steps(procedure, study.layers))
    names = Names(chosen, [local_id(study.id, read.regions[code]) for code in connectome.region_code.tolist()])
    weighed = weigh(connectome, procedure, names, advance)
    parts = [part for part in (weighed.connectome.flows, weighed.connectome.avoided) if part is not None]
    rows = [row for part in parts for row in _differences(part, connectome, chosen, read)]
    return Compared(
        tuple(chosen),
        tuple(connectome.category_documents.tolist()),
        procedure.fdr,
        tuple(sorted(rows, key=_order)),
        weighed.measures,
    )


def _check(store: Readable, study: Study, chosen: Sequence[str]) -> None:
    known = categories_of(store, study)
    rule = "Categories are compared anew by the regions that whole documents pass"
    refuse_tokens(study, rule, _asked_instead(study, chosen, known))
    if not traits_of(study.atlas).holds_documents:
        fact = f"{study.name} is a study of components, which hold none"
        raise UsageError("Categories are compared by their documents", fact, "Ask: mri query components")
    for name in chosen:
        if name not in known:
            raise unknown_name("category", name, known)
    if len(chosen) < 2:
        raise UsageError("Two categories or more are compared", f"{len(chosen)} was named", "Name another")


def _asked_instead(study: Study, chosen: Sequence[str], known: Sequence[str]) -> str:
    """The command that shows two categories as they were counted; "" where there are none that can be typed."""
    typed = [name for name in dict.fromkeys([*chosen, *known]) if name in known and one_line(name) == name]
    if len(typed) < 2:
        return ""
    one, other = map(shlex.quote, typed[:2])
    return f"Run `mri query compare-categories --study {study.name} --category {one} --versus {other}`"


def _differences(flows: Flows, connectome: Connectome, categories: Sequence[str], read: Placements) -> list[Difference]:
    evidence = flows.evidence
    if evidence is None or flows.share is None or flows.routing_q is None:
        return []
    rows = []
    for i in np.flatnonzero(evidence.finding).tolist():
        source, target = (int(connectome.region_code[end[i]]) for end in (flows.source, flows.target))
        rows.append(
            Difference(
                source=read.regions[source],
                target=read.regions[target],
                source_keywords=read.keywords[source],
                target_keywords=read.keywords[target],
                layer=int(connectome.region_layer[flows.source[i]]),
                category=categories[flows.category[i]],
                finding="more" if evidence.finding[i] > 0 else "less",
                weight=int(flows.weight[i]),
                share=float(flows.share[i]),
                named_before=tuple(categories[before] for before in evidence.before[i] or ()),
                effect=float(evidence.effect[i]),
                ci_low=finite(evidence.ci_low[i]),
                ci_high=finite(evidence.ci_high[i]),
                q=float(evidence.q[i]),
                routing_q=float(flows.routing_q[i]),
            )
        )
    return rows


def _order(row: Difference) -> tuple[object, ...]:
    nearer = (row.ci_low or 0.0) if row.finding == "more" else -(row.ci_high or 0.0)
    return (-nearer, row.layer, row.source, row.target, row.category)
