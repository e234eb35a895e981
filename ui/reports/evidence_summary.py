"""What `mri show` tells of chance: what differs, where, by how much, how sure, how stable, against which controls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from operator import itemgetter
from typing import Any

from mri_core.atlas.kinds import traits_of
from mri_core.errors import one_line
from mri_core.records.measures import ALPHA, ATLAS_SPREAD, FLOOR, HALF, PLACED, Measure
from queries.text import number, words_told
from ui.reports import atlas_quality
from ui.reports.over_atlases import (
    EXPLAINED,
    NONE,
    Row,
    compared,
    headline_spreads,
    most_of_models,
    of_the_sample,
    over_models,
    over_refits,
    reach,
    with_both,
)
from ui.reports.token_regions import WITHIN_TYPES, remaining, within_told
from ui.wording import found_again
from ui.wording.evidence import any_difference, chance, first_layer, in_tenths, probability, shares
from ui.wording.labels import ends_with_words
from ui.wording.terminal import table
from ui.wording.units import in_texts, in_unit, number_of, unit_word

COUNTED = "findings"  # the kind of measure that holds what a family counts, and the level of its intervals
KINDS = ("global", "divergence", "nbs", "reliability", PLACED, "detectable", "routing_floor", ATLAS_SPREAD)
KEYWORDS = 4
CANDIDATES = 200  # findings that the told ones are chosen from
FAMILIES = {
    "connections": "connections taken more or less",
    "regions": "regions passed more or less",
    "routing": "connections within their source",
    "parting": "regions left in different ways",
}
EXPLAINED_FAMILIES = (
    "Connections within their source: among the documents of their source region alone. Regions left in different "
    "ways: where the next region depends on the category."
)
CONTROLLED = {
    "discrete": (
        "q controls the expected share of false findings in each family at 5% (discrete false discovery rate, Heyse): "
        "validated by simulation, not proven for connections that share documents."
    ),
    "dbh": "q controls the expected share of false findings in each family at 5% (discrete Benjamini–Hochberg).",
    "bh": "q controls the expected share of false findings in each family at 5% (Benjamini–Hochberg).",
    "fwer": "q controls the chance of any false finding in each family at 5% (Westfall–Young).",
}
MODELS = (
    "Random blocks: the mean, minimum and maximum over models with re-initialised blocks, each in an atlas of its own."
)

WITHIN = "within_types"
UNSURE = " That is no more than shuffled labels reach: it says nothing of the categories."

Ask = Callable[..., list[dict[str, Any]]]


def evidence(ask: Ask, measures: Sequence[Measure]) -> dict[str, Any]:
    """The facts, as JSON values.

    Args:
        ask: answers a template about the study.
        measures: the study's, of `KINDS` and `COUNTED`.

    Returns:
        `families` (found, tested, and their controls), `again` (how many findings refits find again, and how many
        stay), `quality` (of the atlas, by layer), `layers` (divergence over chance; where the atlas was fitted again
        with the interval of both errors), `findings` (candidates, the most stable first), `levels` (of the intervals of
        what each family names), and of
        each of `KINDS` the measures. Of a study of tokens `within_types` has how many findings of a family remain
        within the types of tokens, and in how many that could be tested.
    """
    by_kind = {kind: [asdict(measure) for measure in measures if measure.kind == kind] for kind in KINDS}
    return {
        "families": ask("controls"),
        "again": ask("found-again")[0],
        "quality": ask("atlas-quality"),
        "layers": with_both(ask("layer-differences"), by_kind[ATLAS_SPREAD]),
        "findings": ask("findings", limit=CANDIDATES),
        "levels": {
            measure.other: measure.details["level"]
            for measure in measures
            if measure.kind == COUNTED and "level" in measure.details
        },
        **by_kind,
        **_within(measures),
    }


def _within(measures: Sequence[Measure]) -> dict[str, Any]:
    """Of a study of tokens how many findings of a family remain within their types; nothing of documents."""
    counts = {family: remaining(measures, family) for family in FAMILIES}
    return {WITHIN: {family: remain for family, remain in counts.items() if remain}} if any(counts.values()) else {}


def paragraphs(facts: dict[str, Any], study: dict[str, Any]) -> Iterator[str]:
    """The same for a reader, before the list of findings."""
    told = _of_the_whole(facts, study["site"])
    if told:
        yield in_unit(study, told)
    again = found_again.told(found_again.stored(facts["again"]))
    yield "\n".join(part for part in (_family_table(facts), again and f"\n{again}") if part)
    yield "\n".join(_family_legend(facts, study))
    if quality := atlas_quality.told(facts["quality"]):
        yield in_unit(study, "\n".join(quality))
    hanging = "\n".join(line for line in (_network(facts, study), _sample(study)) if line)
    if hanging:
        yield hanging
    sure = [line for line in (_reliability(facts), _placed(facts, study), detectable(facts["detectable"])) if line]
    if sure:
        yield "\n".join(sure)


def finding(rank: int, study: str, row: dict[str, Any], unit: str = "documents") -> str:
    """A finding in words.

    Args:
        rank: its number.
        study: id of the study.
        row: of the question `findings`.
        unit: what the study counts, in the plural.
    """
    here, there = ends_with_words(study, row, KEYWORDS)
    odds, interval = chance(row["effect"], row["ci_low"], row["ci_high"])
    lines = [
        f"{rank:>2}. {one_line(row['category'])}, {row['finding']}: {here} to {there}",
        f"    {shares(row['share'], row['others_share'], unit, row['named_before'])}; odds {odds} times ({interval}); "
        f"q {number(row['q'])}",
    ]
    if row.get("name_q") is not None:
        lines[1] += f" (of this category: p {number(row['p'])}, q {number(row['name_q'])})"
    again = [] if row["stability"] is None else [f"found again in {row['stability']:.0%} of refits of the same texts"]
    if row["routing_q"] is not None:
        beyond = "more than chance" if row["routing_q"] <= 0.05 else "no more than chance"
        again.append(f"among its source region's {unit} {beyond} (q {number(row['routing_q'])})")
    if "within_q" in row:
        again.append(within_told(row) or "not to be tested within token types")
    lines.append(f"    {'; '.join(again)}" if again else "")
    if row["keywords"] if unit == "tokens" else row["keywords"] is not None:
        lines.append(f"    words, against its source region's: {words_told(row['keywords'], KEYWORDS)}")
    return "\n".join(line for line in lines if line)


def _of_the_whole(facts: dict[str, Any], site: str) -> str:
    """Whether anything differs, where half of it is reached, and what is gained over the embedding."""
    whole = [Measure(**row) for row in facts["global"]]
    lines = [any_difference(whole)]
    shown = bool(whole) and whole[0].p is not None and whole[0].p <= ALPHA
    half = whole[0].details.get("half_maximum") if shown else None
    gains = [row for row in facts["divergence"] if row["layer"]]
    if half is not None and gains:
        most = max(gains, key=lambda row: row["details"]["gain"])
        told = most["details"]
        interval = "" if told["gain_low"] is None else f" ({number(told['gain_low'])} to {number(told['gain_high'])})"
        others = over_refits(headline_spreads(facts[ATLAS_SPREAD]).get(HALF))
        lines.append(
            f"Half of the largest divergence is reached in layer {half}{others}; over {first_layer(site)} "
            f"layer {most['layer']} gains most: {number(told['gain'])} bits{interval}."
        )
    return "\n".join(line for line in lines if line)


def _family_table(facts: dict[str, Any]) -> str:
    spreads = headline_spreads(facts[ATLAS_SPREAD])
    columns: dict[str, list[Any]] = {
        "found": [row["findings"] for row in facts["families"]],
        "in the sample": [row["in_sample"] for row in facts["families"]],
        "over atlases": [
            reach(spreads[row["family"]]) if row["family"] in spreads else "" for row in facts["families"]
        ],
        "of": [row["tests"] for row in facts["families"]],
        "what": [_family(row["family"]) for row in facts["families"]],
    }
    if not any(columns["over atlases"]):
        del columns["over atlases"]
    if all(found is None for found in columns["in the sample"]):
        del columns["in the sample"]
    if remain := facts.get(WITHIN):
        told_of = {family: f"{beyond} of {tested}" for family, (beyond, tested) in remain.items()}
        columns["within types"] = [told_of.get(row["family"], "") for row in facts["families"]]
    beside = {"shuffled": "shuffled labels", "random_blocks": "random blocks", "routing_floor": "routing floor"}
    for key, title in beside.items():
        if any(row[key] is not None for row in facts["families"]):
            told: Callable[[Row], Any] = over_models if key == "random_blocks" else itemgetter(key)
            columns[title] = [told(row) for row in facts["families"]]
    of_controls = [line for row in facts["families"] for line in no_more(row)]
    told_table = table(list(columns), zip(*columns.values(), strict=True))
    return "\n".join([f"How much differs\n\n{told_table}", *(["", *of_controls] if of_controls else [])])


def no_more(row: Row) -> Iterator[str]:
    """That a control has as many findings, where one has."""
    for count, control in ((most_of_models(row), "a model with random blocks"), (row["shuffled"], "shuffled labels")):
        if count is not None and count >= compared(row) > 0:
            found = f"{row['family'].capitalize()}: {compared(row)} found{of_the_sample(row)}"
            yield f"{found}, no more than {control} has ({count:g})."
            return


def _family(name: str) -> str:
    """What a family counts; of crossed labels each is one."""
    label = name.removeprefix("factor ")
    return FAMILIES.get(name, f"connections, by {one_line(label)} with the other labels held (mri query factors)")


def _family_legend(facts: dict[str, Any], study: dict[str, Any]) -> Iterator[str]:
    yield in_unit(study, CONTROLLED.get(study["fdr"], CONTROLLED["bh"]))
    yield in_unit(study, EXPLAINED_FAMILIES)
    if WITHIN in facts:
        yield WITHIN_TYPES
    if "connections" in facts["levels"] and any(row["findings"] for row in facts["families"]):
        level = in_tenths(facts["levels"]["connections"])
        yield f"Intervals of what is named here are at {level}: none denies its finding."
    yield "Where layers are alike they repeat each other's findings: counts are not sizes of effects."
    yield "Here and below a connection is a pair of regions, however many categories take it."
    spreads = headline_spreads(facts[ATLAS_SPREAD])
    if FLOOR in spreads:
        yield in_texts(study, EXPLAINED).format(refits=spreads[FLOOR]["details"]["refits"])
    elif traits_of(study["atlas"]).holds_documents:
        yield NONE
    if known := study["report"].get("fitted_to"):
        unit = unit_word(study)
        yield f"In the sample: of {known:,} {unit} that the atlas was fitted to; refits and controls are of these."
    if any(row["random_blocks_low"] is not None for row in facts["families"]):
        yield MODELS
    routing = next((row for row in facts["families"] if row["family"] == "routing"), None)
    if routing and routing["routing_floor"] is not None:
        yield _beyond_floor(routing, spreads.get(FLOOR))
        yield from (in_unit(study, line) for line in _routing_by_step(facts["routing_floor"]))
    if all(row["shuffled"] is None for row in facts["families"]) and traits_of(study["atlas"]).holds_documents:
        yield "Controls were not run; the same `mri ingest` with --controls adds them."


def _beyond_floor(routing: Row, floor: Row | None) -> str:
    """Whether there is more routing than the refits' floors show, and how sure that is."""
    beyond = "more than" if compared(routing) > routing["routing_floor"] else "no more than"
    if beyond == "more than" and floor is not None and floor["p"] is not None and floor["p"] > ALPHA:
        beyond = "not clearly more than"
    by_how_much = f"{number(routing['routing_floor'])}{over_refits(floor, of_sample=True)}"
    told = (
        f"Routing: {compared(routing)} found{of_the_sample(routing)}, {beyond} the {by_how_much} that the atlas by "
        "itself gives, between a layer and its own refit"
    )
    if floor is None or floor["p"] is None:
        return f"{told}."
    return f"{told}; that a floor is as large has p {probability(floor['p'])}."


