"""What a study of components holds about two of its categories, as `mri compare` prints it.

Components hold no documents that could be tested anew, so that each category is compared with all others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from mri_core.errors import UsageError, unknown_name
from mri_core.records.graph import Study
from mri_core.records.table import Table
from mri_core.store.store import Store
from queries.catalog import own_catalog
from queries.runner import run
from ui.drawing.picture import categories as categories_of
from ui.drawing.picture import spots
from ui.reports import contrasts
from ui.reports.contrasts import ALL, Evidence, Finding, Pair
from ui.wording.evidence import any_difference
from ui.wording.labels import with_words
from ui.wording.terminal import table

LISTED = 20
COLUMNS = ("category", "finding", "from", "to", "Fisher's z", "low", "high", "q")
LEGEND = "Fisher's z: of the rank correlation in the category, less the mean of the others; low, high: its interval."


def stored_evidence(store: Store, study: Study, named: Sequence[str]) -> tuple[Pair, Evidence]:
    """The evidence about two categories of a study of components.

    Raises:
        UsageError: other than two categories are named, or one that is not there.
    """

    def ask(of: Study, template: str, /, **values: Any) -> Table:
        return run(store, own_catalog().get(template), {"study": of.id, **values}, max_rows=ALL)

    known = categories_of(study, ask)
    for name in named:
        if name not in known:
            raise unknown_name("category", name, known)
    chosen = sorted(set(named))
    if len(chosen) != 2:
        raise UsageError("In a study of components two categories are compared", f"{len(chosen)} named", "Name two")
    pair = chosen[0], chosen[1]
    return pair, contrasts.stored(study, ask, {spot.id: spot for spot in spots(study, ask)}, pair)


def as_json(study: Study, pair: Pair, evidence: Evidence) -> dict[str, Any]:
    """The facts as JSON values, named as those of a comparison of regions where they are the same."""
    rows = [
        {
            "source": f"{study.id}/{row.source.id}",
            "target": f"{study.id}/{row.target.id}",
            "source_keywords": row.source.keywords,
            "target_keywords": row.target.keywords,
            "layer": row.source.layer,
            "category": row.category,
            "finding": row.finding,
            "effect": row.effect,
            "ci_low": row.low,
            "ci_high": row.high,
            "q": row.q,
        }
        for row in contrasts.ordered(evidence.findings, "interval")
    ]
    measures = [asdict(measure) for measure in evidence.measures]
    return {"categories": pair, "fdr": study.fdr, "facing": evidence.facing, "rows": rows, "measures": measures}


def in_words(pair: Pair, evidence: Evidence) -> str:
    """The same for a reader: what was found, then the findings, the nearer end of the interval first."""
    findings = contrasts.ordered(evidence.findings, "interval")
    parts = [contrasts.told(evidence, pair), any_difference(evidence.measures)]
    if findings:
        more = f" of {len(findings)}; --json has all" if len(findings) > LISTED else ""
        parts.append(f"Findings, the nearer end of the interval first ({len(findings[:LISTED])}{more})")
        parts += [table(COLUMNS, map(_row, findings[:LISTED])), LEGEND]
    return "\n\n".join(part for part in parts if part)


def _row(row: Finding) -> tuple[Any, ...]:
    ends = (with_words(spot.id, spot.words, 2) for spot in (row.source, row.target))
    return (row.category, row.finding, *ends, row.effect, row.low, row.high, row.q)
