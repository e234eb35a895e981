"""From activations to everything that a study owns: atlas, connectome, evidence, and descriptions of regions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from ingest.analysis.confounds import confounds_of
from ingest.analysis.notes import (
    build_report,
    constant_lines,
    correlation_lines,
    fitted_to,
    group_count,
    group_lines,
    iterated_axes,
    permuted_sample,
    single_regions,
    weightless_columns,
    wordless_line,
)
from ingest.analysis.regions import find_regions
from ingest.analysis.testing import Tested, Testing, procedure_of, with_findings_of
from ingest.analysis.token_graph import as_tokens, permutations_of, within
from ingest.corpus.corpus import Corpus
from ingest.corpus.groups import groups_of
from ingest.extract.token_corpus import TokenCorpus, count_types
from ingest.frozen import Frozen, placed_in
from ingest.request import Request
from ingest.run import Run
from ingest.scan.records import Scan, Scanned
from mri_core.atlas.file import atlas_hash, pack_atlas
from mri_core.atlas.fitting import AtlasFit
from mri_core.atlas.placing import atlas_fit_measures, misfit_lines
from mri_core.connectome.connection_words import with_words
from mri_core.connectome.correlations import build_correlations
from mri_core.connectome.counting import build_connectome
from mri_core.connectome.regions import describe_layers, describe_regions, with_metrics, with_parting
from mri_core.records.arrays import Activations
from mri_core.records.connectome import Connectome
from mri_core.records.graph import Category, Study, StudyGraph
from mri_core.statistics.blocks import numbered_groups, shared
from mri_core.statistics.procedure import Procedure
from mri_core.texts.keywords import WordCounts, count_words


class Read(NamedTuple):
    """What is known about the documents besides their activations.

    Attributes:
        labels: (documents,) index of each document's category.
        words: the words of each document; None if no word is usable.
        groups: (documents,) number of each document's group, a document without one being alone; None if none has one.
    """

    labels: np.ndarray
    words: WordCounts | None
    groups: np.ndarray | None = None


@dataclass(frozen=True)
class Analysis:
    """A study's graph and what it was computed from.

    Attributes:
        graph: all that the study owns.
        groups: (documents,) as `Read.groups`.
        fitted: tests of the documents that the atlas was fitted to, whose activations are at hand.
        scan: of the documents that have a place in the atlas.
    """

    graph: StudyGraph
    groups: np.ndarray | None
    fitted: Tested
    scan: Scan


def _wordless(line: str | None, run: Run) -> dict[str, str]:
    """Why regions have no words, for the user and the study's report; empty if they have some."""
    if line is None:
        return {}
    run.note(line)
    return {"no_words": line}


