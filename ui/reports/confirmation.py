"""A confirmation in words and as JSON: how many findings replicate, by how much effects shrink, and each of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np

from mri_core.errors import one_line
from mri_core.numbers import finite, how_many
from mri_core.studies.confirmation import Confirmed, measures_of
from queries.text import number
from ui.wording.evidence import percent, ratio
from ui.wording.open_ends import printed
from ui.wording.terminal import table

LISTED = 20
COLUMNS = ("category", "finding", "from", "to", "share", "others", "odds before", "odds now", "interval", "q", "")


def as_json(confirmed: Confirmed) -> dict[str, Any]:
    """The facts as JSON values."""
    result = confirmed.result
    return {
        "study": confirmed.study.id,
        "by": confirmed.by.id,
        "documents": confirmed.documents,
        "left_out": confirmed.left_out,
        "tests": len(result.claims),
        "replicated": int(result.replicated.sum()),
        "slope": result.slope,
        "slope_low": result.slope_low,
        "slope_high": result.slope_high,
        "claims": [
            asdict(claim)
            | {
                "new_effect": finite(result.effect[row]),
                "ci_low": finite(result.ci_low[row]),
                "ci_high": finite(result.ci_high[row]),
                "p": float(result.p[row]),
                "q": float(result.q[row]),
                "replicated": bool(result.replicated[row]),
            }
            for row, claim in enumerate(result.claims)
        ],
        "measures": [asdict(measure) for measure in measures_of(confirmed)],
    }


def in_words(confirmed: Confirmed) -> str:
    """The same for a reader."""
    return "\n\n".join(_parts(confirmed))


def _parts(confirmed: Confirmed) -> Iterator[str]:
    result, study = confirmed.result, confirmed.study
    replicated, tests = int(result.replicated.sum()), len(result.claims)
    yield (
        f"{replicated} of {tests} findings of {study.name} replicate on {how_many(confirmed.documents, 'document')} of "
        f"{one_line(confirmed.by.corpus)} that took no part in it (one-sided in the direction found; Holm, q <= 0.05)."
    )
    yield (
        f"Effects are {number(result.slope)} times as large as they were ({number(result.slope_low)} to "
        f"{number(result.slope_high)}): the slope of the new log odds ratios on the old ones, over resampled documents."
    )
    if confirmed.left_out:
        yield (
            f"{how_many(confirmed.left_out, 'document')} left out: near-duplicates of documents of {study.name} "
            "(by what the store holds of their texts)."
        )
    order = np.lexsort((-np.abs(result.effect), result.q))[:LISTED].tolist()
    more = f" ({len(order)} of {tests}; --json has all)" if tests > len(order) else ""
    rows = [_row(confirmed, row) for row in order]
    yield f"Findings, the surest first{more}\n\n{table(COLUMNS, rows)}"
    yield "odds before, odds now: odds ratios of the category against the others in the study and in the new documents."


def _row(confirmed: Confirmed, row: int) -> tuple[Any, ...]:
    result, claim = confirmed.result, confirmed.result.claims[row]
    share = result.weight[row] / result.size[row]
    others = result.others[row] / result.others_size[row]
    ends = printed(finite(result.ci_low[row]), finite(result.ci_high[row]), ratio)
    told = "replicates" if result.replicated[row] else ""
    return (
        *(claim.category, claim.finding, claim.source, claim.target, percent(float(share)), percent(float(others))),
        *(ratio(claim.effect), ratio(float(result.effect[row])), ends, float(result.q[row]), told),
    )
