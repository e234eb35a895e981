"""Why an answer has no rows: what the study lacks, or the statement misnames, as far as that can be seen."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import cast

from mri_core.errors import MriError, UsageError, unknown_name
from mri_core.records.graph import Study
from mri_core.store.reading import Named, Readable
from mri_core.store.schema import MARK, PROPERTIES
from queries.fields import OF_A_STUDY
from queries.graph import NODES, RELATIONSHIPS
from queries.sampled import COMPLETE
from queries.statement import StatementError, Token, tokens
from queries.template import Template
from queries.values import COUNTS

NARROWING = ("least", "most", "skip")  # how parameters that leave rows out begin
COMPONENTS = "components"
MEASURED = {  # by kind of measure: what makes it
    "probe": "it was not probed yet: mri probe {}",
    "full_minus_reduced": "it was not probed yet: mri probe {}",
    "control": "no controls were run: the command that made it, once more, with --controls",
    "routing_floor": "it was not fitted again yet: the command that made it, once more, with --refits 20",
    "atlas_quality": "it was not fitted again yet: the command that made it, once more, with --refits 20",
    "atlas_spread": "it was not fitted again yet: the command that made it, once more, with --refits 20",
    "reliability_placed": "it was not fitted again yet: the command that made it, once more, with --refits 20",
    "multiverse": "it was not analysed under other choices yet: mri multiverse {}",
    "driving_tokens": "its documents were not read token by token yet: mri explain {} --regions",
    "factor": "its labels are not crossed; mri ingest with --label twice crosses two",
    "findings": "nothing was tested in it: scan the corpus again",
    "divergence": "no divergence is stored of it: components have none, and older studies; scan the corpus again",
}
TRIES = "mri intervene {} --findings 5"
_COMMAND = re.compile(r": mri [^:]+$")
_KIND = re.compile(r"\bkind:\s*'(\w+)'")
_OPTIONAL = re.compile(r"OPTIONAL\s+MATCH(?:(?!\b(?:MATCH|WITH|RETURN|UNWIND)\b).)*", re.DOTALL)
_OF_COMPONENTS = re.compile(r"\.atlas\s*=\s*'components'")
_NOT_OF_COMPONENTS = re.compile(r"study of components has no rows|no rows where one study is of components")


def why_empty(store: Readable, template: Template, values: Mapping[str, object]) -> str:
    """Words for an answer to a question without rows.

    Args:
        store: that was asked.
        template: the question.
        values: of its parameters, as they were given.

    Raises:
        QueryError, StoreError: as `Store.read`.
    """
    given = {p.name: p.default if (value := values.get(p.name)) is None else value for p in template.parameters}
    named = [given[p.name] for p in template.parameters if p.type == "study" and given[p.name] is not None]
    studies = [store.study(cast("Named", each)) for each in named]
    reason = next(_lacking(store, template, given, studies), "")
    if reason:
        end = "" if _COMMAND.search(reason) else "."  # a command at the end is copied whole
        return f"No rows: {reason}{end}"
    narrow = [f"{name.replace('_', ' ')} ({value})" for name, value in _narrowing(template, given).items()]
    if narrow:
        return f"No rows. These may leave out too much: {', '.join(narrow)}."
    return "No rows: the study holds nothing of the kind. The notes say when that is so."


def _lacking(
    store: Readable, template: Template, given: Mapping[str, object], studies: Sequence[Study]
) -> Iterator[str]:
    """What the studies do not have and the question is about."""
    statement = template.statement
    for study in studies:
        if study.atlas == COMPONENTS and _NOT_OF_COMPONENTS.search(" ".join(template.notes.split())):
            yield (
                f"{study.name} has components, which hold no documents, and this question counts these. "
                f"What asks for components that move together: mri query components --study {study.name}"
            )
        if study.atlas != COMPONENTS and _OF_COMPONENTS.search(statement):
            yield f"{study.name} has an atlas of {study.atlas}, and the question needs one of components"
        if study.stored and COMPLETE.search(statement):
            yield f"{study.stored}, and this question counts all. From the files beside the store: {_match(studies)}"
        for kind in _kinds(statement, given):
            if not store.measures(study, [kind]):
                yield _not_measured(store, study, kind)
        if study.fdr is None and "e.finding IS NOT NULL" in statement:
            yield f"{study.name}: {MEASURED['findings']}"
        if ":Intervention" in statement or "causal_q" in statement:
            yield from _not_tried(store, study, statement)
        if "within_q IS NOT NULL" in statement and store.read(_WITHIN, {"study": study.id}).rows == ((0,),):
            yield f"{study.name}: none of its findings was tested within types of tokens"
        if given.get("least_stability") is not None and not store.measures(study, ["routing_floor"]):
            yield f"{study.name}: {MEASURED['routing_floor']}"


def _match(studies: Sequence[Study]) -> str:
    """The command that matches two studies by all of their documents."""
    return f"mri match {' '.join(study.name for study in studies)}"


def _kinds(statement: str, given: Mapping[str, object]) -> list[str]:
    """The kinds of measure that a statement must find, not those that it takes where they are."""
    asked = given.get("kind") if "m.kind = $kind" in statement else None
    return [*_KIND.findall(_OPTIONAL.sub("", statement)), *([str(asked)] if asked is not None else [])]


def _not_measured(store: Readable, study: Study, kind: str) -> str:
    if kind in MEASURED:
        return f"{study.name}: {MEASURED[kind].format(study.name)}"
    rows = store.read(_THERE, {"study": study.id}).rows
    there = ", ".join(str(row[0]) for row in rows) or "none"
    return f"{study.name} holds no measures of the kind {kind!r}; the kinds there are: {there}"


def _not_tried(store: Readable, study: Study, statement: str) -> Iterator[str]:
    """Which interventions that a statement is about were not run on a study, or that none of them changes a region."""
    ((tried, connections, swapped),) = store.read(_TRIED, {"study": study.id}).rows
    command = TRIES.format(study.name)
    if not tried and (why_not := _cannot_be_tried(study)):
        yield f"{study.name}: {why_not}"
    elif not tried:
        yield f"{study.name}: nothing was tried in it yet: {command}"
    elif "causal_q" in statement and not swapped:
        yield f"{study.name}: no connection was swapped in it yet: {command} --swap largest"
    elif "i.towards IS NOT NULL" in statement and not connections:
        yield f"{study.name}: no connection was tried in it yet: {command}"
    elif ":CHANGES" in statement:
        yield f"no intervention that was tried in {study.name} changes it beyond its controls"


def _cannot_be_tried(study: Study) -> str:
    """Why no intervention can be tried on a study; "" if it can."""
    from mri_core.studies.intervention_check import check_can_be_tried

    try:
        check_can_be_tried(study)
    except UsageError as error:
        return f"no intervention can be tried on it: {error.fact}"
    return ""


_TRIED = """
OPTIONAL MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(i:Intervention)
RETURN count(i) AS tried, count(i.towards) AS connections,
       count(CASE WHEN i.operation = 'swap' THEN i.towards END) AS swapped
