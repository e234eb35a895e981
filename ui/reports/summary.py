"""All that a study found, in words and small tables: `mri show --full`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from math import ceil, log2
from textwrap import fill
from typing import Any

from mri_core.atlas.kinds import traits_of
from mri_core.errors import one_line
from mri_core.records.graph import GIVEN, Study
from mri_core.records.ids import local_id, result_version
from mri_core.records.measures import ALIGNMENT, ATLAS_FIT, ATLAS_SPREAD, CONFOUND, REPLICATION, TAKEN, Measure
from mri_core.store.store import Store
from queries.text import number
from ui.reports import cause, component_summary, placed
from ui.reports.alignment import alignment_words
from ui.reports.answers import Answers
from ui.reports.evidence_summary import COUNTED, Ask, evidence, finding, paragraphs
from ui.reports.evidence_summary import KINDS as EVIDENCE_KINDS
from ui.reports.over_atlases import BOTH, both_intervals, headline_spreads, over_refits
from ui.reports.token_regions import Contexts, by_chance, by_layer, context_of, contexts
from ui.wording.atlases import fitted_elsewhere
from ui.wording.evidence import SATURATED, asking, counted, saturated
from ui.wording.forms import OF_CATEGORIES, scanned
from ui.wording.groups import in_blocks
from ui.wording.labels import READER_NAME, ends_with_words, with_names, with_words, words_of
from ui.wording.terminal import table
from ui.wording.units import in_texts, in_unit, number_of, of_tokens, pooled, text_word, unit_word

CANDIDATES = 200  # connections that the told ones are chosen from
TOLD = 6  # connections told in all, shared out among the categories
KEYWORDS = 4
OLDER = (
    "An older version made this study and computed effects, intervals and names differently: run its command again "
    "with --replace, which reuses the cached activations."
)
SHOWN_REGIONS = 10  # of those of one document
BEYOND = {"over_chance": "over chance", "ci_low": "from", "ci_high": "to", "p": "p", "random_blocks": "random blocks"}
FINDINGS = "Findings, the most stable{by} first, some of each category"
FURTHER = "\nOf three or more categories a further one is compared with those that were not named before it there."
BY_CHI_SQUARED = " Its p is of chi-squared, not counted over permutations, and so may lie below one over their number."
ALL = (("All of them", "findings", "connections"), ("Of regions", "region-findings", "regions"))
FIT = (
    "distance: the documents' median distance from their region, over that of the atlas' own documents; beyond: share "
    "of them farther than 99 % of those."
)
CONFIRMED = (
    "{replicated} of {tests} findings replicate on {documents} other {unit} ({study}).\n"
    "Each of them: mri query replicated-findings --study {study}"
)
REPLICATED = "Each of them: mri query replicated-findings --study {}"
SAMPLE = (
    "The graph holds {documents_stored:,} of the {documents:,} documents: a sample, stratified by category, with the "
    "exemplars of every region. Everything else counts all of them; a file beside the store has the regions of each."
)
WIDTH, INDENT = 100, "    "
Typical = Callable[[dict[str, Any], str], dict[str, Any] | None]  # of a connection and a category
TYPES = {"type": "types", "frequency": "frequency", "position": "place"}  # columns by their confounds


def findings(store: Store, study: Study, *, printed: bool = False, **limits: Any) -> dict[str, Any]:
    """The facts that a summary tells, as JSON values.

    Args:
        store: that holds the study.
        study: a ready one.
        printed: whether they are for `in_words` alone: `connections` are not asked for where it tells findings instead.
        limits: `timeout` and `max_rows` of each query, as `queries.runner.run` takes them.

    Returns:
        `study` (its properties, with `parameters` and `report` as objects), `categories`, `layers` (with the
        divergence of the categories in bits) and `connections`, the most telling ones of every category. Components
        have no divergence; their connections are those of largest |rho|. `evidence` is what is known of chance, None
        where nothing was tested; then `findings` are those of every category, the most stable first. `placed` is what
        is known of a study in another one's atlas. `confirmations` are the studies that tested its findings on
        other documents, the newest first. `names` has the names and notes that readers gave to regions; `findings` and
        `connections` then have these names too. `cause` counts what was tried: `what` it is, how many of it were
        `tried`, and how many are `causal`, with an effect beyond their controls. `cut` tells that `max_rows` left some
        out. Of a study of tokens `token_types` has what its regions have to do with token types, frequency and place,
        by layer.
    """
    answers = Answers(store, **limits)

    def ask(template: str, **values: Any) -> list[dict[str, Any]]:
        return answers(study, template, **values).records()

    divergences = {row["layer"]: row["divergence"] for row in ask("divergence")}
    layers = [{**row, "divergence": divergences.get(row["layer"])} for row in ask("layers")]
    categories = ask("categories")
    names = [row["category"] for row in categories]
    components = not traits_of(study.atlas).holds_documents
    typical = partial(_context, contexts(study, answers)) if of_tokens(study) else partial(_typical, ask)
    if components:
        connections = component_summary.strongest(ask, names, TOLD)
    else:
        connections = [] if printed and study.fdr else _most_telling(ask, study, typical)
    named = ask("names", limit=study.regions)
    given = {row["region"]: row[READER_NAME] for row in named if row[READER_NAME]}
    held = store.measures(study, (ATLAS_FIT, REPLICATION)) if study.atlas_of else []
    tested = evidence(ask, store.measures(study, (*EVIDENCE_KINDS, COUNTED))) if study.fdr else None
    return {
        "study": asdict(study) | {"parameters": json.loads(study.parameters), "report": json.loads(study.report)},
        "categories": categories,
        "layers": layers,
        "connections": with_names(connections, given),
        "evidence": tested,
        "alignment": [asdict(measure) for measure in store.measures(study, [ALIGNMENT])],
        "findings": with_names(_findings(study, tested["findings"], typical), given) if tested else [],
        "names": named,
        "placed": _placed(study, held) if study.atlas_of else None,
        "confirmations": [
            {"study": other.name, "id": other.id, **whole.details}
            for other, whole in placed.confirmations(study, store.studies(), answers)
        ],
        "cause": [one._asdict() for one in cause.counts(study, answers)],
        "cut": answers.cut,
        **({"token_types": _token_types(store.measures(study, (CONFOUND,)))} if of_tokens(study) else {}),
    }


def _token_types(held: Sequence[Measure]) -> dict[str, Any]:
    """What a study of tokens has to do with their types."""
    return {"by_layer": by_layer(held), "by_chance": by_chance(held)}


def _placed(study: Study, held: Sequence[Measure]) -> dict[str, Any]:
    """Whose atlas it stands in, how well that describes the documents, and what of its findings replicates."""
    whole = placed.replication(held)
    return {
        "atlas_of": placed.atlas_owner(study),
        "atlas_fit": [asdict(measure) for measure in placed.fits(held)],
        "replication": None if whole is None else asdict(whole),
        "replication_of": None if whole is None else placed.name_of(study, whole.details["base"]),
    }


def _most_telling(ask: Ask, study: Study, typical: Typical) -> list[dict[str, Any]]:
    """The connections in which the categories differ most, some of each, with a typical document."""
    differing = [row for row in ask("telling-connections", limit=CANDIDATES) if row["spread"] > 0]
    connections = _spread_over_categories(differing, "most", study.categories)
    for connection in connections:
        connection["typical"] = typical(connection, connection["most"])
    return connections


def _findings(study: Study, candidates: list[dict[str, Any]], typical: Typical) -> list[dict[str, Any]]:
    """The most stable findings, some of each category, with a typical document of those that take the connection."""
    told = _spread_over_categories(candidates, "category", study.categories)
    for row in told:
        holds = row["weight"] and traits_of(study.atlas).holds_documents
        row["typical"] = typical(row, row["category"]) if holds else None
    return told


def _typical(ask: Ask, connection: dict[str, Any], category: str) -> dict[str, Any] | None:
    """A document that takes a connection; None if the graph holds none that does."""
    ends = {"source": connection["source"], "target": connection["target"]}
    texts = ask("documents-of-connection", **ends, category=category, limit=1)
    return {key: texts[0][key] for key in ("title", "excerpt")} if texts else None


def _context(around: Contexts, connection: dict[str, Any], _category: str) -> dict[str, Any] | None:
    """A token that lies where the tokens of a connection go; None if the graph holds no text around it."""
    context = context_of(around, connection)
    return {"region": connection["target"], "context": context} if context else None


def _spread_over_categories(rows: list[dict[str, Any]], whose: str, categories: int) -> list[dict[str, Any]]:
    """The first of each category: a lane that a category keeps to would else fill the list."""
    told: Counter[str] = Counter()
    chosen: list[dict[str, Any]] = []
    for row in rows:
        if told[row[whose]] < ceil(TOLD / categories) and len(chosen) < TOLD:
            told[row[whose]] += 1
            chosen.append(row)
    return chosen


def in_words(facts: dict[str, Any]) -> str:
    """The same facts for a reader."""
    return "\n\n".join(_parts(facts))


def _parts(facts: dict[str, Any]) -> Iterator[str]:
    study = facts["study"]
    components = not traits_of(study["atlas"]).holds_documents
    spreads = headline_spreads(facts["evidence"][ATLAS_SPREAD]) if facts["evidence"] else {}
    frozen = facts["placed"]
    mapped = (
        f"mapped to {study['regions']} regions ({study['atlas']}){fitted_elsewhere(study['report'], unit_word(study))} "
        f"and {study['connections']} {OF_CATEGORIES}{over_refits(spreads.get(TAKEN))}."
    )
    yield (
        f"{study['name']}: {scanned(study['documents'], study['documents_stored'], study['tokens'])} of "
        f"{one_line(study['corpus'])} in {study['categories']} categories,\n"
        f"{_read_by(study)} in {study['layers']} layers, "
        f"{component_summary.mapping(study) if components else mapped}"
    )
    read = _how_it_was_read(facts)
    if read:
        yield f"How it was read: {read}."
    if facts["alignment"]:
        yield alignment_words(facts["alignment"], study["report"]["atlas_of"]["study"])
    notes = corpus_notes(study["report"])
    if notes:
        yield "The corpus\n" + "\n".join(f"  {line}" for line in notes)
    yield f"{unit_word(study).capitalize()}\n\n{_category_table(facts)}"
    if study["documents_stored"] is not None:
        yield SAMPLE.format(**study)
    yield from _components(facts) if components else _regions(facts)
    if frozen:
        yield from _of_placed(study, frozen)
    if facts["names"]:
        yield names_told(facts["study"]["id"], facts["names"])
    for tested in facts["confirmations"]:
        yield CONFIRMED.format(**tested, unit=unit_word(study))
    if facts["cause"]:
        yield f"Cause: {cause.told(study['name'], [cause.Count(**row) for row in facts['cause']])}"
    lines = cautions(study)
    if lines:
        yield "To beware of\n" + "\n".join(f"  {line}" for line in lines)


def names_told(study: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """The names and notes that readers gave to regions.

    Args:
        study: its id.
        rows: of the question `names`.
    """
    lines = []
    for row in rows:
        words = words_of(row[READER_NAME], row["keywords"])
        lines.append(f"  {with_words(local_id(study, row['region']), words, KEYWORDS)}")
        lines += [f"{INDENT}{one_line(line)}" for line in (row["reader_note"] or "").splitlines() if line.strip()]
    return "\n".join(["Names and notes of its readers", *lines])


def _of_placed(study: dict[str, Any], frozen: dict[str, Any]) -> Iterator[str]:
    """How well the frozen atlas describes the documents, and what of its study's findings replicates."""
    if frozen["atlas_fit"]:
        fit = placed.fit_table([Measure(**row) for row in frozen["atlas_fit"]])
        yield f"Atlas fit: these {unit_word(study)} in the atlas of {frozen['atlas_of']}\n\n{fit}"
        yield in_unit(study, FIT)
    if frozen["replication"]:
        whole = Measure(**frozen["replication"])
        told = f"{placed.replicated(whole, frozen['replication_of'])} {placed.slope_told(whole)}"
        yield f"{told}\n{REPLICATED.format(study['name'])}"


