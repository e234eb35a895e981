"""What a study counts, documents or tokens, in words; and refusals of what is made for the other unit."""

from __future__ import annotations

from mri_core.errors import UsageError
from mri_core.records.graph import Study


def unit_word(study: Study, plural: bool = True) -> str:
    """What the study places in regions and counts: "tokens" or "documents"."""
    return f"{study.unit}s" if plural else study.unit


def text_word(study: Study, plural: bool = True) -> str:
    """What its `Document` nodes are called: "texts" where tokens are counted, else "documents"."""
    word = "document" if study.tokens is None else "text"
    return f"{word}s" if plural else word


def counted(study: Study) -> str:
    """What was placed: "12,431 tokens of 980 texts", or "1,421 documents"."""
    texts = f"{study.documents:,} {text_word(study, study.documents != 1)}"
    return texts if study.tokens is None else f"{study.tokens:,} {unit_word(study, study.tokens != 1)} of {texts}"


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
