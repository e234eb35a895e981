"""What a study counts, documents or tokens, in words; and refusals of what is made for the other unit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mri_core.errors import UsageError
from mri_core.records.graph import Study

Counting = Study | Mapping[str, Any]  # a study, or its properties by name
DOCUMENT = re.compile(r"\b([Dd])ocument(s?)\b")


def of_tokens(study: Counting) -> bool:
    """Whether it places and counts tokens."""
    return (study.tokens if isinstance(study, Study) else study.get("tokens")) is not None


def unit_word(study: Counting, plural: bool = True) -> str:
    """What the study places in regions and counts: "tokens" or "documents"."""
    word = "token" if of_tokens(study) else "document"
    return f"{word}s" if plural else word


def text_word(study: Counting, plural: bool = True) -> str:
    """What its `Document` nodes are called: "texts" where tokens are counted, else "documents"."""
    word = "text" if of_tokens(study) else "document"
    return f"{word}s" if plural else word


def counted(study: Study) -> str:
    """What was placed: "12,431 tokens of 980 texts", or "1,421 documents"."""
    texts = f"{study.documents:,} {text_word(study, study.documents != 1)}"
    return texts if study.tokens is None else f"{study.tokens:,} {unit_word(study, study.tokens != 1)} of {texts}"


def pooled(study: Counting) -> str:
    """What makes a row of a layer: the pooling of a text's tokens, or each of these by itself."""
    if of_tokens(study):
        return "each token"
    return study.pooling if isinstance(study, Study) else str(study["pooling"])


def in_unit(study: Counting, told: str) -> str:
    """A sentence of ours about what a study counts, which says tokens for documents where it counts these.

    Args:
        study: that it is about.
        told: as it is of documents; without names, which may have that word in them.
    """
    return _said(told, "token") if of_tokens(study) else told


def in_texts(study: Counting, told: str) -> str:
    """The same of what a study has as independent: texts for documents, where it counts tokens."""
    return _said(told, "text") if of_tokens(study) else told


def _said(told: str, word: str) -> str:
    return DOCUMENT.sub(lambda found: f"{word.capitalize() if found[1] == 'D' else word}{found[2]}", told)


def number_of(row: Mapping[str, Any]) -> int | None:
    """What a row of a question, or a node's properties, counts: its tokens where it has these, else its documents."""
    tokens: int | None = row.get("tokens")
    return row["documents"] if tokens is None else tokens


def refuse_tokens(study: Study, rule: str, remedy: str = "") -> None:
    """Raises `UsageError` for a scan of tokens.

    Args:
        study: that is asked about.
        rule: why documents are needed ("A match compares documents").
        remedy: what to do instead; "" for a scan of documents.
    """
    if study.unit == "token":
        raise UsageError(rule, f"{study.name} is a scan of tokens", remedy or "Scan the texts as documents")


def refuse_documents(study: Study, rule: str, remedy: str = "") -> None:
    """Raises `UsageError` for a scan of documents; arguments are as of `refuse_tokens`."""
    if study.unit == "document":
        fact = f"{study.name} is a scan of documents"
        raise UsageError(rule, fact, remedy or "Scan the texts with mri ingest … --unit token")
