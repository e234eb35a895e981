"""The error due to the atlas: a study's headline numbers in each bootstrap refit of its atlas.

Another seed or other documents to fit to give another atlas, with other regions and counts. The refits that measure
the stability of findings measure this too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mri_core.records.measures import ATLAS_SPREAD, DIVERGENCE, FAMILIES, FLOOR, HALF, TAKEN, Measure
from mri_core.statistics.controls import Counted, count_findings
from mri_core.statistics.divergence import REACH, divergence, half_maximum
from mri_core.statistics.families import Findings
from mri_core.statistics.procedure import Procedure
from mri_core.statistics.tables import Tables, connection_tables

PERMUTATIONS = 50  # for the divergence by chance, which is subtracted: the same ones in all refits


@dataclass(frozen=True)
class Headlines:
    """The headline numbers in one atlas.

    Attributes:
        found: findings of each family.
        taken: connections that any document takes, each once for every category, as a study counts them.
        excess: (layers,) divergence over chance, bits.
    """

    found: Counted
    taken: int
    excess: np.ndarray

    @property
    def half(self) -> int | None:
        """The first layer whose excess is half of the largest; None if no layer has any."""
        return half_maximum(self.excess)

    @property
    def numbers(self) -> dict[str, int | None]:
        """The numbers that belong to no layer, by their names in measures."""
        return {**dict(zip(FAMILIES, self.found, strict=True)), TAKEN: self.taken, HALF: self.half}


def headlines(
    codes: np.ndarray, procedure: Procedure, tables: Tables | None = None, findings: Findings | None = None
) -> Headlines:
    """The headline numbers of the documents in one atlas.

    Args:
        codes: (documents, layers) number of each document's region; two layers at least.
        procedure: the study's.
        tables, findings: of the connections, if known.
    """
    tables, procedure = tables or connection_tables(codes), procedure.repeated
    known = (tables, findings or procedure.differences(tables))
    chance = (procedure.labels, procedure.categories, procedure.seed, procedure.groups)
    return Headlines(
        count_findings(codes, procedure, known=known),
        int(np.count_nonzero(tables.counts(procedure.labels, procedure.categories))),
        divergence(codes, *chance, PERMUTATIONS).excess,
    )


def atlas_spread_measures(
    refits: Sequence[Headlines], floors: np.ndarray, measures: Sequence[Measure], connections: int
) -> list[Measure]:
    """An `atlas_spread` for each headline number: its median over the refits, and its interval over atlases.

    `other` says which number: a family of findings, `connections_taken`, `half_maximum`, `divergence` (by layer),
    `routing_floor`. The details hold all values. Counts have a 95 % interval around the study's own value
    (`other_atlases`): refits are fitted to fewer distinct documents and so lie lower, but vary no less. The layer and
    the floor have the range over the refits, the layer's including the study's own. The details of a layer's divergence
    have the interval of both errors, those of the floor the p value of the observed routing among the refits' floors.

    Args:
        refits: headline numbers in each; one at least.
        floors: (refits, steps) routing between the source layers and their own refit.
        measures: of the study itself.
        connections: of the study.
    """
    known = {(measure.kind, measure.other, measure.layer): measure for measure in measures}
    found = {family: known.get(("findings", family, None)) for family in FAMILIES}
    spreads = [_counted([refit.numbers[name] for refit in refits], name, own) for name, own in found.items()]
    taken = Measure("connections", connections)
    spreads.append(_counted([refit.taken for refit in refits], TAKEN, taken))
    whole = known.get(("global", None, None))
    half = None if whole is None else whole.details.get(HALF)
    spreads.append(_range([refit.half for refit in refits], HALF, also=half))
    for layer, values in enumerate(np.stack([refit.excess for refit in refits], axis=1)):
        own = known.get((DIVERGENCE, None, layer))
        spreads.append(_range(values.tolist(), DIVERGENCE, layer, **({} if own is None else _both(own, values))))
    totals, routing = floors.sum(axis=1), found["routing"]
    p = None if routing is None else _reached(totals, routing.value)
    return [*spreads, _range(totals.tolist(), FLOOR, p=p, mean=float(totals.mean()))]


def other_atlases(own: float, values: np.ndarray, most: float = np.inf) -> tuple[float, float]:
    """95 % prediction interval of a count in another atlas: own ± t √(1 + 1/m) s, in whole numbers from 0 to `most`.

    The prediction interval for one more value after m normal ones (Hahn 1969), s their standard deviation and t of m −
    1 degrees of freedom, around the study's own and not their mean.

    Args:
        own: the study's count.
        values: (refits,) in the refits, two at least.
        most: largest possible count.
    """
    from scipy.stats import t

    reach = float(t.ppf(0.975, len(values) - 1)) * np.sqrt(1 + 1 / len(values)) * float(np.std(values, ddof=1))
    return float(np.floor(max(own - reach, 0))), float(np.ceil(min(own + reach, max(most, own))))


def total_interval(value: float, error: float, others: np.ndarray) -> tuple[float, float]:
    """95 % confidence interval of a value, from the error of the documents and that of the atlas.

    Rubin's (1987) total variance of multiple imputation, W + (1 + 1/m) B: W = error², B the variance of the m refits'
    values; t of (m − 1)(1 + W/((1 + 1/m) B))² degrees of freedom. The atlas is what is imputed.

    Args:
        value: the study's own.
        error: standard error of it, given its atlas.
        others: (refits,) values in other atlases; two at least.
    """
    from scipy.stats import t

    between = (1 + 1 / len(others)) * float(np.var(others, ddof=1))
    if between == 0:
        return value - REACH * error, value + REACH * error
    freedom = (len(others) - 1) * (1 + error**2 / between) ** 2
    reach = float(t.ppf(0.975, freedom)) * np.sqrt(error**2 + between)
    return value - reach, value + reach


def _counted(values: Sequence[int | None], other: str, own: Measure | None) -> Measure:
    """The spread of a count, around the study's own if it is known and there are at least two refits."""
    spread = _range(values, other)
    if own is None or own.value is None or len(values) < 2:
        return spread
    low, high = other_atlases(own.value, np.array(values), own.details.get("tests", np.inf))
    return replace(spread, ci_low=low, ci_high=high, details={**spread.details, "own": own.value})


def _range(
    values: Sequence[float | None],
    other: str,
    layer: int | None = None,
    p: float | None = None,
    also: float | None = None,
    **details: Any,
) -> Measure:
    """The spread from the least to the most value, and `also` within it."""
    known = [value for value in values if value is not None]
    details = {"values": list(values), "refits": len(values), **details}
    if not known:
        return Measure(ATLAS_SPREAD, None, layer, other=other, details={**details, "undefined": "no refit has one"})
    reached = [*known, *([] if also is None else [also])]
    ends = float(min(reached)), float(max(reached))
    return Measure(ATLAS_SPREAD, float(np.median(known)), layer, None, other, *ends, p=p, details=details)


def _both(own: Measure, values: np.ndarray) -> dict[str, float]:
    """The interval of both errors, if the divergence has an interval itself."""
    if own.value is None or own.ci_high is None or len(values) < 2:
        return {}
    low, high = total_interval(own.value, (own.ci_high - own.value) / REACH, values)
    return {"both_low": low, "both_high": high}


def _reached(floors: np.ndarray, found: float | None) -> float | None:
    """(1 + floors as large as what was found)/(1 + floors): a Monte Carlo p (Phipson and Smyth 2010)."""
    return None if found is None else float((1 + np.sum(floors >= found)) / (1 + len(floors)))