def _components(facts: dict[str, Any]) -> Iterator[str]:
    yield f"Layers\n\n{component_summary.layer_table(facts)}"
    yield "\n".join(component_summary.legend())
    if facts["evidence"]:
        yield component_summary.tested(facts)
    yield component_summary.HEADING if facts["connections"] else component_summary.NONE
    study = facts["study"]["id"]
    yield from (component_summary.connection(rank, study, row) for rank, row in enumerate(facts["connections"], 1))


def _regions(facts: dict[str, Any]) -> Iterator[str]:
    study = facts["study"]
    yield f"Layers\n\n{_layer_table(facts)}"
    yield "\n".join(_layer_legend(facts))
    if facts["evidence"]:
        yield from _tested(facts)
        return
    if facts["connections"]:
        yield "Where the categories differ most, some of each: shares as counted, not tested against chance"
    else:
        yield "No connection is taken by more of one category than of another."
    yield from (_connection(rank, study, row) for rank, row in enumerate(facts["connections"], start=1))


def _tested(facts: dict[str, Any]) -> Iterator[str]:
    study = facts["study"]
    yield from paragraphs(facts["evidence"], study)
    if not facts["findings"]:
        yield (
            "No connection is taken by a category more, or less, than by the others by more than chance.\n"
            f"What was found of regions, if anything: mri query region-findings --study {study['name']}"
        )
        return
    by = " by refits of the sample" if "fitted_to" in study["report"] else ""
    further = FURTHER + (BY_CHI_SQUARED if in_blocks(study) else "") if study["categories"] > 2 else ""
    yield FINDINGS.format(by=by) + further
    for rank, row in enumerate(facts["findings"], start=1):
        yield finding(rank, study["id"], row, unit_word(study)) + _text(row["typical"])
    families = {row["family"]: row for row in facts["evidence"]["families"]}
    yield "\n".join(
        f"{told}{counted(study, families[family])}: {asking(question, study, families[family])}"
        for told, question, family in ALL
        if family in families
    )


