"""Opens the source of activations that a request names."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import cast

from ingest.corpus.corpus import open_corpus
from ingest.corpus.given import open_given
from ingest.executor import place_of
from ingest.extract.shards import opened
from ingest.model.source import resolve
from ingest.request import Request
from ingest.request_checks import check_tagged
from ingest.run import Run
from ingest.scan.from_folder import GivenScan
from ingest.scan.from_model import ModelScan
from ingest.scan.from_tokens import TokenScan
from ingest.scan.planning import planned
from ingest.scan.records import Scan
from ingest.scan.sample import fitted_sample
from mri_core.records.arrays import Frequency


def open_scan(
    request: Request, widths: tuple[int, ...] = (), run: Run | None = None, frequency: Frequency | None = None
) -> Scan:
    """Opens and checks the inputs, so that errors show before the model runs.

    Args:
        request: the options.
        widths: that the layers must have, which shows when the model is loaded; () for any.
        run: receives the stages where the model is loaded to find the tokens to scan; None for silence.
        frequency: of the tokens of the frozen atlas that tokens are placed in; None where one is fitted.
    """
    if request.activations is not None:
        given = open_given(request.activations, request.corpus_options)
        return GivenScan(given, fitted_sample(given.documents, request))
    if request.shards is not None:
        opened(request.shards)
    corpus = open_corpus(cast("str | Path", request.corpus), request.corpus_options)
    check_tagged(request, corpus.columns.tags is not None)
    source = resolve(request.model, revision=request.revision)
    scan = ModelScan(request, corpus, source, place_of(request), widths=widths)
    return of_units(scan, run or Run(), frequency)


def of_units(scan: ModelScan, run: Run, frequency: Frequency | None = None) -> ModelScan:
    """A scan of documents as one of the units that its request asks for, with the sample that an atlas is fitted to.

    Args:
        scan: of documents.
        run, frequency: as of `open_scan`.

    Raises:
        UsageError: there are more texts than the graph holds.
        MriError: what `planned` raises.
    """
    request, texts = scan.request, scan.documents
    if request.unit == "document":
        return replace(scan, sample=fitted_sample(texts, request))
    request.sample_of(texts.documents)  # refuses more texts than the graph holds
    tokens = planned(request, texts, scan.source, scan.place, run, scan.lacking)
    known = {each.name: getattr(scan, each.name) for each in fields(scan)}
    known |= {"documents": tokens, "sample": fitted_sample(tokens, request)}
    return TokenScan(**known, frequency_of_all=frequency)
