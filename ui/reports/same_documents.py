"""Two studies of the same documents in one atlas, in words and as JSON: what moved, next to what does for no reason."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from mri_core.errors import one_line
from mri_core.evidence.paired import Family
from mri_core.numbers import finite
from mri_core.paths import lay_in_memory
from mri_core.records.graph import GIVEN, Study
from mri_core.studies.same_documents import Reading, SameDocuments, conditions, measures_of
from queries.text import number
from ui.reports.changes import moves, sentence
from ui.wording.evidence import percent
from ui.wording.terminal import table

# options that choose the documents, as a study's parameters hold them
OF_THE_CORPUS = (
    "text",
    "label",
    "title",
    "id",
    "group",
    "limit",
    "categories",
    "match",
    "bins",
    "top",
    "holdout",
    "seed",
)
LISTED = 10  # moves in words; --json has all
MOST_CATEGORIES = 6  # columns of the table
FEW_RUNS = 0.05  # no p below the smallest that so many runs can have


def as_json(compared: SameDocuments) -> dict[str, Any]:
    """The facts as JSON values; `changed` has every item that was tested, with its local ids."""
    return {
        "base": compared.base.id,
        "other": compared.other.id,
        "categories": dict(zip(compared.categories, compared.sizes, strict=True)),
        "fdr": compared.fdr,
        "drift": _drift_values(compared.reading),
        "refits": None if compared.refits is None else compared.refits.tolist(),
        "runs": [_drift_values(run) for run in compared.runs],
        "floors": [_drift_values(floor) | {"conditions": floor_told(compared, floor)} for floor in compared.floors],
        "shams": [_drift_values(sham) for sham in compared.shams],
        "excess": None
        if compared.excess is None
        else {
            "by_layer": compared.excess.by_layer.tolist(),
            "p": compared.excess.p.tolist(),
            "least_p": compared.excess.least_p,
            "by_category": compared.excess.by_category.tolist(),
        },
        "changed": [row for family in compared.families for row in _rows(compared, family)],
        "measures": [asdict(measure) for measure in measures_of(compared)],
    }


def _drift_values(reading: Reading) -> dict[str, Any]:
    drift, (changed, tested) = reading.drift, reading.changed
    by_margin = None if drift.by_margin is None else drift.by_margin.tolist()
    return {
        "study": reading.study.id,
        "moved": drift.moved.tolist(),
        "by_category": drift.by_category.tolist(),
        "by_margin": by_margin,
        "connections_changed": changed,
        "connections_tested": tested,
    }


def _rows(compared: SameDocuments, family: Family) -> Iterator[dict[str, Any]]:
    changes = family.changes
    for item in range(changes.tests):
        yield {
            "kind": family.kind,
            "layer": int(family.layer[item]),
            "first": compared.regions[family.first[item]],
            "second": compared.regions[family.second[item]],
            "gained": int(changes.gained[item]),
            "lost": int(changes.lost[item]),
            "gained_by_category": family.gained[item].tolist(),
            "lost_by_category": family.lost[item].tolist(),
            "effect": finite(changes.effect[item]),
            "ci_low": finite(changes.ci_low[item]),
            "ci_high": finite(changes.ci_high[item]),
            "p": float(changes.p[item]),
            "q": float(changes.q[item]),
            "unlike_q": finite(family.unlike_q[item]),
        }


def in_words(compared: SameDocuments, layers: Sequence[str]) -> str:
    """The same for a reader: how much changed in a sentence, then by layer, then what.

    Args:
        compared: the comparison.
        layers: names of the layers.
    """
    return "\n\n".join(_parts(compared, layers))


def _parts(compared: SameDocuments, layers: Sequence[str]) -> Iterator[str]:
    base, other = compared.base, compared.other
    yield (
        f"{_by(other)} against {_by(base)}, document by document: "
        f"{base.documents} documents in {len(compared.categories)} categories, in the atlas of {owner(compared)}."
    )
    yield headline(compared)
    yield from compared.warnings
    yield f"Share of the documents in another region than in {base.name}\n\n{_drift_table(compared, layers)}"
    yield "\n".join(_legend(compared))
    if told := excess_told(compared):
        yield told
    yield from _changes(compared)


def _by(study: Study) -> str:
    aligned = ", aligned" if json.loads(study.report).get("atlas_of", {}).get("aligned") else ""
    return f"{study.name} ({one_line(study.model)}{aligned})"


def owner(compared: SameDocuments) -> str:
    """Whose atlas it is: a name, or the id of a study that is neither of the two."""
    origin = compared.base.atlas_of or compared.base.id
    return next((one.name for one in (compared.base, compared.other) if one.id == origin), origin)


def headline(compared: SameDocuments) -> str:
    """How much changed, next to how much does for no reason, in a sentence."""
    moved = compared.reading.drift.moved
    if not moved.any():
        return "No document changes its region in any layer."
    changed, tested = compared.reading.changed
    layer = int(moved.argmax())
    told = (
        f"Up to {percent(float(moved[layer]))} of the documents change their region (layer {layer}), and {changed} of "
        f"{tested} connections are gained or lost by more than chance (q <= 0.05)"
    )
    others = [*_counts(compared.shams, "sham runs"), *_counts(compared.floors, "floors")]
    if compared.refits is not None:
        others.append(f"refits of the atlas alone move up to {percent(float(compared.refits.max()))}")
    return f"{told}; {'; '.join(others)}." if others else f"{told}."


def _counts(readings: Sequence[Reading], what: str) -> Iterator[str]:
    if readings:
        counts = sorted(reading.changed[0] for reading in readings)
        yield f"{what} {counts[0]}" + (f" to {counts[-1]}" if counts[-1] > counts[0] else "")


def _drift_table(compared: SameDocuments, layers: Sequence[str]) -> str:
    drift = compared.reading.drift
    columns: dict[str, Sequence[Any]] = {"layer": range(len(layers)), "name": layers, "moved": drift.moved.tolist()}
    if drift.by_margin is not None:
        columns["by margin"] = drift.by_margin.tolist()
    for label, name in enumerate(compared.categories[:MOST_CATEGORIES]):
        columns[one_line(name)] = drift.by_category[:, label].tolist()
    for run in compared.runs:
        columns[run.study.name] = run.drift.moved.tolist()
    if compared.refits is not None:
        columns["refits"] = compared.refits.tolist()
    for floor in compared.floors:
        columns[floor_told(compared, floor)] = floor.drift.moved.tolist()
    for sham in compared.shams:
        columns[sham.study.name] = sham.drift.moved.tolist()
    return table(list(columns), zip(*columns.values(), strict=True))


def floor_told(compared: SameDocuments, floor: Reading) -> str:
    """A floor by its name and by what differs in it from the base."""
    return f"{floor.study.name} ({conditions(compared.base, floor.study)})"


def _legend(compared: SameDocuments) -> Iterator[str]:
    if compared.reading.drift.by_margin is not None:
        yield "by margin: a document counts by how far inside its new region it lies, one on the border as nothing."
    if len(compared.categories) > MOST_CATEGORIES:
        yield f"The first {MOST_CATEGORIES} of {len(compared.categories)} categories; --json has all."
    if compared.refits is not None:
        yield f"refits: the same between the atlas and refits of it to resampled documents, in {compared.base.name}."
    yield from controls_told(compared)


def controls_told(compared: SameDocuments) -> Iterator[str]:
    """Which readings show what moves for no reason, or how such a reading is made."""
    if compared.floors:
        names = ", ".join(floor.study.name for floor in compared.floors)
        yield f"Floors, by the model of {compared.base.name} itself: {names}."
    elif command := floor_command(compared):
        yield f"A floor is missing: {command}"
    if compared.shams:
        yield f"Sham runs, changed in a way that means nothing: {', '.join(one.study.name for one in compared.shams)}."
    elif compared.base.model_revision != compared.other.model_revision:
        yield "Drift alone says little: name models that were tuned alike on shuffled labels with --sham."


def floor_command(compared: SameDocuments) -> str:
    """The command that makes a floor, the base's model in another precision; "" if none can be, or `other` is one."""
    base = compared.base
    if base.site == GIVEN or compared.other.model_revision == base.model_revision:
        return ""
    stored = json.loads(base.parameters)
    if lay_in_memory(stored.get("corpus") or "") or lay_in_memory(stored.get("model") or ""):
        return ""  # no command has what a notebook gave from its memory
    words = ["mri", "ingest", one_line(str(stored.get("corpus", base.corpus)))]
    for name in OF_THE_CORPUS:
        if stored.get(name):  # a seed of 0 is that of every scan
            value = stored[name]
            values = value if isinstance(value, list) and name == "label" else [value]
            told = [",".join(one) if isinstance(one, list) else str(one) for one in values]
            words += [word for one in told for word in (f"--{name}", one)]
    words += ["--atlas-of", base.name, "--dtype", "bfloat16", "--name", f"{base.name}-bfloat16"]
    return " ".join(shlex.quote(one_line(word)) for word in words)