def _read_by(study: dict[str, Any]) -> str:
    if study["site"] == GIVEN:
        return "given activations"
    stack = study["parameters"].get("stack")
    site = f"{study['site']} of the {stack}" if stack else study["site"]
    return f"read by {one_line(study['model'])} ({site}, {pooled(study)})"


def corpus_notes(report: dict[str, Any]) -> list[str]:
    """What was done with the source's rows and labels on the way to documents and categories."""
    lines = [one_line(line) for line in report.get("notes", [])]
    others = report.get("skipped", {}).get("other_categories")
    return lines + ([f"Rows of other labels than these categories, left out: {others}."] if others else [])


def _how_it_was_read(facts: dict[str, Any]) -> str:
    """Everything that is known of the run, as it stands in the report."""
    report, parameters = facts["study"]["report"], facts["study"]["parameters"]
    told = [f"at most {report['max_length']} tokens"] if "max_length" in report else []
    told += [f"{key.replace('_', ' ')} {one_line(str(value))}" for key, value in report.get("run", {}).items()]
    told += _weightless(facts)
    if "axes_error" in report:
        told.append(f"axes by iteration, their variances right to {report['axes_error']:.0e}")
    if parameters.get("template"):
        told.append(f"within {one_line(parameters['template'])!r}")
    if parameters.get("chat"):
        told.append("as a chat")
    return ", ".join(told)


