"""Scans that the page starts: an ingest, and the uploaded corpus that it reads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ingest.request import Request
from mri_core.paths import user_path
from ui.jobs import access
from ui.jobs.jobs import CORPUS, SCAN, Job, begin
from ui.jobs.uploads import Upload
from ui.wording.ingest_arguments import ingest_arguments


def start(request: Request, store: str, upload: Upload | None = None) -> Job:
    """Starts a scan; whoever started it may go.

    Args:
        request: what is asked for; an upload takes the place of its corpus.
        store: where its study goes.
        upload: the corpus, where the browser sent it.

    Raises:
        UsageError: the request cannot be.
        AccessError: whoever asks may not scan, or not this, or as many jobs run as may.
        MriError: the cache folder cannot be written.
    """
    access.demand("scan")
    named = _admitted(request, upload)
    named.check()

    def arguments(folder: Path) -> list[str]:
        asked = named if upload is None else replace(named, corpus=upload.write(folder / CORPUS))
        return ingest_arguments(asked)[1:]

    told = f"{_called(str(named.corpus))} through {_called(named.model)}"
    return begin(SCAN, named.name, told, store, arguments)


def _admitted(request: Request, upload: Upload | None) -> Request:
    """The request with its files where they may be read."""
    corpus = request.corpus if upload is None else upload.file_name
    if upload is None and corpus is not None:
        corpus = access.admitted_source(corpus)
    return replace(request, corpus=corpus, model=access.admitted_source(request.model))


def _called(source: str) -> str:
    """A file or folder without the folders around it; else a name as it is."""
    path = user_path(source)
    return path.resolve().name if path.exists() else source
