"""Where a study comes from: its hashes and versions, and the commands that make it again. No path of this machine."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ingest.extract.poolings import POOLINGS
from ingest.request import OPTIONS, STORED_DOCUMENTS, Request
from ingest.scan.sample import FITTED
from mri_core.atlas.kinds import traits_of
from mri_core.errors import MriError, one_line
from mri_core.paths import MEMORY, lay_in_memory, was_uploaded
from mri_core.probing.probe import SPLITS
from mri_core.records.graph import Study
from mri_core.records.interventions import Intervention
from mri_core.records.measures import CHANGED, CONTROL, MULTIVERSE, PROBE, Measure
from mri_core.store.contents import SOURCES, without_folder
from ui.publishing.tables import cell
from ui.reports import placed, trust
from ui.reports.measure_tables import KINDS
from ui.wording.ingest_arguments import ingest_arguments
from ui.wording.units import text_word


def facts(of: Study) -> dict[str, str]:
    """What identifies a study and what it was made of, by name."""
    known = {
        "study": of.id,
        "revision": str(of.revision),
        "scanned": of.created_at,
        "software": of.software,
        "schema": str(of.schema_version),
        "corpus (hash)": of.corpus_hash,
        f"{text_word(of)} (hash)": of.documents_hash,
        "model": one_line(of.model),
        "model's revision": of.model_revision,
        "atlas (SHA-256)": of.atlas_hash,
        "atlas of": of.atlas_of,
        "seed": str(of.seed),
    }
    return {name: value for name, value in known.items() if value}


def machine(of: Study) -> dict[str, str]:
    """How the model was run, as the scan's report has it."""
    run = json.loads(of.report).get("run", {})
    return {key.replace("_", " "): one_line(cell(value)) for key, value in sorted(run.items())}


def settings(of: Study) -> dict[str, Any]:
    """The options of the scan; of files their names alone, since a report leaves the machine."""
    known = json.loads(of.parameters)
    return {key: _named(value) if key in SOURCES and isinstance(value, str) else value for key, value in known.items()}


def commands(of: Study, held: Sequence[Measure], tried: Sequence[Intervention]) -> list[str]:
    """The commands that make the study, and all that it holds, again.

    Args:
        of: the study.
        held: all measures that it holds.
        tried: the interventions on it.
    """
    kinds = {measure.kind for measure in held}
    name = shlex.quote(of.name)
    whole = placed.replication(held)
    changed = next((m for m in held if m.kind == CHANGED and "base" in m.details), None)
    more: Mapping[str, Callable[[], object]] = {
        f"mri probe {name}{_probing(held)}": lambda: PROBE in kinds,
        f"mri metrics {name}": lambda: not kinds.isdisjoint(KINDS),
        f"mri multiverse {name}": lambda: MULTIVERSE in kinds,
    }
    found = [*_scan(of, held), *(command for command, known in more.items() if known())]
    if whole is not None:
        found.append(f"mri confirm {shlex.quote(placed.name_of(of, whole.details['base']))} {name}")
    if changed is not None:
        found.append(f"mri compare {shlex.quote(placed.name_of(of, changed.details['base']))} {name}")
    return [*found, *_trials(name, tried)]


def _scan(of: Study, held: Sequence[Measure]) -> Iterator[str]:
    """The scan, with the refits and controls that were added; nothing of a study whose source is not known."""
    known = {key: _typed(value) for key, value in settings(of).items() if key in OPTIONS} | _left_out(of)
    if lay_in_memory(json.loads(of.parameters).get("corpus") or ""):
        known["corpus"] += ".csv"  # the same rows as a file give the same study
    if not {"corpus", "activations"} & set(known):
        return
    if traits_of(of.atlas).holds_documents and of.atlas_of is None:
        known["refits"] = trust.refits(held) or 0
    if any(measure.kind == CONTROL for measure in held):
        known["controls"] = True
    if of.atlas_of is not None:
        placing = {"atlas_of": placed.atlas_owner(of), "align": known.get("align", False)}
        known = {key: value for key, value in known.items() if OPTIONS[key].group != "atlas"} | placing
    yield shlex.join(["mri", *ingest_arguments(Request(**{**known, "name": of.name}))])


def _left_out(of: Study) -> dict[str, Any]:
    """The options that a study's parameters leave out, where their defaults would make another study, or none."""
    stored = json.loads(of.parameters)
    whole = of.documents_stored is None and of.documents > STORED_DOCUMENTS
    units = of.tokens or of.documents
    fitted_to_all = of.atlas_of is None and units > FITTED and "fitted_to" not in json.loads(of.report)
    forced = "activations" not in stored and _may_be_refused(of.pooling)
    return (
        ({"keep_documents": None} if whole else {})
        | ({"fit_on": units} if fitted_to_all else {})
        | ({"force": True} if forced else {})
    )


def _may_be_refused(pooling: str) -> bool:
    """Whether a kind of model is refused with a pooling, unless it is forced."""
    try:
        POOLINGS.named(pooling).check(causal=True)
    except MriError:
        return True
    return False


def _probing(held: Sequence[Measure]) -> str:
    """The options of the probes, where they are not at their defaults."""
    probes = [measure for measure in held if measure.kind == PROBE]
    splits = next((m.details["splits"] for m in probes if "splits" in m.details), SPLITS)
    blocks = " --random-blocks" if any(m.other == "random_blocks" for m in probes) else ""
    return (f" --splits {splits}" if splits != SPLITS else "") + blocks


def _trials(name: str, tried: Sequence[Intervention]) -> Iterator[str]:
    """The interventions, each as a command of its own: a study does not hold which were tried in one."""
    for one in tried:
        subject = f"--connection '{one.region}>{one.towards}'" if one.towards else f"--region {one.region}"
        other = one.source if one.towards else one.target
        deed = {"erase": "--erase", "add": f"--add {one.strength:g}", "swap": f"--swap {other}"}[one.operation]
        most = one.details.get("most")  # earlier versions did not store it
        extent = f"--controls {one.controls}" + (f" --documents {most}" if most else "")
        yield f"mri intervene {name} {subject} {deed} {extent} --seed {one.seed}"


def caveat(of: Study) -> str:
    """What the commands need that is no file, in a sentence; "" where all is one."""
    stored = json.loads(of.parameters)
    if was_uploaded(stored.get("corpus") or ""):
        return "The texts were uploaded to the page, and deleted after the scan."
    given = [name for name in ("corpus", "model") if lay_in_memory(stored.get(name) or "")]
    if not given:
        return ""
    were, them = ("was", "it under the name") if len(given) == 1 else ("were", "them under the names")
    return f"The {' and the '.join(given)} {were} given from a notebook's memory: save {them} shown first."


def _typed(value: Any) -> Any:
    """A value of JSON as the option has it."""
    return tuple(value) if isinstance(value, list) else value


def _named(source: str) -> str:
    """A source without its folders; what lay in memory is named as a file that it may be saved as."""
    return source.removeprefix(MEMORY) if lay_in_memory(source) else without_folder(source)
