"""What matters first of a study, on one screen: what was scanned, three findings, how far to trust it, what is next."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from textwrap import fill, wrap
from typing import Any

from mri_core.atlas.kinds import traits_of
from mri_core.errors import one_line
from mri_core.records.graph import GIVEN, Study
from mri_core.records.ids import local_id
from mri_core.records.measures import Measure
from queries.text import number
from ui.drawing.picture import Ask, categories, columns
from ui.reports import cause, component_summary, placed, trust
from ui.reports.cause import CANDIDATES
from ui.reports.evidence_summary import no_more
from ui.reports.first_findings import first_findings, stays
from ui.reports.over_atlases import compared, over_models
from ui.reports.summary import text_told
from ui.reports.token_regions import Contexts, context_of, contexts, remaining, remaining_told, types_told, within_told
from ui.wording import found_again
from ui.wording.atlases import fitted_elsewhere
from ui.wording.evidence import any_difference, chance, left_out, percent
from ui.wording.fitting import fitted, shortened
from ui.wording.forms import scanned
from ui.wording.found_again import OFTEN
from ui.wording.labels import WORDS, end_words, reader_names, region_label, with_names
from ui.wording.open_ends import printed
from ui.wording.units import in_unit, of_tokens, pooled, unit_word

LINES = 20  # of the first screen, at most
WIDTH, INDENT = 100, 4  # characters for which it has no more
NAME, WORD, LAYER, SOURCE = 26, 16, 14, 30  # characters of a category, a word, a layer's and a corpus' or model's name
QUOTED = 280  # characters of a text, where it has room
COMMAND = 44  # characters of a command, behind which its purpose stands
ORDINAL = {1: "", 2: ", two of them", 3: ", three of them"}
OF_ALL = {1: "", 2: ". Two of all", 3: ". Three of all"}  # where something else of them is counted before
UNTESTED = "Nothing was tested in this study: shares as counted, which may be chance. Where the categories differ most:"
ALIKE = "Nothing was tested in this study, and no connection is taken by more of one category than of another."
MOVING = "Not tested against chance: what moves together most, some of each category."
NONE = "No connection is taken by a category more, or less, than by the others by more than chance"
UNNAMED = (
    "{findings} of {tests} connections differ between the categories by more than chance (q <= 0.05), but no category "
    "can be named that differs."
)
NOT_AGAIN = "not known without refits; the same `mri ingest` with --refits 20 adds them."
NOT_THERE = "not known: the sample that refits read has none of these findings."
FROZEN = "not known: the atlas of another study is not refitted."
NO_REFITS = "not run, so the stability of the atlas is not known; the same `mri ingest` with --refits 20 adds them."
NO_CONTROLS = "not run (shuffled labels, random blocks); the same `mri ingest` with --controls adds them."
NO_LABELS = "not run (shuffled labels); the same `mri ingest` with --controls adds them."  # of given activations

Row = Mapping[str, Any]
Namer = Mapping[int, str]  # of layers


@dataclass(frozen=True, slots=True)
class Told:
    """A finding of the first screen, or a difference as it was counted.

    Attributes:
        sentence: which documents go where, with the shares of both sides, its size and how sure it is.
        text: the beginning of a typical text of them; its title where no text is stored; "" where there is neither.
        category: whose it is.
        source, target: its regions within the study, `L3/R5`.
        of_text: whether `text` holds more than a title.
        where: the region whose exemplar `text` is, `R1: `, of a study of tokens; else "".
    """

    sentence: str
    text: str
    category: str
    source: str
    target: str
    of_text: bool = False
    where: str = ""

    @property
    def line(self) -> str:
        """The text as far as one line of the first screen holds it."""
        return shortened(self.text, WIDTH - INDENT - 2 - len(self.where))


@dataclass(frozen=True, slots=True)
class Step:
    """A command that runs as it stands, and what it is for."""

    command: str
    purpose: str


@dataclass(frozen=True)
class Overview:
    """What is told first of a study.

    Attributes:
        scanned: what was scanned, in a sentence.
        found: how much was found, in a sentence; plainly where it is nothing.
        told: three findings, or fewer, or none.
        trust: how far to trust it, by what it is about: found again, controls, warnings.
        steps: what to do next.
    """

    scanned: str
    found: str
    told: tuple[Told, ...]
    trust: Mapping[str, str]
    steps: tuple[Step, ...]


def overview(of: Study, ask: Ask, held: Sequence[Measure], studies: Iterable[Study] = ()) -> Overview:
    """What matters first of a study.

    Args:
        of: a ready study.
        ask: gives answers about it, and about the others.
        held: all measures that it holds.
        studies: those of its store, of which some may have tested its findings.
    """
    family = None if of.fdr is None else _family(of, ask)
    if traits_of(of.atlas).holds_documents:
        found, told = _connections(of, partial(_told, of, ask, contexts(of, ask)), ask, held, family)
    else:
        found, told = _components(of, ask, family)
    tried = cause.line(of, ask)
    confirmed = placed.confirmed(placed.confirmations(of, studies, ask))
    trusted = _trust(of, ask, held, family, tried, confirmed)
    return Overview(_scanned(of), found, told, trusted, _steps(of, ask, held, told, tried))


def in_words(shown: Overview) -> str:
    """The same for a reader, in lines that are not yet fitted to a terminal."""
    rows = [_listed(rank, told) for rank, told in enumerate(shown.told, start=1)]
    wide = min(max(len(step.command) for step in shown.steps), COMMAND)
    trust = [f"{title}: {line}" for title, line in shown.trust.items()]
    heads = ["Next: ", *["      "] * (len(shown.steps) - 1)]
    steps = [f"{head}{s.command:<{wide}}   # {s.purpose}" for head, s in zip(heads, shown.steps, strict=True)]
    lines = [shown.scanned, "", shown.found, *rows, "", *trust, *steps]
    while "" in lines and sum(len(wrap(line, WIDTH)) or 1 for line in "\n".join(lines).split("\n")) > LINES:
        lines.remove("")  # room for what is told comes first
    return "\n".join(lines)


def _listed(rank: int, told: Told) -> str:
    indent = " " * INDENT
    return f"{rank:>2}. {told.sentence}" + (f"\n{indent}{told.where}“{told.line}”" if told.text else "")


def _scanned(of: Study) -> str:
    report = json.loads(of.report)
    group = report.get("columns", {}).get("group")
    corpus, model = fitted(of.corpus, SOURCE), fitted(of.model, SOURCE)
    grouped = f", grouped by {fitted(group, LAYER)}" if group else ""
    parts = "components" if not traits_of(of.atlas).holds_documents else f"regions ({of.atlas})"
    rows = "given activations" if of.site == GIVEN else f"read by {model} ({of.site}, {pooled(of)})"
    return _two_lines(
        f"{of.name}: {scanned(of.documents, of.documents_stored, of.tokens)} of {corpus} in {of.categories} "
        f"categories{grouped}, {rows} in {of.layers} layers, mapped to {of.regions} {parts}"
        f"{fitted_elsewhere(report, unit_word(of))}."
    )


def _connections(
    of: Study, tell: Callable[..., Told], ask: Ask, held: Sequence[Measure], family: Row | None
) -> tuple[str, tuple[Told, ...]]:
    """How much was found about connections, and what is told of it."""
    chained = traits_of(of.atlas).chained
    names = {column.index: column.name for column in columns(of, ask)}
    if of.fdr is None:
        rows = [row for row in ask(of, "telling-connections", limit=CANDIDATES).records() if row["spread"] > 0]
        first = _named(of, ask, first_findings(rows, "most", chained=chained))
        return (UNTESTED if first else ALIKE), tuple(tell(row, "most", names, _counted) for row in first)
    chosen = first_findings(ask(of, "findings", limit=CANDIDATES).records(), "category", chained=chained)
    first = _named(of, ask, chosen)
    if family is not None and family["findings"] and not first:
        return UNNAMED.format(findings=family["findings"], tests=family["tests"]), ()
    if family is None or not first:
        tests = f" ({family['tests']} tested)" if family else ""
        whole = f" {in_unit(of, any_difference(held))}".rstrip()
        return f"{NONE}{tests}.{whole}", ()
    beyond = remaining_told(held, "connections")
    found = (
        f"{family['findings']} of {family['tests']} connections differ between the categories by more than chance "
        f"(q <= 0.05){f', {beyond}' if beyond else ''}{(OF_ALL if beyond else ORDINAL)[len(first)]}:"
    )
    told = partial(_found, refits=trust.refits(held))
    return found, tuple(tell(row, "category", names, told) for row in first)


def _named(of: Study, ask: Ask, rows: Sequence[Row]) -> list[Row]:
    """The rows with the names that readers gave to the regions of each."""
    return [*with_names(rows, reader_names(of, ask) if rows else {})]


def _family(of: Study, ask: Ask) -> Row | None:
    """What the tests of connections counted; None where none could be tested."""
    return next((row for row in ask(of, "controls").records() if row["family"] == "connections"), None)


def _told(
    of: Study, ask: Ask, around: Contexts, row: Row, whose: str, names: Namer, sentence: Callable[[Row, str], str]
) -> Told:
    """A connection with a typical text of the documents that take it; of tokens with one that lies where they go."""
    category = row[whose]
    of_category = None if row.get("finding") == "less" else category  # who avoids it has none that is typical of it
    source, target = (local_id(of.id, row[end]) for end in ("source", "target"))
    whole = _fitting(lambda most: sentence(row, _deed(of, row, names, most)))
    if of_tokens(of):
        context = shortened(one_line(context_of(around, row)), QUOTED)
        where = f"{target.rpartition('/')[2]}: " if context else ""
        return Told(whole, context, category, source, target, bool(context), where)
    ends = {"source": source, "target": target}
    texts = ask(of, "documents-of-connection", category=of_category, limit=1, **ends).records()
    text = shortened(text_told(texts[0]), QUOTED) if texts else ""
    return Told(whole, text, category, source, target, bool(texts and texts[0]["excerpt"]))


def _deed(of: Study, row: Row, names: Namer, most: int) -> str:
    """What documents, or tokens, do: stay in a region, or go from one to another."""
    here, there = (fitted(names.get(row["layer"] + step, f"layer {row['layer'] + step}"), LAYER) for step in (0, 1))
    source, target = (_label(row, end, most) for end in ("source", "target"))
    if stays(of.id, row, chained=traits_of(of.atlas).chained):
        return f"stay in {source} from {here} to {there}"
    return f"go from {source} ({here}) to {target} ({there})"


def _label(row: Row, end: str, most: int) -> str:
    return region_label(row[end].rpartition("/R")[2], end_words(row, end, NAME, WORD), most)


def _found(row: Row, deed: str, *, refits: int | None) -> str:
    """A finding: both shares, then odds with their interval, then how sure it is."""
    odds, interval = chance(row["effect"], row["ci_low"], row["ci_high"])
    size = [f"odds {odds} times ({interval})"] if odds else []
    again = _again(row["stability"], refits)
    who, others = f"{percent(row['share'])} of {fitted(row['category'], NAME)}", percent(row["others_share"])
    others += f" of the others{left_out(row['named_before'], NAME)}"
    beyond = [told] if (told := within_told(row)) else []
    return "; ".join([f"{who}, but {others}, {deed}", *size, f"q {number(row['q'])}", *beyond, *again])


def _again(stability: float | None, refits: int | None) -> list[str]:
    if stability is None:
        return []
    count = f"{stability:.0%} of the refits" if refits is None else f"{round(stability * refits)} of {refits} refits"
    return [f"found again by {count}"]


def _counted(row: Row, deed: str) -> str:
    """A difference of shares of which it is not known whether it is more than chance."""
    most, least = fitted(row["most"], NAME), fitted(row["least"], NAME)
    return f"{percent(row['most_share'])} of {most}, but {percent(row['least_share'])} of {least}, {deed}"


def _components(of: Study, ask: Ask, family: Row | None) -> tuple[str, tuple[Told, ...]]:
    """The same of components, which hold no documents: what moves together."""
    if family is None:
        return MOVING, _moving(of, ask)
    told = f"{family['findings']} of {family['tests']} pairs of components of neighbouring layers move together"
    rows = first_findings(ask(of, "findings", limit=CANDIDATES).records(), "category", chained=False)
    rows = _named(of, ask, rows)
    among = f"{ORDINAL[len(rows)]}:" if rows else "."
    found = f"{told} differently in some category, by more than chance (q <= 0.05){among}"
    return found, tuple(_pair(of, row, _correlated(row)) for row in rows)


def _moving(of: Study, ask: Ask) -> tuple[Told, ...]:
    def records(template: str, **values: Any) -> list[dict[str, Any]]:
        return ask(of, template, **values).records()

    rows = first_findings(
        component_summary.strongest(records, categories(of, ask), CANDIDATES), "category", chained=False
    )
    told = "rho {rho:+.2f} over {documents} documents"
    return tuple(_pair(of, row, told.format(**row)) for row in _named(of, ask, rows))


def _correlated(row: Row) -> str:
    """How two components go together in a category: above 0 they rise together."""
    ends = printed(row["ci_low"], row["ci_high"])
    size = f"Fisher's z {row['effect']:+.2f}" + (f" ({ends})" if ends else "")
    return f"rho {row['weight']:+.2f}, {row['finding']} than the others by {size}; q {number(row['q'])}"


def _pair(of: Study, row: Row, numbers: str) -> Told:
    def sentence(most: int) -> str:
        source, target = (_label(row, end, most) for end in ("source", "target"))
        where = f"of layers {row['layer']} and {row['layer'] + 1}"
        return f"{fitted(row['category'], NAME)}: {source} and {target} {where} move together; {numbers}"

    source, target = (local_id(of.id, row[end]) for end in ("source", "target"))
    return Told(_fitting(sentence), "", row["category"], source, target)


def _fitting(sentence: Callable[[int], str]) -> str:
    """The sentence with as many words of its regions as two lines hold."""
    rich = (sentence(most) for most in range(WORDS, 0, -1))
    return next((told for told in rich if fill(told, WIDTH - INDENT).count("\n") < 2), _two_lines(sentence(1)))


def _two_lines(text: str) -> str:
    """As much of a text as two lines hold."""
    return fill(text, WIDTH - INDENT, max_lines=2, placeholder=" …").replace("\n", " ")


def _trust(
    of: Study, ask: Ask, held: Sequence[Measure], family: Row | None, tried: str, confirmed: str
) -> dict[str, str]:
    """How far to trust it, a line for each of what is known."""
    lines = dict(_repeated(of, ask, held, family)) if of.fdr is not None and traits_of(of.atlas).holds_documents else {}
    whole = placed.replication(held)
    here = "" if whole is None else placed.replicated(whole, placed.name_of(of, whole.details["base"]))
    if told := f"{here} {confirmed}".strip():
        lines["Confirmation"] = told
    if tried:
        lines["Cause"] = tried
    if told := types_told(held):
        lines["Token types"] = told
    speaking = trust.warnings(of, ask)
    first = f"{len(speaking)}, the first: {speaking[0]}" if len(speaking) > 1 else "".join(speaking)
    title = "Warnings"
    return lines | {title: fitted(first, WIDTH - len(title) - 2) if first else "none."}


def _repeated(of: Study, ask: Ask, held: Sequence[Measure], family: Row | None) -> Iterator[tuple[str, str]]:
    """Whether refits of the atlas, and controls, give the same."""
    again, refits = found_again.stored(ask(of, "found-again").records()[0]), trust.refits(held)
    if again.refitted:
        by = "the refits" if refits is None else f"{refits} refits"
        by += " of the sample" if "fitted_to" in json.loads(of.report) else ""
        often = f"{again.often} of {again.refitted} named findings in at least {OFTEN:.0%} of {by}"
        yield "Found again", f"{often}, {again.seldom} in fewer than half."
    elif of.atlas_of:
        if again.findings and placed.replication(held) is None:  # one line for either
            yield "Found again", FROZEN
    elif again.findings:
        yield "Found again", NOT_AGAIN if refits is None else NOT_THERE
    elif refits is None:
        yield "Refits", NO_REFITS
    if family is not None:
        yield "Controls", _controls(family, given=of.site == GIVEN)


def _controls(family: Row, *, given: bool) -> str:
    """How many connections differ where there is nothing to find."""
    shuffled, blocks = family["shuffled"], over_models(family)
    beside = [f"shuffled labels {shuffled:.1f}"] if shuffled is not None else []
    beside += [f"random blocks {blocks}"] if blocks else []
    if not beside:
        return NO_LABELS if given else NO_CONTROLS
    own = "the study" if family["in_sample"] is None else "the sample that they were run on"
    no = "no more, " if next(no_more(family), None) else ""
    return f"{', '.join(beside)}, {own} {no}{compared(family)} connections."


def _steps(of: Study, ask: Ask, held: Sequence[Measure], told: Sequence[Told], tried: str) -> tuple[Step, ...]:
    whole = Step(f"mri show {of.name} --full", "every number, by category, layer and test")
    page = Step("mri ui", "the page, with the layered graph to click on")
    return (whole, page, *_third_step(of, ask, told, held), *_trial_step(of, told, tried))


def _third_step(of: Study, ask: Ask, told: Sequence[Told], held: Sequence[Measure]) -> Iterator[Step]:
    """Two categories beside one another, those told first; of components, all that is known."""
    if not traits_of(of.atlas).holds_documents:
        yield Step(f"mri query components --study {of.name}", "which components move together")
        return
    names = dict.fromkeys([*(row.category for row in told), *categories(of, ask)])
    typed = [shlex.quote(name) for name in names if one_line(name) == name]  # no other can be copied from a terminal
    if len(typed) > 1:
        one, other = typed[:2]
        yield _pair_step(of, one, other, held)


def _pair_step(of: Study, one: str, other: str, held: Sequence[Measure]) -> Step:
    if not of_tokens(of):
        return Step(f"mri compare {of.name} {one} {other}", "two categories against one another")
    tested = remaining(held, "connections")  # tokens have no stored places, by which two would be tested anew
    if tested and tested[1]:
        return Step(f"mri query findings-within-types --study {of.name}", "what is more than the types of tokens")
    pair = f"--category {one} --versus {other}"
    return Step(f"mri query compare-categories --study {of.name} {pair}", "two categories, as counted")


def _trial_step(of: Study, told: Sequence[Told], tried: str) -> Iterator[Step]:
    """An intervention, where there are findings to try it on, it can be, and none was."""
    if told and of.fdr is not None and not tried and not of_tokens(of) and not cause.why_not(of):
        yield Step(f"mri intervene {of.name} --findings 5", "whether the model uses what is found")
