"""A study's findings tested on another study's documents, which were placed in its atlas and took no part in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from mri_core.atlas.kinds import traits_of
from mri_core.errors import UsageError, one_line
from mri_core.evidence.confirming import Claim, Confirmation, confirm
from mri_core.numbers import finite
from mri_core.records.graph import GIVEN, Study
from mri_core.records.ids import layer_of, local_id
from mri_core.records.measures import REPLICATION, Measure
from mri_core.records.units import refuse_tokens
from mri_core.store.reading import ALL, SLOW, Readable
from mri_core.studies.overlap import repeated
from mri_core.studies.placements import Placements, categories_of, read_placements
from mri_core.studies.plan import Plan
from mri_core.studies.same_documents import check_atlas, is_paired

FOUND = """
MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(:Layer)<-[:IN_LAYER]-(s:Region)
MATCH (s)-[e:FLOWS_TO|AVOIDS]->(t:Region)
WHERE e.finding IS NOT NULL
MATCH (study)<-[:PART_OF]-(c:Category {name: e.category})
OPTIONAL MATCH (s)-[o:FLOWS_TO]->(t) WHERE o.category <> e.category
WITH study, s, t, e, c, sum(o.weight) AS others
RETURN s.id AS source, t.id AS target, e.category AS category, e.finding AS finding, e.effect AS effect,
       e.share AS share,
       toFloat(others) / (coalesce(study.tokens, study.documents) - coalesce(c.tokens, c.documents)) AS others_share,
       s.layer AS layer
ORDER BY layer, source, target, category
"""


@dataclass(frozen=True)
class Confirmed:
    """The confirmation of a study.

    Attributes:
        study: whose findings were tested.
        by: the study of the new documents.
        documents: of it that were tested.
        left_out: near-duplicates of the first study's documents, which were not.
        result: the tests.
        plan: that said beforehand what would be tested; None without one.
    """

    study: Study
    by: Study
    documents: int
    left_out: int
    result: Confirmation
    plan: Plan | None = None


def claims_of(store: Readable, study: Study) -> tuple[Claim, ...]:
    """As `found_claims`; raises `UsageError` if there are none, or the study is a scan of tokens."""
    refuse_tokens(study, "A confirmation tests findings on whole documents")
    found = found_claims(store, study)
    if not found:
        raise UsageError("A confirmation tests what was found", f"{study.name} names no connection", "Scan more texts")
    return found


def found_claims(store: Readable, study: Study) -> tuple[Claim, ...]:
    """The findings of a study on connections; of two categories what one takes more and the other less counts once.

    Of components, which hold no documents that could take a connection, there are none.
    """
    if not traits_of(study.atlas).holds_documents:
        return ()
    rows = store.read(FOUND, {"study": study.id}, timeout=SLOW, max_rows=ALL).rows
    if study.categories == 2:
        rows = tuple(row for row in rows if row[3] == "more") or rows
    return tuple(
        Claim(local_id(study.id, source), local_id(study.id, target), category, finding, *map(float, numbers))
        for source, target, category, finding, *numbers, _ in rows
    )


def confirm_study(
    store: Readable, study: Study, by: Study, claims: tuple[Claim, ...], plan: Plan | None = None
) -> Confirmed:
    """Tests claims of a study on the documents of another.

    Args:
        store: that holds both.
        study: whose claims they are.
        by: of other documents, in the atlas of `study`.
        claims: of `claims_of`, or of a plan.
        plan: that they are of.

    Raises:
        UsageError: the atlases differ, another model than the plan's read the documents, these are the study's own, or
            a category of the study has none.
    """
    check_atlas(study, by)
    rule = "A confirmation takes documents that took no part in the study"
    if is_paired(study, by):
        raise UsageError(rule, f"Those of {by.name} are the documents of {study.name}", "Take others")
    known = GIVEN not in (study.site, by.site)  # else nothing is
    if plan is not None and known and by.model_revision != plan.model_revision:
        fact = f"{by.name} was read by {one_line(by.model)}, and the plan names {one_line(study.model)}"
        raise UsageError("A confirmation tests what its plan says, and nothing else", fact, "Scan with that model")
    categories = categories_of(store, study)  # a claim sets its category against all others of these
    read = read_placements(store, by, categories)
    kept = ~np.isin(read.ordinals, repeated(store, study, by))
    sizes = np.bincount(read.labels[kept], minlength=len(categories))
    if not sizes.all():
        lacking = one_line(categories[int(sizes.argmin())])
        fact = f"{by.name} has none of {lacking!r} that is not a near-duplicate of {study.name}'s"
        raise UsageError(rule, fact, "Take documents of every category of the study")
    taken = _taken(read, by.id, claims)[:, np.flatnonzero(kept)]
    groups = None if read.groups is None else read.groups[kept]
    result = confirm(taken, read.labels[kept], claims, categories, groups, study.seed)
    return Confirmed(study, by, int(kept.sum()), int((~kept).sum()), result, plan)


def _taken(read: Placements, study: str, claims: tuple[Claim, ...]) -> csr_matrix:
    """(claims, documents) 1 where a document takes the connection of a claim."""
    number = {region: index for index, region in enumerate(read.local(study))}
    found = []
    for claim in claims:
        ends = [number.get(end) for end in (claim.source, claim.target)]
        layer = layer_of(claim.source)
        inside = (read.placement[:, layer] == ends[0]) & (read.placement[:, layer + 1] == ends[1])
        found.append(np.flatnonzero(inside) if None not in ends else np.empty(0, dtype=int))  # else no one lies there
    columns, starts = np.concatenate(found), np.cumsum([0, *map(len, found)])
    return csr_matrix((np.ones(len(columns)), columns, starts), shape=(len(claims), len(read.ordinals)))


def measures_of(confirmed: Confirmed) -> list[Measure]:
    """What the store holds of a confirmation, with the study of the new documents.

    The `replication` without `other` is the share that replicated, with the slope of the new effects on the old ones;
    each other one is of a claim, named in `other` as `L3/R5>L4/R5`: its value is the new log odds ratio.
    """
    result, base = confirmed.result, confirmed.study.id
    replicated = result.replicated
    summary = {
        "base": base,
        "tests": len(replicated),
        "replicated": int(replicated.sum()),
        "slope": result.slope,
        "slope_low": result.slope_low,
        "slope_high": result.slope_high,
        "documents": confirmed.documents,
        "left_out": confirmed.left_out,
        "plan": None if confirmed.plan is None else confirmed.plan.hash,
    }
    found = [Measure(REPLICATION, float(replicated.mean()), details=summary)]
    for row, claim in enumerate(result.claims):
        details = {"base": base, "finding": claim.finding, "effect": claim.effect, "replicated": bool(replicated[row])}
        found.append(
            Measure(
                REPLICATION,
                finite(result.effect[row]),
                layer_of(claim.source),
                claim.category,
                f"{claim.source}>{claim.target}",
                finite(result.ci_low[row]),
                finite(result.ci_high[row]),
                float(result.p[row]),
                float(result.q[row]),
                details,
            )
        )
    return found
