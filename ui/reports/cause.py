"""What interventions say of a study in a line: how many have an effect, or why nothing can be tried."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any, NamedTuple

from mri_core.errors import MriError
from mri_core.paths import lay_in_memory, was_uploaded
from mri_core.records.graph import Study
from mri_core.records.measures import ALPHA
from mri_core.studies.intervention_check import check_can_be_tried
from ui.drawing.picture import Ask
from ui.wording.units import of_tokens

MOST = 1_000_000  # rows
CANDIDATES = 1_000  # findings that the first screen chooses from
FINDING, CONNECTION, REGION = "finding", "other connection", "region"
UPLOADED = (
    "An intervention reads the study's texts again. They were uploaded, and deleted after the scan. Scan the file by "
    "its path, then try it there."
)
IN_MEMORY = (
    "An intervention runs the study's model on its texts again. Texts or model were given from a notebook's memory: "
    "call mri.intervene there."
)
Subject = tuple[str, str | None]


class Count(NamedTuple):
    """How many of what was tried have an effect beyond their controls, by any operation.

    Attributes:
        what: findings on connections, other connections, or regions by themselves.
        causal: of these.
        tried: all of them.
    """

    what: str
    causal: int
    tried: int


def counts(of: Study, ask: Ask) -> list[Count]:
    """What was tried on a study, by what it is; nothing where nothing was, as on one of tokens."""
    if of_tokens(of):
        return []
    rows = ask(of, "interventions", limit=MOST).records()
    on_connections = of.fdr is not None and any(row["towards"] for row in rows)
    return counted(rows, _findings(of, ask) if on_connections else set())


def counted(rows: Iterable[Mapping[str, Any]], findings: Set[Subject]) -> list[Count]:
    """The same of rows of the question `interventions`.

    Args:
        rows: with `region`, `towards` and `q`.
        findings: the connections that are findings.
    """
    kinds: dict[str, list[bool]] = {FINDING: [], CONNECTION: [], REGION: []}
    for subject, causal in _by_subject(rows).items():
        kinds[REGION if subject[1] is None else FINDING if subject in findings else CONNECTION].append(causal)
    return [Count(what, sum(causal), len(causal)) for what, causal in kinds.items() if causal]


def _findings(of: Study, ask: Ask) -> set[Subject]:
    """The connections of all findings; those that the first screen asks for anyway where there are no more."""
    rows = ask(of, "findings", limit=CANDIDATES).rows
    whole = ask(of, "findings", limit=CANDIDATES if len(rows) < CANDIDATES else MOST)
    return {(row["source"], row["target"]) for row in whole.records()}


def _by_subject(rows: Iterable[Mapping[str, Any]]) -> dict[Subject, bool]:
    """Whether a region, or a connection, has an effect by any operation."""
    tried: dict[Subject, bool] = {}
    for row in rows:
        subject = row["region"], row["towards"]
        tried[subject] = tried.get(subject, False) or (row["q"] is not None and row["q"] <= ALPHA)
    return tried


def told(of: str, found: Sequence[Count]) -> str:
    """The counts of a study of that name in a sentence, with what tells more; "" where nothing was tried."""
    if not found:
        return ""
    *most, last = (f"{one.causal} of {one.tried} {one.what}{'' if one.tried == 1 else 's'}" for one in found)
    listed = f"{', '.join(most)} and {last}" if most else last
    deed = "has an effect beyond its" if sum(one.tried for one in found) == 1 else "have an effect beyond their"
    return f"{listed} tried {deed} controls: mri query interventions {of}"


def line(of: Study, ask: Ask) -> str:
    """How many of what was tried on a study have an effect, in a sentence; "" where nothing was tried."""
    return told(of.name, counts(of, ask))


def why_not(of: Study) -> str:
    """Why nothing can be tried on a study, in a line; "" where it can."""
    try:
        check_can_be_tried(of)
    except MriError as error:
        return str(error)
    stored = json.loads(of.parameters)
    if lay_in_memory(stored.get("corpus") or "") or lay_in_memory(stored.get("model") or ""):
        return IN_MEMORY
    return UPLOADED if was_uploaded(stored.get("corpus") or "") else ""
