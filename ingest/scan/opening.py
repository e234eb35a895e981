"""Opens the source of activations that a request names."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from ingest.corpus.corpus import open_corpus
from ingest.corpus.given import open_given
from ingest.executor import place_of
from ingest.extract.shards import opened
from ingest.model.source import resolve
from ingest.request import Request
from ingest.scan.from_folder import GivenScan
from ingest.scan.from_model import ModelScan
from ingest.scan.records import Scan
from ingest.scan.sample import fitted_sample


def open_scan(request: Request, widths: tuple[int, ...] = ()) -> Scan:
    """Opens and checks the inputs, so that errors show before a model is loaded.

    Args:
        request: the options.
        widths: that the layers must have, which shows when the model is loaded; () for any.
    """
    if request.activations is not None:
        given = open_given(request.activations, request.corpus_options)
        return GivenScan(given, fitted_sample(given.documents, request))
    if request.shards is not None:
        opened(request.shards)
    corpus = open_corpus(cast("str | Path", request.corpus), request.corpus_options)
    sample = fitted_sample(corpus, request)
    source = resolve(request.model, revision=request.revision)
    return ModelScan(request, corpus, source, place_of(request), widths=widths, sample=sample)