def _weightless(facts: dict[str, Any]) -> list[str]:
    """The columns that have no weight in the atlas, by layer."""
    counts = facts["study"]["report"].get("weightless_columns", [])
    left_out = [
        f"{count} of {layer['width']} in layer {layer['layer']}"
        for layer, count in zip(facts["layers"], counts, strict=False)
        if count
    ]
    return [f"without columns of next to no spread ({', '.join(left_out)})"] if left_out else []


def _category_table(facts: dict[str, Any]) -> str:
    """Documents by category, with what became of their tokens where that is more than nothing."""
    by_category = facts["study"]["report"].get("by_category", {})
    names = [row["category"] for row in facts["categories"]]
    about = {
        "tokens per word": [by_category.get(name, {}).get("tokens_per_word") for name in names],
        "share unknown": [by_category.get(name, {}).get("unknown_share") for name in names],
        "share cut": [by_category.get(name, {}).get("cut_share") for name in names],
        "sinks left out": [sum(by_category.get(name, {}).get("sinks_left_out", ())) for name in names],
        "without tokens": [by_category.get(name, {}).get("without_tokens") for name in names],
    }
    study = facts["study"]
    columns = {"category": names, unit_word(study): [number_of(row) for row in facts["categories"]]}
    if of_tokens(study):
        columns[text_word(study)] = [row["documents"] for row in facts["categories"]]
    columns |= {title: values for title, values in about.items() if any(values)}
    return table(list(columns), zip(*columns.values(), strict=True))


