"""Stored labels, groups and cache keys of a study, for when its corpus is gone.

An uploaded file is deleted after its scan, others are moved. What needs only rows and labels works without them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any
from zipfile import BadZipFile

import numpy as np

from ingest.corpus.corpus import Corpus
from ingest.corpus.formats.columns import Columns
from mri_core.errors import MriError
from mri_core.paths import documents_file
from mri_core.records.corpus import Document
from mri_core.records.graph import Study


@dataclass(frozen=True)
class RememberedCorpus(Corpus):
    """A corpus without its texts; iterating raises `why`.

    Attributes:
        texts: their key in the cache (`Extraction.texts`).
        groups: (documents,) as `ingest.analysis.analyse.Read.groups`.
        why: the source cannot be read.
    """

    texts: str = field(kw_only=True)
    groups: np.ndarray | None = field(kw_only=True, repr=False, compare=False)
    why: MriError = field(kw_only=True)

    def __iter__(self) -> Iterator[Document]:
        """Raises `why`."""
        raise self.why


def remember(study: str, corpus: Corpus, groups: np.ndarray | None, texts: str) -> None:
    """Stores on this machine what `recall` returns.

    Args:
        study: its id.
        corpus: that was scanned.
        groups: (documents,) as `ingest.analysis.analyse.Read.groups`.
        texts: their key in the cache.

    Raises:
        MriError: the folder cannot be written.
    """
    facts: dict[str, Any] = {"columns": asdict(corpus.columns), "categories": corpus.categories, "texts": texts}
    facts |= {} if corpus.tags is None else {"tags": corpus.tags}
    arrays: dict[str, Any] = {
        "labels": corpus.labels,
        "lengths": corpus.lengths,
        **({} if groups is None else {"groups": groups}),
    }
    path = documents_file(study)
    unfinished = path.with_suffix(f".partial-{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("wb") as file:
            np.savez(file, told=np.array(json.dumps(facts)), **arrays)  # the name in files of earlier versions too
        unfinished.replace(path)
    except OSError as error:
        fact = f"{path.parent} cannot be written: {error.strerror}"
        raise MriError("A study's labels are stored on disk", fact, "Set MRI_CACHE to another folder") from error


def recall(study: Study, why: MriError) -> RememberedCorpus | None:
    """The corpus of a study without its texts; None if this machine has not stored it.

    Args:
        study: as a store gave it.
        why: raised if a text is needed after all.
    """
    try:
        with np.load(documents_file(study.id), allow_pickle=False) as file:
            facts = json.loads(str(file["told"]))
            arrays = {name: file[name] for name in ("labels", "lengths", "groups") if name in file.files}
        columns = facts["columns"]
        label = columns["label"]
        return RememberedCorpus(
            source=study.corpus,
            columns=Columns(**{**columns, "label": label if isinstance(label, str) else tuple(label)}),
            categories=tuple((name, count) for name, count in facts["categories"]),
            tags=tuple((name, count) for name, count in facts["tags"]) if "tags" in facts else None,
            documents=study.documents,
            content_hash=study.corpus_hash,
            lengths=arrays["lengths"],
            labels=arrays["labels"],
            groups=arrays.get("groups"),
            texts=facts["texts"],
            why=why,
            _read=lambda: iter(()),
            _documents_hash=study.corpus_hash,
        )
    except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile):
        return None


def is_remembered(study: str) -> bool:
    """Whether `recall` finds the study of that id."""
    return documents_file(study).exists()
