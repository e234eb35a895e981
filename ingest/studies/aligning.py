"""The rows that a scan is aligned with: those of the study that the atlas was fitted to, of the same documents."""

from __future__ import annotations

from ingest.corpus.corpus import Corpus
from ingest.frozen import Frozen
from ingest.run import Run
from ingest.studies.reread import reread
from mri_core.errors import UsageError
from mri_core.records.arrays import Activations
from mri_core.records.graph import GIVEN


def reference_rows(frozen: Frozen, documents: Corpus, run: Run, *, trust_remote_code: bool = False) -> Activations:
    """The activations of the atlas' study, from the cache, its model or its folder.

    Args:
        frozen: the atlas, with its study.
        documents: of the scan that is aligned.
        run: receives stages where the study's model runs, and notes of the cache.
        trust_remote_code: run code that the study's model brings along.

    Raises:
        UsageError: the documents are not those of the study, in its order, or its atlas was fitted to a sample.
        MriError: what `reread` raises.
    """
    study = frozen.study
    known = study.documents_hash or (None if study.site == GIVEN else study.corpus_hash)
    if known not in (None, documents.documents_hash):
        raise _not_shared(frozen, documents)  # before its model runs
    read = reread(study, run, trust_remote_code=trust_remote_code)
    if read.scan.sample is not None:
        fact = f"The atlas of {study.name} was fitted to a sample, whose activations alone are at hand"
        raise UsageError("An alignment is fitted to activations of all documents", fact, "Leave --align out")
    if documents.documents_hash != read.documents.documents_hash:
        raise _not_shared(frozen, documents)
    return read.activations


def _not_shared(frozen: Frozen, documents: Corpus) -> UsageError:
    study = frozen.study
    fact = f"{documents.source} differs from {study.corpus} of {study.name} in texts, labels, titles, ids or order"
    remedy = f"Scan the corpus of {study.name} with its options, or leave --align out"
    return UsageError("An alignment is fitted to the same documents on both sides", fact, remedy)