"""
_WITHIN = """
MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(:Layer)<-[:IN_LAYER]-(r:Region)
MATCH (r)-[e:FLOWS_TO|AVOIDS]->()
WHERE e.finding IS NOT NULL AND e.within_q IS NOT NULL
RETURN count(e) AS tested
"""
_THERE = """
MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(m:Measure)
RETURN DISTINCT m.kind AS kind ORDER BY kind
"""


def _narrowing(template: Template, given: Mapping[str, object]) -> dict[str, str]:
    """The parameters that leave rows out: those that may be empty and are not, and limits of size."""
    found = {}
    for parameter in template.parameters:
        value = given[parameter.name]
        sifts = parameter.nullable or parameter.name.startswith(NARROWING) or parameter.type in OF_A_STUDY
        if parameter.name in COUNTS:
            sifts = sifts or value in (0, "0")
        if value is not None and sifts and parameter.type != "study":
            found[parameter.name] = str(value)
    return found


def why_empty_cypher(store: Readable, statement: str) -> str:
    """Words for a statement of the reader's own without rows: what it names and the graph does not have.

    Raises:
        QueryError, StoreError: as `Store.read`.
    """
    try:
        pieces = tokens(statement)
    except StatementError:
        return "No rows."
    unknown = [*_unknown_names(pieces), *_unknown_studies(store, pieces)]
    return " ".join(["No rows.", *map(str, unknown)])


def _unknown_names(pieces: Sequence[Token]) -> Iterator[MriError]:
    """Labels, types and properties of patterns that nothing in the graph has."""
    properties = {MARK, *(name for parts in PROPERTIES.values() for part in parts for name in part.split())}
    kinds: dict[str, Collection[str]] = {"label": NODES, "relationship type": RELATIONSHIPS, "property": properties}
    seen: set[str] = set()
    for kind, name in _named(pieces):
        known = kinds[kind]
        if name not in known and name not in seen:
            seen.add(name)
            yield unknown_name(kind, name, known)


def _named(pieces: Sequence[Token]) -> Iterator[tuple[str, str]]:
    """What patterns name, and of which kind it is: `(:label {property: …})-[:type|type]-()`."""
    brackets: list[str] = []
    for place, token in enumerate(pieces):
        if token.value in "([{" and token.kind == "mark":
            brackets.append(token.value)
        elif token.value in ")]}" and token.kind == "mark":
            brackets.pop()
        elif token.kind == "name" and place and brackets:
            before = pieces[place - 1].value
            after = pieces[place + 1].value if place + 1 < len(pieces) else ""
            if before in ":|&!" and brackets[-1] in "([" and _is_pattern(pieces, place):
                yield ("label" if brackets[-1] == "(" else "relationship type"), token.name
            elif after == ":" and before in "{," and brackets[-2:-1] in (["("], ["["]):
                yield "property", token.name


def _is_pattern(pieces: Sequence[Token], place: int) -> bool:
    """Whether the brackets around a name are those of a pattern: nothing but names and marks of names before it."""
    while place and pieces[place - 1].value not in ("(", "["):
        place -= 1
        if not (pieces[place].kind == "name" or pieces[place].value in ":|&!"):
            return False
    return True


def _unknown_studies(store: Readable, pieces: Sequence[Token]) -> Iterator[MriError]:
    """Studies that a pattern `(:Study {name: 'x'})` names and the store does not have."""
    for place in range(len(pieces) - 5):
        label, brace, key, colon, value = pieces[place : place + 5]
        if (label.value, brace.value, colon.value) == ("Study", "{", ":") and value.kind == "text":
            given = value.value[1:-1]
            known = {getattr(study, key.value) for study in store.studies()} if key.value in ("name", "id") else {given}
            if given not in known:
                yield unknown_name("study", given, known)


def other_studies(statement: str, of: Study, studies: Sequence[Study]) -> int:
    """How many other studies' nodes may be in the rows of a reader's own statement.

    None where it names `$study` or a study by a text, or reads no nodes at all.
    """
    try:
        pieces = tokens(statement)
    except StatementError:
        return 0
    reads = any(token.kind == "name" and token.value.upper() in ("MATCH", "CALL") for token in pieces)
    named = any(token.kind == "parameter" and token.name == "study" for token in pieces)
    texts = [token.value[1:-1] for token in pieces if token.kind == "text" and len(token.value) > 2]
    ids = [name for study in studies for name in (study.id, study.name)]
    named = named or any(name.startswith(text) or text.startswith(name) for name in ids for text in texts)
    return sum(study.id != of.id for study in studies) if reads and not named else 0
