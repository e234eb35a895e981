"""Hashes of 16 bytes that identify texts across corpora."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np

from ingest.corpus.content import DIGEST, text_digest
from ingest.corpus.corpus import Corpus


def text_hashes(documents: Corpus) -> np.ndarray:
    """(documents,) hashes of the texts alone: other labels, titles or ids change nothing."""
    return np.fromiter((text_digest(document.text) for document in documents), DIGEST, documents.documents)


def key(texts: np.ndarray) -> str:
    """The key of these texts in this order."""
    return hashlib.sha256(texts.tobytes()).hexdigest()


def first_places(texts: np.ndarray) -> np.ndarray:
    """(documents,) index of each text's first occurrence."""
    _, first, which = np.unique(texts, return_index=True, return_inverse=True)
    return first[which]


def places_among(texts: np.ndarray, others: np.ndarray) -> np.ndarray:
    """(documents,) index of each text among others; −1 if absent."""
    if not len(others):
        return np.full(len(texts), -1)
    order = np.argsort(others, kind="stable")
    places = order[np.minimum(np.searchsorted(others[order], texts), len(others) - 1)]
    return np.where(others[places] == texts, places, -1)


def save(path: Path, texts: np.ndarray) -> None:
    """Writes them to disk atomically."""
    content = io.BytesIO()
    np.save(content, texts)
    new = path.with_suffix(".new")
    new.write_bytes(content.getvalue())
    new.replace(path)


def load(path: Path, expected: str) -> np.ndarray | None:
    """The saved hashes whose key begins with `expected`; None if the file differs."""
    try:
        texts = np.load(path)
    except (OSError, ValueError, EOFError):
        return None
    return texts if texts.dtype == DIGEST and key(texts).startswith(expected) else None
