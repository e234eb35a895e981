"""The documents that an atlas is fitted to: all of them, or a sample."""

from __future__ import annotations

import tempfile

import numpy as np

from ingest.corpus.corpus import Corpus
from ingest.corpus.groups import groups_of
from ingest.corpus.part import part_of
from ingest.corpus.sampling import sampled_ordinals
from ingest.request import Request
from ingest.scan.records import Scan
from mri_core.chunks import Chosen, chunks, others
from mri_core.errors import MriError, one_line
from mri_core.paths import cache_folder
from mri_core.records.arrays import Activations
from mri_core.records.corpus import FEW

FITTED_TOKENS = 50_000
FITTED = 200_000  # documents: more change neither axes nor centres by what a refit to others of them would not


def fitted_sample(documents: Corpus, request: Request) -> np.ndarray | None:
    """Ordinals of the documents that an atlas is fitted to, stratified by category, groups whole; None for all.

    Raises:
        UsageError: there are fewer than categories.
    """
    size = asked_size(request)
    if request.atlas_of is not None or size >= documents.documents:
        return None
    return sampled_ordinals(documents.labels, size, request.seed, groups_of(documents), "--fit-on")


def asked_size(request: Request) -> int:
    """How many documents an atlas is fitted to, where there are more; with whole groups somewhat more are."""
    usual = FITTED_TOKENS if request.unit == "token" else FITTED
    return usual if request.fit_on is None else request.fit_on


def sampled_of(scan: Scan) -> Corpus:
    """The documents of a scan's sample."""
    return scan.documents if scan.sample is None else part_of(scan.documents, scan.sample)


def sample_lines(scan: Scan) -> list[str]:
    """How many documents an atlas is fitted to, where it is not to all, and which categories have few of them."""
    if scan.sample is None:
        return []
    line = f"The atlas is fitted to {len(scan.sample):,} of {scan.documents.documents:,} {scan.unit}s."
    few = [f"{one_line(name)} ({count})" for name, count in scan.sampled.categories if count < FEW]
    return [line, f"Few of them: {', '.join(few)}. Refits, controls and probes rest on these alone."] if few else [line]


def token_lines(scan: Scan) -> list[str]:
    """What is scanned, where that is tokens."""
    if scan.unit == "document":
        return []
    count = len(scan.documents.categories)
    return [f"{scan.documents.documents:,} tokens of {scan.texts.documents:,} texts are placed, of {count} categories."]


def rest_of(scan: Scan) -> np.ndarray:
    """Ordinals of the documents beyond a scan's sample."""
    return np.flatnonzero(others(scan.documents.documents, np.asarray(scan.sample)))


def copied(activations: Activations, ordinals: np.ndarray) -> Activations:
    """The rows of some documents, in files of the cache's folder that end with this process.

    Raises:
        MriError: there is no room for them.
    """
    tokens = None if activations.tokens is None else activations.tokens[ordinals]
    return Activations(tuple(_copy(Chosen(rows, ordinals), rows.dtype) for rows in activations.layers), tokens)


def _copy(rows: Chosen, item: np.dtype) -> np.ndarray:
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            for _, block in chunks(rows):
                file.write(np.ascontiguousarray(block, item).data)
            file.flush()
            return np.memmap(file, dtype=item, mode="r", shape=rows.shape)
    except OSError as error:
        fact = f"{folder} cannot hold {len(rows):,} rows: {error.strerror or error}"
        raise MriError("The rows that an atlas is fitted to are copied", fact, "Make room, or set MRI_CACHE") from error
