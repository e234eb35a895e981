"""Some documents of a corpus as a corpus of their own, numbered anew."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ingest.corpus.corpus import Corpus
from ingest.corpus.remembered import RememberedCorpus
from mri_core.records.corpus import Document
from mri_core.statistics.blocks import shared


@dataclass(frozen=True)
class CorpusPart(Corpus):
    """Some documents of a corpus; iterating reads the whole corpus, which checks it.

    Attributes:
        whole: the corpus.
        ordinals: (documents,) of these in the whole, in rising order.
    """

    whole: Corpus = field(kw_only=True, repr=False)
    ordinals: np.ndarray = field(kw_only=True, repr=False, compare=False)

    def __iter__(self) -> Iterator[Document]:
        """The documents in order; raises what the whole raises."""
        number = 0
        wanted = [*self.ordinals.tolist(), -1]
        for document in self.whole:
            if document.ordinal == wanted[number]:
                yield replace(document, ordinal=number)
                number += 1


def part_of(corpus: Corpus, ordinals: np.ndarray) -> Corpus:
    """Some documents of a corpus, by their ordinals in rising order.

    That of a remembered corpus has its key of texts: what it remembers are those of its part.
    """
    labels = corpus.labels[ordinals]
    counts = np.bincount(labels, minlength=len(corpus.categories)).tolist()
    known: dict[str, Any] = {
        "categories": tuple((name, count) for (name, _), count in zip(corpus.categories, counts, strict=True)),
        "documents": len(ordinals),
        "content_hash": _hash_of_part(corpus.content_hash, ordinals),
        "lengths": corpus.lengths[ordinals],
        "labels": labels,
        "_documents_hash": _hash_of_part(corpus.documents_hash, ordinals),
    }
    if isinstance(corpus, RememberedCorpus):
        return replace(corpus, groups=None if corpus.groups is None else shared(corpus.groups[ordinals]), **known)
    return CorpusPart(
        source=corpus.source,
        columns=corpus.columns,
        revision=corpus.revision,
        tags=corpus.tags,
        whole=corpus,
        ordinals=ordinals,
        _read=lambda: iter(()),  # the whole is read
        **known,
    )


def _hash_of_part(whole: str, ordinals: np.ndarray) -> str:
    content = hashlib.sha256(whole.encode())
    content.update(np.asarray(ordinals, dtype=np.int64).tobytes())
    return content.hexdigest()
