"""What a study offers for a question's parameters, and a choice for those that it must have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mri_core.records.corpus import excerpt
from mri_core.records.graph import Study
from mri_core.records.ids import local_id
from queries.fields import Parameter
from queries.template import Template
from ui.drawing.picture import Ask, categories, columns, spots

MOST_DOCUMENTS = 1_000  # that a box lists; others are found by their words, or called by their number
TITLE = 80  # characters of a document's title that a box shows
TRUTHS = {"true": "yes", "false": "no"}

Offers = dict[str, dict[str, str]]  # by parameter: what can be chosen, and how it is called


def offers(template: Template, of: Study, studies: Sequence[Study], ask: Ask, text: str = "") -> Offers:
    """The choices for every parameter that has some, by its name: each choice's text, and what a person calls it.

    Args:
        template: the question.
        of: the study that is asked.
        studies: all there are; those beside `of` may be the other one.
        ask: gives answers about a study.
        text: what the documents offered contain.
    """
    named = {p.name: _offered(p, template, of, studies, ask, text) for p in template.parameters if p.name != "study"}
    return {name: choices for name, choices in named.items() if choices is not None}


def filled(template: Template, of: Study, offered: Offers, given: Mapping[str, str], ask: Ask) -> dict[str, str]:
    """The values given, and of what else the question must have those that the study offers first.

    Categories that are compared are different ones; a connection is one that documents take, the most telling there is.
    """
    values = dict(given)
    required = [p for p in template.parameters if p.required and p.name not in values and p.name in offered]
    required.sort(key=lambda parameter: parameter.type == "category")  # those that suit a region come after it
    if {"source", "target"} <= {p.name for p in template.parameters if p.type == "region"}:
        values |= _ends(of, values, ask)
    for parameter in required:
        taken = {values.get(p.name) for p in template.parameters if p.type == parameter.type == "category"}
        choices = [choice for choice in offered[parameter.name] if choice not in taken]
        if parameter.name not in values and choices:
            values[parameter.name] = _first(parameter, of, choices, values.get("region"), ask)
    return values


def _offered(
    parameter: Parameter, template: Template, of: Study, studies: Sequence[Study], ask: Ask, text: str
) -> dict[str, str] | None:
    if parameter.choices:
        return {choice: choice for choice in parameter.choices}
    if parameter.type == "study":
        others = [study for study in studies if study.id != of.id]
        return {study.name: study.name for study in sorted(others, key=lambda other: _apart(of, other))}
    if parameter.type == "category":
        asked = studies if any(p.name == "other" for p in template.parameters) else [of]
        return {name: name for name in sorted({name for study in asked for name in categories(study, ask)})}
    if parameter.type == "layer":
        return {str(column.index): column.name for column in columns(of, ask)}
    if parameter.type == "region":
        return regions_told(of, ask)
    if parameter.type == "document":
        return documents_told(of, ask, text)
    return TRUTHS if parameter.type == "bool" else None


def regions_told(of: Study, ask: Ask) -> dict[str, str]:
    """All regions of a study by their ids within it: layer, number and first words."""
    names = {column.index: column.name for column in columns(of, ask)}
    return {spot.id: f"{names[spot.layer]}, {spot.title}" for spot in spots(of, ask)}


def documents_told(of: Study, ask: Ask, text: str = "") -> dict[str, str]:
    """The first documents with a text, by their ids within the study: number, category and title."""
    rows = ask(of, "documents", text=text or None, limit=MOST_DOCUMENTS).records()
    return {local_id(of.id, row["document"]): document_told(of, row) for row in rows}


def document_told(of: Study, row: Mapping[str, Any]) -> str:
    """A document on one line; its category, where it has one of its own."""
    category = f", {row['category']}" if row["category"] is not None else ""
    return f"{local_id(of.id, row['document'])}{category}: {excerpt(row['title'], TITLE)}"


def is_beginning(row: Mapping[str, Any]) -> bool:
    """Whether a document's title only repeats the beginning of its text."""
    return str(row["excerpt"]).startswith(str(row["title"]).rstrip("…"))


def _ends(of: Study, given: Mapping[str, str], ask: Ask) -> dict[str, str]:
    """The ends of the most telling connection that has those given; of any, where none has."""
    rows = ask(of, "telling-connections", region=given.get("source") or given.get("target"), limit=1_000).records()
    ends = [{end: local_id(of.id, row[end]) for end in ("source", "target")} for row in rows]
    fitting = [pair for pair in ends if all(given.get(end, at) == at for end, at in pair.items())]
    return fitting[0] if fitting else {}


def _apart(of: Study, other: Study) -> tuple[bool, bool]:
    """Studies of the same documents and the same kind of regions have most to tell beside one another."""
    return other.corpus_hash != of.corpus_hash, other.atlas != of.atlas


def _first(parameter: Parameter, of: Study, choices: Sequence[str], region: str | None, ask: Ask) -> str:
    """In the middle of the model, where regions have neighbours on both sides; of categories the region's own."""
    middle = of.layers // 2
    if parameter.type == "category" and region:
        owner = next((spot.dominant for spot in spots(of, ask) if spot.id == region), None)
        return owner if owner is not None and owner in choices else choices[0]
    if parameter.type == "layer":
        return str(middle)
    if parameter.type == "region":
        inside = [spot for spot in spots(of, ask) if spot.layer == middle]
        return max(inside, key=lambda spot: spot.size).id
    return choices[0]