def analyse(
    draft: Study,
    scan: Scan,
    scanned: Scanned,
    request: Request,
    run: Run,
    frozen: Frozen | None = None,
    reference: Activations | None = None,
) -> Analysis:
    """The study's graph and atlas.

    Args:
        draft: the study as far as it is known before.
        scan: where the activations came from.
        scanned: the activations.
        request: the options.
        run: receives stages and warnings, and counts the seconds.
        frozen: the atlas that the documents are placed in; None if one is fitted to them.
        reference: activations of the frozen atlas' study with which these are aligned; None if they are not.
    """
    names = [name for name, _ in scan.documents.categories]
    with run.time("statistics"):
        groups = groups_of(scan.documents) if reference is not None else None
    fit, fitted, scanned, aligned, scan = find_regions(scan, scanned, request, run, frozen, reference, groups)
    with run.time("statistics"):
        read = read_documents(scan.documents)
    for line in scanned.lines:
        run.note(line)
    placed = [*atlas_fit_measures(fit), *aligned]
    with run.time("connectome"):
        connectome, warnings = _connect(fit, read, names, scanned.layers, f"{request.unit}s")
    with run.time("statistics"):
        confounds = confounds_of(scan, scanned, fit.codes, request, read.groups)
    warnings += confounds.warnings
    if frozen is not None:
        warnings += misfit_lines(placed, frozen.described["study"], aligned=request.align)
    for line in warnings:
        run.note(line)
    procedure = Procedure(
        read.labels, len(names), request.fdr, read.groups, permutations_of(scan.documents), request.seed
    )
    with run.time("statistics"):
        regions = with_metrics(describe_regions(fit, connectome, names, read.words), connectome, request.seed)
        report = build_report(scan, scanned, confounds.report, warnings)
        report |= weightless_columns(fit.atlas) | iterated_axes(fit.atlas) | single_regions(regions)
        report |= _wordless(wordless_line(scan.texts, read.words, regions), run)
        report |= {} if frozen is None else placed_in(frozen, aligned=request.align)
        report |= fitted_to(scan) | group_count(scan.texts, read.groups)
        tests = Testing(draft.id, scanned.activations, tuple(names), scan.documents.columns, run)
        whole = sampled = tests.of(connectome, fit, procedure)
        if isinstance(scan.documents, TokenCorpus):
            whole = sampled = within(whole, scan.documents, request.seed)
        if scan.sample is not None:
            own = procedure_of(procedure, scan.sample)
            sampled = tests.of(_connectome(fitted, own.labels, names), fitted, own)
        report |= permuted_sample(whole.permuted, read.groups)
        connectome = whole.connectome
        if whole.parting_q is not None:
            regions = with_parting(regions, whole.parting_q)
            connectome = connectome if read.words is None else with_words(connectome, read.words)
    study = replace(
        draft,
        layers=len(scanned.layers),
        regions=len(regions),
        connections=len(connectome.flows.weight),
        report=json.dumps(report, sort_keys=True),
        atlas_hash=atlas_hash(fit.atlas),
    )
    graph = StudyGraph(
        study=study,
        layers=describe_layers(fit, connectome, scanned.layers),
        categories=tuple(Category(name, count) for name, count in scan.documents.categories),
        regions=regions,
        documents=scan.documents,
        connectome=connectome,
        measures=(*with_findings_of(whole, sampled), *confounds.measures, *placed),
        atlas=pack_atlas(fit.atlas),
        margins=None if fit.later is None else fit.later.margins,
    )
    if isinstance(scan.documents, TokenCorpus):
        graph = as_tokens(graph, scan.documents)
    return Analysis(graph, read.groups, sampled, scan)


def read_documents(documents: Corpus) -> Read:
    """Each document's category, words and group, in one pass; in none if there are neither texts nor groups.

    The words of a token are its type.
    """
    if isinstance(documents, TokenCorpus):
        return Read(documents.labels, count_types(documents), shared(documents.groups))
    if documents.columns.text is None and documents.columns.group is None:
        return Read(documents.labels, None)
    groups: list[str | None] = []

    def texts() -> Iterator[str]:
        for document in documents:
            groups.append(document.group)
            yield document.text

    words = count_words(texts())
    return Read(documents.labels, words, numbered_groups(groups))


def _connect(
    fit: AtlasFit, read: Read, categories: Sequence[str], layers: Sequence[str], unit: str
) -> tuple[Connectome, list[str]]:
    """The connections, with their warnings."""
    grouped = [] if read.groups is None else group_lines(read.labels, read.groups, fit.atlas.spec, unit)
    if fit.scores is None:
        return _connectome(fit, read.labels, categories), constant_lines(fit.atlas, layers, unit) + grouped
    found = build_correlations(fit.scores, read.labels, len(categories), fit.atlas.spec.threshold)
    return found.connectome, correlation_lines(found, categories, layers) + grouped


def _connectome(fit: AtlasFit, labels: np.ndarray, categories: Sequence[str]) -> Connectome:
    if fit.scores is None:
        return build_connectome(fit.codes, labels, len(categories))
    return build_correlations(fit.scores, labels, len(categories), fit.atlas.spec.threshold).connectome