def _layer_table(facts: dict[str, Any]) -> str:
    columns = {
        "layer": [row["layer"] for row in facts["layers"]],
        "name": [row["name"] for row in facts["layers"]],
        "regions": [row["regions"] for row in facts["layers"]],
        "divergence": [row["divergence"] for row in facts["layers"]],
    }
    if facts["evidence"]:
        beyond = {row["layer"]: row for row in facts["evidence"]["layers"]}
        for key, title in BEYOND.items():
            values = [beyond.get(row["layer"], {}).get(key) for row in facts["layers"]]
            values = _without_saturated(facts, values) if key == "ci_low" else values
            columns |= {title: values} if any(value is not None for value in values) else {}
    explained = facts["study"]["report"].get("length_explained")
    if explained:
        columns["length"] = [explained[row["layer"]] for row in facts["layers"]]
    for name, values in facts.get("token_types", {}).get("by_layer", {}).items():
        columns[TYPES[name]] = [values.get(row["layer"]) for row in facts["layers"]]
    return table(list(columns), zip(*columns.values(), strict=True))


def _without_saturated(facts: dict[str, Any], ends: list[float | None]) -> list[float | str | None]:
    """The lower ends of the intervals; where categories share no region there is none, and that is said instead."""
    rows = zip(facts["layers"], ends, strict=True)
    return [SATURATED if saturated(row["divergence"], facts["study"]["categories"]) else end for row, end in rows]


def _layer_legend(facts: dict[str, Any]) -> Iterator[str]:
    study = facts["study"]
    greatest = number(log2(study["categories"]))
    yield f"divergence: how far apart the categories sit in the regions, in bits (0 alike, {greatest} apart)."
    if facts["evidence"] and facts["evidence"]["layers"]:
        known = both_intervals(facts["evidence"][ATLAS_SPREAD])
        of_both = f", {in_texts(study, BOTH)}" if known else f", for the error of the {text_word(study)} alone"
        ends = any(row["ci_low"] is not None for row in facts["evidence"]["layers"])
        sure = (
            f"from, to: its 95 % interval{of_both}" if ends else "a category lies in one group, so there is no interval"
        )
        yield f"over chance: less what shuffled labels give; {sure}; p: familywise."
    chance = study["report"].get("length_explained_by_chance")
    if chance:
        yield f"length: how much of 1/length the regions explain (eta squared; {number(max(chance))} by chance)."
    if facts.get("token_types", {}).get("by_layer"):
        yield (
            "types: how far regions are types of tokens (adjusted mutual information, 0 by chance, 1 the same). "
            "frequency, place: how much of log frequency, and of 1/place in the text, the regions explain (eta "
            f"squared; {number(facts['token_types']['by_chance'])} by chance)."
        )