def excess_told(compared: SameDocuments) -> str:
    """By how much the runs exceed the sham runs, in a sentence; "" without sham runs."""
    excess = compared.excess
    if excess is None:
        return ""
    layer = int(excess.by_layer.argmax())
    runs, shams = 1 + len(compared.runs), len(compared.shams)
    by = ", ".join(
        f"{one_line(name)} {share:+.2f}"
        for name, share in zip(compared.categories, excess.by_category[layer].tolist(), strict=True)
    )
    limit = f"; {runs} + {shams} runs cannot give less than {number(excess.least_p)}" * (excess.least_p > FEW_RUNS)
    return (
        f"Beyond the sham runs {excess.by_layer[layer]:+.2f} of the documents move in layer {layer}, where it is most "
        f"({by}); p {number(float(excess.p[layer]))} over training runs, familywise over the layers{limit}."
    )


def _changes(compared: SameDocuments) -> Iterator[str]:
    if all(family.kind != "moves" for family in compared.families):
        return
    found = moves(compared)
    if not found:
        yield "No two regions exchange documents more in one direction than in the other by more than chance."
        return
    lines = [f"{rank:>2}. {sentence(move)}" for rank, move in enumerate(found[:LISTED], 1)]
    more = f" ({LISTED} of {len(found)}; --json has all)" if len(found) > LISTED else ""
    yield "\n".join([f"Which documents moved where, the nearer end of the interval first{more}", *lines])
    yield "odds: of going this way against the other way, among the documents that go either way, with their interval."
    yield f"Gained and lost connections: mri query changed-connections --study {compared.other.name}"
