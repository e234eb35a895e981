"""How far a study may be believed: its headlines beside their controls, and warnings in words."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import asdict, dataclass
from typing import Any

from ingest.corpus.remembered import is_remembered
from mri_core.atlas.kinds import traits_of
from mri_core.paths import lay_in_memory, was_uploaded
from mri_core.records.corpus import FEW
from mri_core.records.graph import GIVEN, Study
from mri_core.records.measures import ALPHA, ATLAS_SPREAD, CONFOUND, CONTROL, FLOOR, PLACED, Measure
from ui.drawing import layer_lines
from ui.drawing.layer_lines import PROBING, Panel, Point
from ui.drawing.picture import Ask
from ui.reports import atlas_quality, summary
from ui.reports.evidence_summary import detectable
from ui.reports.over_atlases import (
    compared,
    headline_spreads,
    most_of_models,
    over_models,
    over_refits,
)
from ui.reports.token_regions import by_chance, by_layer, remaining_told
from ui.wording import found_again
from ui.wording.evidence import probability
from ui.wording.found_again import Counts
from ui.wording.units import in_unit, of_tokens, text_word

VARIANCE = "Variance explained by the reduced space"
UPLOADED = " Its texts were uploaded, and deleted after the scan: delete the study, scan the file by its path, then:"
AGAIN = "The command that made the study, once more, with this added:"
AGAIN_UPLOADED = (
    "Its texts were uploaded, and deleted after the scan: scan the same file by its path, with the same choices under "
    "the same name, and this added. Its rows are not read again."
)
IN_MEMORY = (
    " Its texts or its model were given from a notebook's memory: call mri.ingest there as before, then mri.probe; or "
    "save them as files, delete the study, scan the files, then:"
)
AGAIN_IN_MEMORY = (
    "Its texts or its model were given from a notebook's memory: call mri.ingest as before, with the same, and this "
    "added. Rows are not read again."
)
NEEDS_MODEL = "That needs the model, and only activations were given."
CONTROLS = {
    "shuffled": "shuffled labels",
    "random_blocks": "random blocks",
    "embeddings": "token embeddings",
    "bag_of_words": "a bag of words",
}
TOKEN_CONTROLS = CONTROLS | {"embeddings": "a token's own embedding", "bag_of_words": "token types"}
CONFOUNDS = {
    "length_by_category": "text length explained by category (eta squared)",
    "tokens_per_word": "tokens per word, most of a category over least",
    "cut": "share of cut texts, most of a category less least",
    "unknown": "share of tokens that the tokenizer does not know, of the category with most",
    "duplicates": "share of documents with a near-duplicate",
    "position_by_category": "place of a token in its text explained by category (eta squared)",
    "frequency_by_category": "log frequency of tokens explained by category (eta squared)",
    "balance": "documents of the largest category over those of the smallest",
}
Row = Mapping[str, Any]

FAMILIES = {  # what is counted, and how its headline says so
    "connections": "connections differ between the categories",
    "regions": "regions light up differently",
    "routing": "connections differ among the documents already in their source region",
    "parting": "regions send the categories different ways",
}


def headlines(of: Study, controls: Sequence[Row], again: Counts, held: Sequence[Measure] = ()) -> list[str]:
    """A sentence for each family of tests: what is found, how much of it comes back, how much with nothing to find.

    Args:
        of: the study.
        controls: rows of the question `controls`.
        again: how often findings about connections come back.
        held: all measures that the study holds, of which those over refitted atlases are said.
    """
    spreads = headline_spreads(asdict(measure) for measure in held if measure.kind == ATLAS_SPREAD)
    told = [row for row in as_told(controls) if row["family"] in FAMILIES]
    lines = [(row["family"], in_unit(of, _headline(row, spreads, remaining_told(held, row["family"])))) for row in told]
    sure = found_again.told(again, found_again.NAMED)
    return [f"{line} {sure}".rstrip() if family == "connections" else line for family, line in lines]


def as_told(controls: Sequence[Row]) -> list[Row]:
    """The families in the order of their headlines."""
    return sorted(controls, key=_place)


def _place(row: Row) -> int:
    return list(FAMILIES).index(row["family"]) if row["family"] in FAMILIES else len(FAMILIES)


def _headline(row: Row, spreads: Mapping[str, Row], within: str) -> str:
    floor = spreads.get(FLOOR) if row["family"] == "routing" else None
    beside = [within] if within else []
    beside += [
        f"{told(row)} {what}"
        for key, told, what in (
            ("random_blocks", over_models, "also with random blocks"),
            ("shuffled", lambda row: f"{row['shuffled']:.1f}", "on average with shuffled labels"),
            (
                "routing_floor",
                lambda row: f"{row['routing_floor']:.1f}{over_refits(floor, of_sample=True)}",
                "on average between layers and their own refits",
            ),
        )
        if row[key] is not None
    ]
    again = over_refits(spreads.get(row["family"]), of_sample=True)
    if row["in_sample"] is not None:
        by_refits = f", {again.strip(' ()')}" if again else ""
        again = f" (in the sample that refits and controls are run on {row['in_sample']}{by_refits})"
    found = f"{row['findings']}{again} of {row['tests']} {FAMILIES[row['family']]}"
    told = f"{found}; {'; '.join(beside)}." if beside else f"{found}."
    controls = [value for value in (most_of_models(row), row["shuffled"], row["routing_floor"]) if value is not None]
    if max(controls, default=-1) >= compared(row):
        return f"{told} That is no more than a control gives."
    if floor is None or floor["p"] is None:
        return told
    beyond = "It is beyond its floor" if floor["p"] <= ALPHA else "That it is beyond its floor is not shown"
    return f"{told} {beyond}: p {probability(floor['p'])}."


def warnings(of: Study, ask: Ask) -> list[str]:
    """What speaks against the study, in words."""
    counts = {row["category"]: row["documents"] for row in ask(of, "categories").records()}  # texts, of tokens
    read = {"parameters": json.loads(of.parameters), "report": json.loads(of.report)}
    lines = summary.cautions(asdict(of) | read)
    few = [f"{name} ({count})" for name, count in counts.items() if count < FEW]
    if few:
        lines.append(f"Few {text_word(of)}: {', '.join(few)}. Below {FEW}, only large differences can be seen.")
    chained = (in_unit(of, line) for line in atlas_quality.chained(ask(of, "atlas-quality").records()))
    return [*lines, *_dull_layers(of, ask), *chained]


def _dull_layers(of: Study, ask: Ask) -> Iterator[str]:
    """Layers of one region; those in which all documents are the same are told by the report."""
    one = [row["name"] for row in ask(of, "layers").records() if row["regions"] == 1]
    if one:
        yield f"One region only, which separates no categories: {', '.join(one)}."


def confounds(held: Sequence[Measure]) -> list[dict[str, Any]]:
    """What else may part the categories, beside what their texts say; by layer it is a panel.

    Args:
        held: all measures that the study holds.
    """
    known = {measure.other: measure for measure in held if measure.kind == CONFOUND and measure.layer is None}
    counts = {"tokens": None if "position_by_category" not in known else 1}
    return [
        {
            "confound": in_unit(counts, told),
            "value": known[name].value,
            "by chance": known[name].details.get("by_chance"),
        }
        for name, told in CONFOUNDS.items()
        if name in known
    ]


@dataclass(frozen=True, slots=True)
class Check:
    """Something that could speak against a study.

    Attributes:
        name: what is checked, in a few words.
        told: what that is, and how it is done.
        command: that does it; "" where nothing but a new scan does.
        done: whether it was.
        left_out: what of it was not done.
        possible: whether this kind of study can have it.
    """

    name: str
    told: str
    command: str
    done: bool
    left_out: str = ""
    possible: bool = True


def _again(stored: dict[str, Any]) -> tuple[str, str]:
    """How a study is made again with more, and what is needed where its labels are not stored, by its parameters."""
    corpus = stored.get("corpus") or ""
    if lay_in_memory(corpus) or lay_in_memory(stored.get("model") or ""):
        return AGAIN_IN_MEMORY, IN_MEMORY
    return (AGAIN_UPLOADED, UPLOADED) if was_uploaded(corpus) else (AGAIN, "")


def checks(of: Study, held: Sequence[Measure]) -> list[Check]:
    """All that can be checked of a study, done or not, and what cannot be of its kind.

    Args:
        of: the study.
        held: all measures that it holds.
    """
    known = {measure.kind for measure in held}
    again, without_texts = _again(json.loads(of.parameters))
    lost = "" if is_remembered(of.id) else without_texts
    probe = f"How well the category can be read.{lost}"
    found = [
        Check("tests", "Is a difference more than chance? Scan the corpus again.", "", of.fdr is not None),
        Check("confounds", _of_confounds(of), "", CONFOUND in known),
        Check("probes", probe, f"mri probe {shlex.quote(of.name)}", "probe" in known),
        _controls(of, held, again),
    ]
    return [*found, _refits(of, known, again), *_impossible_controls(of)]


def _of_confounds(of: Study) -> str:
    known = "Place, frequency and types of tokens" if of_tokens(of) else "Length, form, repetition"
    return f"{known}. Scan the corpus again."


def _refits(of: Study, known: Set[str], again: str) -> Check:
    """Stability of the atlas, where it can be fitted again."""
    if not refittable(of):
        why = "Components hold no documents that refits could find again."
        if of.atlas_of is not None:
            why = "The atlas of another study is not fitted again."
        return Check("refits", why, "", False, possible=False)
    told = f"Stability under refits, and the routing floor. {again}"
    return Check("refits", told, "mri ingest … --refits 20", FLOOR in known)


def refittable(of: Study) -> bool:
    """Whether the atlas of a study can be fitted again."""
    return traits_of(of.atlas).holds_documents and of.atlas_of is None


def _controls(of: Study, held: Sequence[Measure], again: str) -> Check:
    """Those of the findings that this kind of study can have."""
    ran = [measure.other or "" for measure in held if measure.kind == CONTROL]
    why = _without(of)
    can = {key: told for key, told in _called(of).items() if key not in why}
    absent = [told for key, told in can.items() if not any(other.startswith(key) for other in ran)]
    told = f"{', '.join(can.values()).capitalize()}. {again}"
    return Check("controls", told, "mri ingest … --controls", bool(ran), ", ".join(absent), bool(can))


def _impossible_controls(of: Study) -> Iterator[Check]:
    """Controls that this kind of study cannot have, by the reason for it."""
    why, called = _without(of), _called(of)
    for reason in dict.fromkeys(why.values()):
        names = ", ".join(told for key, told in called.items() if why.get(key) == reason)
        yield Check(names, reason, "", False, possible=False)


def _called(of: Study) -> dict[str, str]:
    """What the controls are called: of a token by itself, its embedding and its type are what needs no context."""
    return TOKEN_CONTROLS if of.unit == "token" else CONTROLS


def _without(of: Study) -> dict[str, str]:
    """Why a study cannot have some of the controls, by control."""
    why: dict[str, str] = {}
    if not traits_of(of.atlas).holds_documents:
        told = "They count findings among regions that hold documents."
        why |= {"shuffled": told, "random_blocks": told}
    if of.site == GIVEN:
        why |= {"embeddings": NEEDS_MODEL} | ({"random_blocks": NEEDS_MODEL} if not why else {})
        if json.loads(of.report).get("columns", {}).get("text") is None:
            why["bag_of_words"] = "It needs texts, and only activations were given."
    return why


def done_told(check: Check) -> str:
    """A check that was done, and what of it was not."""
    return f"{check.name} (without {check.left_out})" if check.left_out else check.name


def nothing_told(found: Sequence[Check]) -> str:
    """The line where no warning stands: it is worth as much as was checked."""
    done = [check.name for check in found if check.done]
    lacking = [check.name for check in found if check.possible and not check.done]
    cannot = [check.name for check in found if not check.possible]
    parts = [
        f"Nothing speaks against this study in what was checked ({', '.join(done)})." if done else "",
        f"Not checked: {', '.join(lacking)}." if lacking else "",
        f"Cannot be checked: {', '.join(cannot)}." if cannot else "",
    ]
    return " ".join(part for part in parts if part)


def stabilities(findings: Sequence[Row]) -> list[float]:
    """Stability of each finding that has one.

    Args:
        findings: rows of the question `findings`.
    """
    return [row["stability"] for row in findings if row["stability"] is not None]


def refits(held: Sequence[Measure]) -> int | None:
    """How often the atlas was fitted again; None where it was not."""
    return next((measure.details["refits"] for measure in held if measure.kind == FLOOR), None)


def could_show(held: Sequence[Measure]) -> str:
    """How small a difference so many documents could have shown; "" where that is not known."""
    return detectable([asdict(measure) for measure in held if measure.kind == "detectable"])


def panels(of: Study, ask: Ask, held: Sequence[Measure]) -> dict[str, Panel]:
    """What is known layer by layer, by what it tells: reliability, routing, length, variance, probing.

    Of tokens also how far regions are their types, and how much of their frequency and place regions explain.

    Args:
        of: the study.
        ask: gives answers about it.
        held: all measures that it holds.
    """
    own = {panel.title: panel for panel in layer_lines.panels(of, ask)}
    known = {
        "reliability": _reliability(held),
        "routing": _routing(held),
        "length": _length(json.loads(of.report)),
        "types": _types(held),
        "frequency": _of_tokens(held),
        "variance": own.get(VARIANCE),
        "probing": own.get(PROBING),
    }
    return {name: panel for name, panel in known.items() if panel is not None}


def _reliability(held: Sequence[Measure]) -> Panel | None:
    rows = [(measure.layer or 0, measure.details) for measure in held if measure.kind == "reliability"]
    halves = [Point(layer, details["halves"]) for layer, details in rows if details["halves"] is not None]
    floor = [
        Point(layer, details["floor"], details["floor"], details["floor_high"])
        for layer, details in rows
        if details["floor"] is not None
    ]
    placed = [
        Point(measure.layer or 0, told["agreement"], told["least"], told["most"])
        for measure, told in ((measure, measure.details) for measure in held if measure.kind == PLACED)
        if measure.value is not None
    ]
    lines = {"between halves": halves, "shuffled labels, up to the largest": floor}
    if placed:
        lines["fitted to and only placed, over refits"] = placed
    return Panel("Reliability by step", "ICC(A,1)", lines, {}) if halves else None


def _routing(held: Sequence[Measure]) -> Panel | None:
    rows = [measure for measure in held if measure.kind == FLOOR]
    if not rows:
        return None
    found = [Point(measure.layer or 0, measure.details["routing"]) for measure in rows]
    floor = [Point(measure.layer or 0, measure.value or 0.0) for measure in rows]
    return Panel("Routing by step", "findings", {"to the next layer": found, "to its own refit (floor)": floor}, {})


def _types(held: Sequence[Measure]) -> Panel | None:
    """How far regions are types of tokens."""
    known = sorted(by_layer(held).get("type", {}).items())
    points = [Point(layer, value) for layer, value in known if value is not None]
    title, unit = "Agreement of regions and token types", "adjusted MI"
    return Panel(title, unit, {"": points}, {}) if points else None


def _of_tokens(held: Sequence[Measure]) -> Panel | None:
    """How much of tokens' log frequency and place the regions explain, and would without the adjustment."""
    lines: dict[str, list[Point]] = {}
    for name, told in (("frequency", "log frequency"), ("position", "1/place in the text")):
        known = [one for one in held if one.kind == CONFOUND and one.other == name and one.value is not None]
        lines[told] = [Point(one.layer or 0, one.value or 0.0) for one in known]
        bare = [Point(one.layer or 0, one.details["unadjusted"]) for one in known if "unadjusted" in one.details]
        lines |= {f"{told}, had it not been adjusted for": bare} if bare else {}
    drawn = {told: points for told, points in lines.items() if points}
    title = "Frequency and place of tokens explained by the regions"
    return Panel(title, "eta squared", drawn, {"by chance": by_chance(held)}) if drawn else None


def _length(report: Mapping[str, Any]) -> Panel | None:
    titles = {
        "length_explained": "as analysed",
        "length_explained_unadjusted": "had it not been adjusted for",
        "length_explained_by_chance": "by chance",
    }
    lines = {
        title: [Point(layer, value) for layer, value in enumerate(report[key])]
        for key, title in titles.items()
        if report.get(key)
    }
    return Panel("Text length explained by the regions", "eta squared", lines, {}) if lines else None