def _connection(rank: int, study: Mapping[str, Any], row: dict[str, Any]) -> str:
    most, least = one_line(row["most"]), one_line(row["least"])
    here, there = ends_with_words(study["id"], row, KEYWORDS)
    shares = f"{row['most_share']:.0%} of {most}, {row['least_share']:.0%} of {least}"
    return (
        f"{rank:>2}. {most}: {here} to {there}\n"
        f"    {shares}; {number_of(row)} {unit_word(study)} in all{_text(row['typical'])}"
    )


def _text(typical: dict[str, Any] | None) -> str:
    """Lines under a connection; none without a document that takes it."""
    if typical is None:
        return ""
    told = f"{_where(typical)}: “{one_line(typical['context'])}”" if "context" in typical else text_told(typical)
    return "\n" + fill(told, WIDTH, initial_indent=INDENT, subsequent_indent=INDENT)


def _where(typical: Mapping[str, Any]) -> str:
    """The region that a context is of, within its study."""
    return f"in {typical['region'].partition('/')[2]}"


def text_told(typical: Mapping[str, Any]) -> str:
    """A document on one line: its title, unless that only repeats the beginning, and its beginning.

    Args:
        typical: its `title` and `excerpt`.
    """
    title, beginning = one_line(typical["title"]), one_line(typical["excerpt"])
    if not beginning:
        return title
    return beginning if beginning.startswith(title.rstrip("…")) else f"{title}: {beginning}"


def cautions(study: dict[str, Any]) -> list[str]:
    """What the report holds against the study.

    Args:
        study: its properties, with `parameters` and `report` as objects.
    """
    report = study["report"]
    lines = [one_line(line) for line in report.get("warnings", [])]
    columns = report.get("columns", {})
    crossed = not isinstance(columns.get("label", ""), str)
    documents = 0 if study.get("tokens") is not None else study.get("documents", 0)
    if report.get("results", 0) < result_version(
        grouped=columns.get("group") is not None,
        crossed=crossed,
        documents=documents,
        categories=study.get("categories", 2),
    ):
        lines.insert(0, OLDER)
    cut = report.get("cut", {})
    if cut:
        by_category = ", ".join(f"{one_line(category)} {count}" for category, count in sorted(cut.items()))
        lines.append(f"Texts cut at {report['max_length']} tokens: {sum(cut.values())} ({by_category}).")
    left_out = {
        "without_text": "without text",
        "without_label": "without a label",
        "unmatched_lengths": "left out to match lengths",
    }
    skipped = report.get("skipped", {})
    lines += [f"Rows {why}: {skipped[key]}." for key, why in left_out.items() if skipped.get(key)]
    if alone := report.get("regions_of_one_document"):
        more = f" and {len(alone) - SHOWN_REGIONS} more" if len(alone) > SHOWN_REGIONS else ""
        listed = ", ".join(alone[:SHOWN_REGIONS]) + more
        one = unit_word(study, plural=False)
        lines.append(f"Regions of one {one}, which show no more than that {one}: {listed}.")
    if of_tokens(study):
        lines += _of_texts(study)
    if "no_words" in report:
        lines.append(one_line(report["no_words"]))
    in_adjusted = study["atlas_of"] and study["parameters"].get("length_adjust")  # which is not fitted once more
    if "length_explained" in report and "length_explained_unadjusted" not in report and not in_adjusted:
        lines.append("Length was not adjusted for.")
    if sum(report.get("sinks_left_out", ())):
        lines.append(f"Attention sinks left out of the means: {sum(report['sinks_left_out'])} tokens over all layers.")
    return lines


def _of_texts(study: Mapping[str, Any]) -> Iterator[str]:
    """What of its texts a study of tokens has not placed, and what was not adjusted for."""
    report = study["report"]
    left_out = {
        "texts_cut": f"Texts cut at {report.get('max_length')} tokens",
        "texts_without_tokens": "Texts without a token that is placed",
        "sunk_tokens": "Tokens that are attention sinks, left out in every layer",
    }
    yield from (f"{why}: {report[key]}." for key, why in left_out.items() if report.get(key))
    if not study["atlas_of"] and not study["parameters"].get("length_adjust", True):
        yield "A token's place in its text and its frequency were not adjusted for."
