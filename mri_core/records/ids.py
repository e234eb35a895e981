"""Keys: a study's id, from its name and a hash of all that determines its result, and the keys of its nodes."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from urllib.parse import quote

from mri_core.errors import UsageError
from mri_core.records.interventions import Intervention
from mri_core.records.measures import Measure

RESULT_VERSION = 5  # of a scan's results; raised if the same choices give another result, and so another id
GROUPED_RESULTS = 6  # the same of crossed labels in groups, and of many documents in groups
NAMED_RESULTS = 7  # the same of three categories or more, whose findings say what a further name is not compared with
LARGE = 1 << 15  # documents, from which groups of many are counted once for each permutation
NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")


def result_version(*, grouped: bool, crossed: bool, documents: int, categories: int) -> int:
    """The version of a scan's results.

    Args:
        grouped: documents are in groups.
        crossed: several labels make its categories.
        documents: their number.
        categories: their number.
    """
    if categories > 2:
        return NAMED_RESULTS
    return GROUPED_RESULTS if grouped and (crossed or documents >= LARGE) else RESULT_VERSION


def suggest_study_name(text: str) -> str:
    """A valid study name as close to a text as possible; "" if nothing of it is left."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-")[:100]


def check_study_name(name: str) -> None:
    """Raises `UsageError` for a name that a study cannot have."""
    if not NAME.fullmatch(name):
        raise UsageError(
            "A study's name has 1 to 100 letters (a-z, A-Z), digits, '.', '_' and '-'",
            f"{name[:120]!r} is not one",
            f"Try {suggestion!r}" if (suggestion := suggest_study_name(name)) else "",
        )


def study_id(name: str, identity: Mapping[str, object]) -> str:
    """`<name>-<8 hex>`: the same inputs give the same id on every machine.

    Args:
        name: the study's name.
        identity: everything that determines the result, as JSON values.
    """
    canonical = json.dumps(identity, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return f"{name}-{hashlib.sha256(canonical.encode()).hexdigest()[:8]}"


def layer_id(study: str, index: int) -> str:
    """Key of a `Layer`."""
    return f"{study}/L{index}"


def region_id(study: str, layer: int, name: str) -> str:
    """Key of a `Region`."""
    return f"{study}/L{layer}/R{name}"


def category_id(study: str, name: str) -> str:
    """Key of a `Category`."""
    return f"{study}/C/{name}"


def document_id(study: str, ordinal: int) -> str:
    """Key of a `Document`."""
    return f"{study}/D{ordinal}"


def atlas_part_id(study: str, number: int) -> str:
    """Key of an `AtlasPart`."""
    return f"{study}/A{number}"


def measure_id(study: str, measure: Measure) -> str:
    """Key of a `Measure`; names are quoted, so that no two measures share one."""
    layer = [] if measure.layer is None else [f"L{measure.layer}"]
    category = [] if measure.category is None else ["C", quote(measure.category, safe="")]
    other = [] if measure.other is None else ["O", quote(measure.other, safe="")]
    return "/".join([study, "M", measure.kind, *layer, *category, *other])


def intervention_id(study: str, intervention: Intervention) -> str:
    """Key of an `Intervention`."""
    return f"{study}/I/{intervention.key}"


def annotation_id(study: str, region: str) -> str:
    """Key of the `Annotation` of a region, which is named within its study: `L4/R10`."""
    return f"{study}/N/{region}"


def layer_of(local: str) -> int:
    """The layer in a key within its study: 3 of `L3/R5`, or of `L3`."""
    return int(local.partition("/")[0].removeprefix("L"))


def local_id(study: str, key: str) -> str:
    """A key within its study: `L3/R5` of `news-0123abcd/L3/R5`."""
    return key.removeprefix(f"{study}/")
