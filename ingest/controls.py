"""What a study's findings are held against: shuffled labels, a model that has learnt nothing, and the words alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ingest.analysis import Analysis
from ingest.clock import Clock
from ingest.progress import Progress
from ingest.random_blocks import random_blocks
from ingest.request import Request
from ingest.scan import ModelScan, Scan
from mri_core.atlas import fit_atlas
from mri_core.errors import MriError
from mri_core.headline_names import FAMILIES
from mri_core.probing.probe import probe_words
from mri_core.records import Measure
from mri_core.statistics.controls import SHUFFLES, count_findings, shuffled_findings
from mri_core.statistics.divergence import divergence

CONTROL = "control"


def control_measures(
    scan: Scan, analysis: Analysis, request: Request, progress: Progress, clock: Clock
) -> list[Measure]:
    """The controls of a study, each a `Measure` of kind `control`.

    `other` says which, and of what: `shuffled connections` (mean findings over seeded shuffles of the labels),
    `random_blocks connections` (findings of the same model with re-initialised blocks), and so on for each family;
    `random_blocks divergence` for each layer; `bag_of_words` (balanced accuracy of a probe that reads the words).
    What cannot be had is left out, and said.

    Args:
        scan: where the activations came from.
        analysis: of the study; of documents, not of components.
        request: that gives it.
        progress: is told of stages, and of what is left out.
        clock: counts the seconds.
    """
    measures = []
    if analysis.fit.scores is None:
        with clock.time("statistics"):
            measures += _shuffled(analysis, progress)
        measures += _random_blocks(scan, analysis, request, progress, clock)
    with clock.time("statistics"):
        measures += _words(scan, analysis, request, progress)
    return measures


def _shuffled(analysis: Analysis, progress: Progress) -> list[Measure]:
    progress.stage("shuffled labels", SHUFFLES, "shuffles")
    found = shuffled_findings(analysis.fit.codes, analysis.procedure, advance=progress.advance)
    return [
        Measure(
            CONTROL,
            float(np.mean(counts)),
            other=f"shuffled {family}",
            details={"largest": max(counts), "any": sum(count > 0 for count in counts), "shuffles": len(counts)},
        )
        for family, counts in zip(FAMILIES, zip(*found, strict=True), strict=True)
    ]


def _random_blocks(scan: Scan, analysis: Analysis, request: Request, progress: Progress, clock: Clock) -> list[Measure]:
    """Findings and divergences in what the model gives with blocks that have learnt nothing."""
    if not isinstance(scan, ModelScan):
        progress.note("The control of random blocks needs the model; these activations were given.")
        return []
    untrained = random_blocks(scan, request.seed, progress, clock)
    with clock.time("atlas"):
        progress.stage("atlas of random blocks", len(untrained.layers), "layers")
        codes = fit_atlas(untrained, analysis.fit.atlas.spec, progress.advance).codes
    procedure = analysis.procedure
    with clock.time("statistics"):
        counted = count_findings(codes, procedure)
        apart = divergence(codes, procedure.labels, procedure.categories, procedure.seed, procedure.groups)
    seed = {"seed": request.seed}
    families = zip(FAMILIES, counted, strict=True)
    findings = [Measure(CONTROL, float(n), other=f"random_blocks {name}", details=seed) for name, n in families]
    layers = enumerate(apart.excess.tolist())
    return findings + [Measure(CONTROL, n, at, other="random_blocks divergence", details=seed) for at, n in layers]


def _words(scan: Scan, analysis: Analysis, request: Request, progress: Progress) -> list[Measure]:
    texts = [document.text for document in scan.documents]
    names, procedure = [name for name, _ in scan.documents.categories], analysis.procedure
    if not any(texts):
        progress.note("The control of a bag of words needs texts; there are none.")
        return []
    try:
        found = probe_words(texts, procedure.labels, names, seed=request.seed, groups=procedure.groups)
    except MriError as error:  # a category too small to be split
        progress.note(f"There is no control of a bag of words: {error}")
        return []
    return [replace(found, kind=CONTROL, other="bag_of_words")]
