"""A content-addressed cache of activations: a text is never run twice under the same settings.

An entry is a folder for some texts, in order, under some settings. It is filled batch by batch with a journal, and
complete once it has a manifest; an incomplete one is resumed where it stopped. Rows of texts that other entries of the
same settings hold are copied.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, replace

import numpy as np

from ingest.cache import complete, text_hashes
from ingest.cache.complete import Complete
from ingest.cache.entries import TEXTS, CacheEntry, disk_errors
from ingest.cache.reuse import Known, copy_known
from ingest.cache.unfinished import Unfinished
from ingest.corpus.corpus import Corpus
from ingest.corpus.remembered import RememberedCorpus
from ingest.extract.records import Conditions, Extraction, OpenRows
from mri_core.atlas.file import atlas_hash
from mri_core.records.arrays import Atlas

FORM = 2  # incremented when earlier entries can no longer be read

Make = Callable[[OpenRows], Conditions]


def cached(
    settings: Mapping[str, object],
    documents: Corpus,
    make: Make,
    *,
    about: Mapping[str, object],
    note: Callable[[str], None],
    atlas: Atlas | None = None,
    hashes: np.ndarray | None = None,
    covariates: np.ndarray | None = None,
    rows_of: str = "texts",
) -> Extraction:
    """The activations of a corpus under these settings: from the cache, else computed and stored.

    Args:
        settings: everything that activations depend on except the texts, as JSON values.
        documents: read once for their texts, and by `make`.
        make: runs the model and writes the missing rows; not called if every row is known.
        about: the entry's description in listings: model, site, pooling, dtype, corpus.
        note: receives lines for the user.
        atlas: that the documents are placed in, so that only `placed_rows` are stored; None for rows.
        hashes: that identify what each row is of, where that is not a whole document; None for those of the texts.
        covariates: (rows, …) what the atlas adjusts each for; None for the lengths of the texts in tokens.
        rows_of: what rows are of, in a line for the user.

    Raises:
        MriError: the cache folder cannot be used; and whatever `make` raises. Rows written until then stay, and the
            next call continues from there.
    """
    key = settings_key(settings if atlas is None else {**settings, "placed_in": atlas_hash(atlas)})
    if hashes is None and isinstance(documents, RememberedCorpus):
        return _of_texts_gone(CacheEntry.of(key, documents.texts), documents)
    hashes = text_hashes.text_hashes(documents) if hashes is None else hashes
    entry = CacheEntry.of(key, text_hashes.key(hashes))
    found = complete.find(entry.folder)
    if found is None:
        with entry.alone(note), entry.rows_kept():
            found = complete.find(entry.folder) or _made(
                entry, hashes, make, about, note, _known(entry, settings, atlas, covariates), rows_of
            )
    entry.touch()
    if text_hashes.load(entry.folder / TEXTS, text_hashes.key(hashes)) is None:
        with suppress(OSError):
            text_hashes.save(entry.folder / TEXTS, hashes)
    with disk_errors(entry.folder):
        return replace(found.extraction(), texts=text_hashes.key(hashes))


def texts_held(settings: Mapping[str, object], documents: Corpus, hashes: np.ndarray | None = None) -> str:
    """The key of a corpus's texts if the cache holds all their rows under these settings; else ""."""
    key = text_hashes.key(text_hashes.text_hashes(documents) if hashes is None else hashes)
    return key if complete.find(CacheEntry.of(settings_key(settings), key).folder) else ""


def settings_key(settings: Mapping[str, object]) -> str:
    """The key of everything that activations depend on except the texts."""
    content = json.dumps({**settings, "form": FORM}, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def _of_texts_gone(entry: CacheEntry, documents: RememberedCorpus) -> Extraction:
    """The rows of texts that cannot be read again; raises if any is missing."""
    found = complete.find(entry.folder)
    if found is None:
        raise documents.why
    entry.touch()
    with disk_errors(entry.folder):
        return replace(found.extraction(), texts=documents.texts)


def _made(
    entry: CacheEntry,
    hashes: np.ndarray,
    make: Make,
    about: Mapping[str, object],
    note: Callable[[str], None],
    known: Known,
    rows_of: str,
) -> Complete:
    """Completes an entry that no other process works on."""
    with disk_errors(entry.folder):
        entry.begin({**about, "documents": len(hashes)})
        text_hashes.save(entry.folder / TEXTS, hashes)
    work = Unfinished(entry.folder, hashes, known.item)
    _note_history(work, note, rows_of)
    copied = copy_known(known, work, hashes)
    if copied or (work.known and not work.ran.any()):
        note(f"{work.known:,} of {len(hashes):,} {rows_of} were read before.")
    conditions = work.shape.conditions
    if conditions is None or work.missing.any():
        conditions = asdict(make(work.open_rows))
    work.finish(conditions)
    with disk_errors(entry.folder):
        return complete.complete(entry.folder, work.shape)


def _known(
    entry: CacheEntry, settings: Mapping[str, object], atlas: Atlas | None, covariates: np.ndarray | None
) -> Known:
    """Where rows of the same texts may be found, placed or to be placed."""
    if atlas is None:
        return Known(entry.siblings)
    return Known(entry.siblings, CacheEntry.of(settings_key(settings), "").siblings, atlas, covariates)


def _note_history(work: Unfinished, note: Callable[[str], None], rows_of: str) -> None:
    count, lost = len(work.lost), int(work.lost.sum())
    if lost:
        note(f"Activations of {lost:,} of {count:,} {rows_of} were damaged in the cache: they are computed again.")
    elif work.ran.any():
        note(f"An interrupted run read {work.known:,} of {count:,} {rows_of}: this one continues from there.")
