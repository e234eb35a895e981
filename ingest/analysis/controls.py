"""Controls of a study's findings: shuffled labels, a model with untrained blocks, and the words alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from ingest.analysis.other_rows import block_seeds, random_blocks, token_embeddings
from ingest.analysis.testing import Tested
from ingest.extract.token_corpus import TokenCorpus
from ingest.request import Request
from ingest.run import Run
from ingest.scan.from_model import ModelScan
from ingest.scan.records import Scan
from mri_core.atlas.fitting import fit_atlas, own_spec
from mri_core.errors import MriError
from mri_core.probing.features import Sides, rows, types, words
from mri_core.probing.probe import probe_baseline
from mri_core.probing.resampling import Split
from mri_core.records.measures import CONTROL, FAMILIES, Measure
from mri_core.statistics.controls import SHUFFLES, count_findings, shuffled_findings
from mri_core.statistics.divergence import divergence

BLOCKS = "random_blocks"


def control_measures(scan: Scan, tested: Tested, request: Request, run: Run) -> list[Measure]:
    """The controls of a study, each a `Measure` of kind `control`.

    `other` says which, and of what: `shuffled connections` (mean findings over seeded shuffles of the labels),
    `random_blocks connections` (findings of the same model with re-initialised blocks, each in an atlas of its own with
    as many regions: the mean over several such models, from the least to the most), and so on for each family;
    `random_blocks divergence` for each layer; `embeddings` and `bag_of_words` (balanced accuracy of a probe that reads
    the mean of the tokens' embeddings, or the words; of tokens the type of each). Unavailable controls are
    left out with a note.

    Args:
        scan: where the activations came from.
        tested: the documents that the atlas was fitted to.
        request: that gives it.
        run: receives the stages and what is left out, and counts the seconds.
    """
    measures = []
    if tested.fit.scores is None:
        with run.time("statistics"):
            measures += _shuffled(tested, run)
        measures += _random_blocks(scan, tested, request, run)
    return measures + _baselines(scan, tested, request, run)


def _shuffled(tested: Tested, run: Run) -> list[Measure]:
    advance = run.stage("shuffled labels", SHUFFLES, "shuffles")
    found = shuffled_findings(tested.fit.codes, tested.procedure, advance=advance)
    return [
        Measure(
            CONTROL,
            float(np.mean(counts)),
            other=f"shuffled {family}",
            details={"largest": max(counts), "any": sum(count > 0 for count in counts), "shuffles": len(counts)},
        )
        for family, counts in zip(FAMILIES, zip(*found, strict=True), strict=True)
    ]


def _random_blocks(scan: Scan, tested: Tested, request: Request, run: Run) -> list[Measure]:
    """Findings and divergences in the activations of several models with re-initialised blocks."""
    if not isinstance(scan, ModelScan):
        run.note("The control of random blocks needs the model; these activations were given.")
        return []
    seeds, procedure = block_seeds(request.seed), tested.procedure
    spec = own_spec(tested.fit.atlas, len(tested.activations.layers[0]))
    counts, excesses = [], []
    for seed in seeds:
        untrained = random_blocks(scan, seed, run)
        with run.time("atlas"):
            advance = run.stage("atlas of random blocks", len(untrained.layers), "layers")
            codes = fit_atlas(untrained, spec, advance).codes
        with run.time("statistics"):
            counts.append(count_findings(codes, procedure.repeated))
            apart = divergence(codes, procedure.labels, procedure.categories, procedure.seed, procedure.groups)
        excesses.append(apart.excess)
    families = zip(FAMILIES, zip(*counts, strict=True), strict=True)
    findings = [_over_models([float(n) for n in found], f"{BLOCKS} {name}", seeds) for name, found in families]
    layers = enumerate(np.stack(excesses, axis=1).tolist())
    return findings + [_over_models(own, f"{BLOCKS} divergence", seeds, layer) for layer, own in layers]


def _over_models(values: list[float], other: str, seeds: list[int], layer: int | None = None) -> Measure:
    """The mean over re-initialised models, from the least to the most."""
    details = {"seeds": seeds, "values": values}
    mean = float(np.mean(values))
    return Measure(CONTROL, mean, layer, other=other, ci_low=min(values), ci_high=max(values), details=details)


def _baselines(scan: Scan, tested: Tested, request: Request, run: Run) -> list[Measure]:
    """How well a probe predicts the category from the mean token embeddings, and from the words."""
    read: dict[str, Callable[[Split], Sides | None]] = {}
    if isinstance(scan, ModelScan):
        try:
            table = token_embeddings(scan, run).layers[0]
            read["embeddings"] = partial(rows, table)
        except MriError as error:
            run.note(f"There is no control of token embeddings: {error}")
    if isinstance(scan.sampled, TokenCorpus):
        read["bag_of_words"] = partial(types, scan.sampled.plan.kind)
    elif any(texts := [document.text for document in scan.sampled]):
        read["bag_of_words"] = partial(words, texts)
    else:
        run.note("The control of a bag of words needs texts; there are none.")
    names, procedure = tested.names, tested.procedure
    try:
        with run.time("statistics"):
            found = [
                probe_baseline(what, of, procedure.labels, names, seed=request.seed, groups=procedure.groups)
                for what, of in read.items()
            ]
    except MriError as error:  # a category too small to be split
        run.note(f"There is no control of embeddings and words: {error}")
        return []
    return [replace(measure, kind=CONTROL) for measure in found]