def _routing_by_step(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """The step that exceeds its floor the most: where most layers are much alike their floors hide it in the sum."""
    known = [row for row in rows if "routing" in row["details"]]
    most = max(known, key=lambda row: row["details"]["routing"] - row["value"], default=None)
    if most is None or most["details"]["routing"] <= most["value"]:
        return
    told = most["details"]
    ends = "" if most["ci_low"] is None else f" ({reach(most)} over the refits)"
    step = f"By step it exceeds that most from layer {most['layer']}"
    yield f"{step}: {told['routing']} found, floor {number(most['value'])}{ends}."
    if told["routing_moved"] > told["moved"]:
        yield (
            f"But {told['routing_moved']:.0%} of the documents leave their region there, {told['moved']:.0%} in a "
            "refit: such a floor is too low."
        )


def _network(facts: dict[str, Any], study: dict[str, Any]) -> str:
    rows = [row for row in facts["nbs"] if row["p"] is not None]
    if not rows:
        return ""
    told = "; ".join(f"{row['other']}: p {probability(row['p'])}" for row in rows)
    largest = rows[0]
    what = ""
    if largest["category"] is not None:
        count, way = len(largest["details"]["connections"]), largest["details"]["finding"]
        what = f", the largest net being {count} that {one_line(largest['category'])} takes {way}"
    return (
        f"Do connections that differ hang together (Network-Based Statistic)? {told}{what}.\n"
        f"That tests the whole, and is no location: {unit_word(study)} chain connections by themselves."
    )


def _sample(study: dict[str, Any]) -> str:
    """Which tests are of a sample of the documents, if any are."""
    if "permuted" not in study["report"]:
        return ""
    sample = study["report"]["permuted"]
    drawn = f"{sample['documents']} of the {number_of(study)} {unit_word(study)}, drawn by category"
    return f"Tested on {drawn}: {', '.join(sample['tests'])}."


def _reliability(facts: dict[str, Any]) -> str:
    known = [row for row in facts["reliability"] if row["value"] is not None]
    if not known:
        return ""
    halves, whole = _range(row["details"]["halves"] for row in known), _range(row["value"] for row in known)
    floors = [row["details"]["floor_high"] for row in known if row["details"]["floor_high"] is not None]
    beside = f"; with shuffled labels by {number(max(floors))} at most" if floors else ""
    below = "; below 0 is no agreement" if min(row["details"]["halves"] for row in known) < 0 else ""
    return (
        f"Given the atlas, two halves of the corpus agree on the deviations of connections by {halves} (ICC, by step"
        f"{below}){beside}; of the whole that makes {whole} (Spearman–Brown)."
        f"{UNSURE if _as_high(known, floors) else ''}"
    )


def _as_high(known: Sequence[Row], floors: Sequence[float]) -> bool:
    return bool(floors) and max(floors) >= min(row["details"]["halves"] for row in known)


def _placed(facts: dict[str, Any], study: dict[str, Any]) -> str:
    """The same of documents that an atlas was not fitted to: the halves of a corpus both shaped theirs."""
    known = [row for row in facts[PLACED] if row["value"] is not None]
    if not known:
        return ""
    agreed, whole = _range(row["details"]["agreement"] for row in known), _range(row["value"] for row in known)
    return (
        f"{unit_word(study).capitalize()} that a refit was fitted to, and those that were only placed in it, agree by "
        f"{agreed}; of the whole that makes {whole}."
    )


def _range(values: Iterable[float]) -> str:
    told = list(values)
    return f"{number(min(told))} to {number(max(told))}"


def detectable(rows: Sequence[dict[str, Any]]) -> str:
    """What so many documents could have shown at all, in a sentence; "" where that is not known.

    Args:
        rows: measures of kind `detectable`, as JSON values.
    """
    known = [row for row in rows if row["value"] is not None]
    if not rows:
        return ""
    documents = rows[0]["details"]["documents"]
    if not known:
        return (
            f"With {documents} documents, as the smallest category has, no connection of up to a fifth of the "
            "documents would have been found with a chance of 80%, however often a category takes it."
        )
    (share, lift), *others = [(f"{row['details']['share']:.0%}", f"{row['value']:.2f}") for row in known]
    told = ", ".join(f"of {wider}: {less} times" for wider, less in others)
    return (
        f"With {documents} documents of a category, a study finds with a chance of 80% that it takes a connection of "
        f"{share} of the documents {lift} times as often as categories do on average{f' ({told})' if told else ''}."
    )
