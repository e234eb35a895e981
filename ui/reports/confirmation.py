"""A confirmation in words and as JSON: how many findings replicate, by how much effects shrink, and each of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np

from mri_core.errors import one_line
from mri_core.numbers import finite, how_many
from mri_core.records.graph import GIVEN
from mri_core.studies.confirmation import Confirmed, measures_of
from queries.text import number
from ui.wording.evidence import percent, ratio
from ui.wording.open_ends import printed
from ui.wording.terminal import table

LISTED = 20
COLUMNS = ("category", "finding", "from", "to", "share", "others", "before", "now", "interval", "q")


def as_json(confirmed: Confirmed) -> dict[str, Any]:
    """The facts as JSON values."""
    result = confirmed.result
    return {
        "study": confirmed.study.id,
        "by": confirmed.by.id,
        "documents": confirmed.documents,
        "left_out": confirmed.left_out,
        "models": [confirmed.study.model, confirmed.by.model],
        "plan": None if confirmed.plan is None else {"written": confirmed.plan.written, "hash": confirmed.plan.hash},
        "tests": len(result.claims),
        "replicated": int(result.replicated.sum()),
        "slope": result.slope,
        "slope_low": result.slope_low,
        "slope_high": result.slope_high,
        "claims": [
            asdict(claim)
            | {
                "before": finite(result.before[row]),
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
        f"{number(result.slope_high)} over resampled documents): the slope of the log odds ratios now on those before."
    )
    yield f"Stored with {confirmed.by.name}{_how(confirmed)}."
    if confirmed.left_out:
        yield (
            f"{how_many(confirmed.left_out, 'document')} left out: near-duplicates of documents of {study.name} "
            "(by what the store holds of their texts)."
        )
    for told, inside in (("Replicate", result.replicated), ("Do not replicate", ~result.replicated)):
        rows = np.flatnonzero(inside)
        rows = rows[np.lexsort((-np.abs(result.effect[rows]), result.q[rows]))]
        if len(rows):
            more = f" ({LISTED} of {len(rows)}; --json has all)" if len(rows) > LISTED else f" ({len(rows)})"
            yield f"{told}{more}\n\n{table(COLUMNS, [_row(confirmed, row) for row in rows[:LISTED].tolist()])}"
    yield (
        "share, others: of the new documents of the category and of the others; before, now: odds ratios of the "
        "category against the others, before by the study's shares in as many documents as there are new ones."
    )


def _how(confirmed: Confirmed) -> str:
    """By which model, if it is another, and by which plan."""
    study, by, plan = confirmed.study, confirmed.by, confirmed.plan
    other = f", read by {one_line(by.model)} and not by {one_line(study.model)}"
    told = other if by.model_revision != study.model_revision and GIVEN not in (by.site, study.site) else ""
    return told if plan is None else f"{told}, by the plan of {plan.written} (SHA-256 {plan.hash[:12]}…)"


def _row(confirmed: Confirmed, row: int) -> tuple[Any, ...]:
    result, claim = confirmed.result, confirmed.result.claims[row]
    share = result.weight[row] / result.size[row]
    others = result.others[row] / result.others_size[row]
    ends = printed(finite(result.ci_low[row]), finite(result.ci_high[row]), ratio)
    return (
        *(claim.category, claim.finding, claim.source, claim.target, percent(float(share)), percent(float(others))),
        *(ratio(float(result.before[row])), ratio(float(result.effect[row])), ends, float(result.q[row])),
    )
