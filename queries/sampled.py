"""What an answer about documents is of, where a study's graph holds a sample of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import cast

from mri_core.records.graph import Study
from mri_core.store.reading import Named, Readable
from queries.statement import StatementError, tokens
from queries.template import Template

DOCUMENTS = ("Document", "PASSES")  # label and relationship of which a graph may hold a sample
AMONG = "{}: documents are listed and counted among these; regions, connections and categories count all"
COMPLETE = re.compile(r"documents_stored IS NULL")  # of a question that has no rows where there is a sample


def of_sample(template: Template, studies: Sequence[Study]) -> str:
    """A line on what an answer is of; "" if it is of all documents, or reads none but one that was named.

    Args:
        template: the question.
        studies: that it was asked about.
    """
    if template.only is not None and template.only.unit == "token":
        return ""  # of these all texts are stored
    if COMPLETE.search(template.statement) or not (_lists(template) or _counts(template)):
        return ""
    return _line([study for study in studies if study.stored])


def of_sample_in(store: Readable, template: Template, values: Mapping[str, object]) -> str:
    """The same of the studies that the values of a question's parameters name, or give."""
    named = [values.get(p.name) for p in template.parameters if p.type == "study"]
    return of_sample(template, [_study(store, each) for each in named if each is not None])


def of_sample_cypher(statement: str, studies: Sequence[Study]) -> str:
    """The same of a reader's own statement, which may read any of the studies."""
    try:
        names = {token.name for token in tokens(statement) if token.kind == "name"}
    except StatementError:
        return ""
    return _line([study for study in studies if study.stored]) if names & set(DOCUMENTS) else ""


def _study(store: Readable, named: object) -> Study:
    return named if isinstance(named, Study) else store.study(cast("Named", named))


def _lists(template: Template) -> bool:
    return any(column.type == "document" for column in template.returns)


def _counts(template: Template) -> bool:
    """Whether it reads documents, and not one alone that was named."""
    of_one = any(parameter.type == "document" for parameter in template.parameters)
    return not of_one and any(f":{name}" in template.statement for name in DOCUMENTS)


def _line(sampled: Sequence[Study]) -> str:
    return AMONG.format(", and ".join(study.stored for study in sampled)) + "." if sampled else ""
