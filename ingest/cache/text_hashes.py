"""Texts told from one another by 16 bytes each, so that a text is known again in whatever corpus it stands."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np

from ingest.corpus.corpus import Corpus

DIGEST = 16
FORM = np.dtype(f"S{DIGEST}")


def text_hashes(documents: Corpus) -> np.ndarray:
    """(documents,) hashes of the texts alone: other labels, titles or ids change nothing."""
    digests = (hashlib.blake2b(document.text.encode(), digest_size=DIGEST).digest() for document in documents)
    return np.fromiter(digests, FORM, documents.documents)


def key(texts: np.ndarray) -> str:
    """What tells these texts in this order from any others."""
    return hashlib.sha256(texts.tobytes()).hexdigest()


def first_places(texts: np.ndarray) -> np.ndarray:
    """(documents,) where each text stands for the first time."""
    _, first, which = np.unique(texts, return_index=True, return_inverse=True)
    return first[which]


def places_among(texts: np.ndarray, others: np.ndarray) -> np.ndarray:
    """(documents,) where each text stands among others; −1 where it does not."""
    if not len(others):
        return np.full(len(texts), -1)
    order = np.argsort(others, kind="stable")
    places = order[np.minimum(np.searchsorted(others[order], texts), len(others) - 1)]
    return np.where(others[places] == texts, places, -1)


def save(path: Path, texts: np.ndarray) -> None:
    """Puts them on the disk at once."""
    content = io.BytesIO()
    np.save(content, texts)
    new = path.with_suffix(".new")
    new.write_bytes(content.getvalue())
    new.replace(path)


def load(path: Path, expected: str) -> np.ndarray | None:
    """What was saved, whose key begins so; None where there is something else by now."""
    try:
        texts = np.load(path)
    except (OSError, ValueError, EOFError):
        return None
    return texts if texts.dtype == FORM and key(texts).startswith(expected) else None
