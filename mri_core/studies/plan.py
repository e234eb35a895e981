"""A plan: what a confirmation will test, written before its documents are seen, so that nothing else can be tested."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mri_core.errors import MriError, UsageError
from mri_core.evidence.confirming import Claim
from mri_core.records.graph import Study
from mri_core.records.measures import ALPHA

VERSION = 1
RULE = "A confirmation tests what its plan says, and nothing else"


@dataclass(frozen=True)
class Plan:
    """What a confirmation tests.

    Attributes:
        claims: that are tested.
        written: when, ISO 8601 in UTC.
        hash: of all that it says.
        model_revision: of the model that reads the new documents.
    """

    claims: tuple[Claim, ...]
    written: str
    hash: str
    model_revision: str


def write_plan(study: Study, claims: Sequence[Claim], path: Path) -> str:
    """Writes a plan and returns its hash; an existing file is never replaced.

    Raises:
        MriError: the file is there already, or cannot be written.
    """
    plan = {
        "plan": VERSION,
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "study": study.id,
        "study_name": study.name,
        "atlas": study.atlas_hash,
        "model": study.model,
        "model_revision": study.model_revision,
        "corpus": study.corpus,
        "corpus_hash": study.corpus_hash,
        "alpha": ALPHA,
        "correction": "holm",
        "tests": "one-sided, in the direction found",
        "claims": [asdict(claim) for claim in claims],
    }
    plan["hash"] = _hash(plan)
    try:
        with path.open("x", encoding="utf-8") as file:
            json.dump(plan, file, indent=1, ensure_ascii=False)
            file.write("\n")
    except FileExistsError as error:
        raise UsageError("A plan is written once", f"{path} is there already", "Name another file") from error
    except OSError as error:
        raise MriError("A plan is a file", f"{path} cannot be written: {error.strerror}") from error
    return str(plan["hash"])


def read_plan(path: Path, study: Study) -> Plan:
    """The plan in a file.

    Raises:
        UsageError: it is no plan, was changed after it was written, or is of another study.
    """
    try:
        plan = json.loads(path.read_text(encoding="utf-8"))
        stated, claims = plan["hash"], tuple(Claim(**claim) for claim in plan["claims"])
    except OSError as error:
        raise UsageError(RULE, f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(RULE, f"{path} is no plan", "Write one with: mri confirm STUDY --plan FILE") from error
    if _hash(plan) != stated:
        raise UsageError(RULE, f"{path} was changed after it was written", "Restore it, or write another")
    if (plan["study"], plan["atlas"]) != (study.id, study.atlas_hash):
        raise UsageError(RULE, f"{path} is of {plan['study']}, not of {study.id}", "Name the study that it is of")
    return Plan(claims, plan["written"], stated, plan["model_revision"])


def _hash(plan: Mapping[str, Any]) -> str:
    content = {key: value for key, value in plan.items() if key != "hash"}
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
