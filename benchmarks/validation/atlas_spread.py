"""Does what is printed of the atlas' own error cover atlases that differ by their seed alone?

    python -m benchmarks.validation.atlas_spread CORPUS [--model minilm|smollm2] [--documents N] [--max-length N]
                                             [--seeds 20] [--studies 3]

Atlases with other seeds are fitted to all documents. One JSON line for each headline number, over studies that have a
seed of their own each: the study's number; what is printed of other atlases; least, mean, most and standard deviation
over the other seeds; and the share of these atlases within what is printed (of the divergence: of all layers' values
within the interval of both errors, and within that of the documents alone).
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.atlas_quality import News, read
from benchmarks.validation.reporting import line
from benchmarks.validation.studies import reading_options
from mri_core.atlas.fitting import fit_atlas
from mri_core.evidence.refits import refitted
from mri_core.records.arrays import AtlasSpec
from mri_core.records.measures import DIVERGENCE, FAMILIES, FLOOR, HALF, Measure
from mri_core.statistics.atlas_spread import Headlines, atlas_spread_measures, headlines
from mri_core.statistics.divergence import divergence, divergence_measures
from mri_core.statistics.procedure import Procedure
from mri_core.statistics.stability import stability

APART = 1_000  # between the seeds of studies: refits take those that follow


def spread(news: News, seed: int) -> tuple[Headlines, list[Measure], list[Measure]]:
    """A study's own numbers, its layers' divergences, and the spread over its refits."""
    procedure = Procedure(news.topics, int(news.topics.max()) + 1, seed=seed)
    fit = fit_atlas(news.activations, AtlasSpec(seed=seed))
    layers = divergence_measures(divergence(fit.codes, news.topics, procedure.categories, seed))[:-1]
    own, others = headlines(fit.codes, procedure), list[Headlines]()
    counts = [Measure("findings", own.numbers[family], other=family) for family in FAMILIES]
    whole = Measure("global", None, details={HALF: own.half})
    refits = (refit.codes for refit in refitted(news.activations, fit.atlas, fit.codes, seed))
    found = stability(
        fit.codes, procedure, refits, lambda codes, *known: others.append(headlines(codes, procedure, *known))
    )
    return own, layers, atlas_spread_measures(others, found.floors, [*layers, *counts, whole], own.taken)


def told(own: Headlines, spreads: Mapping[str | None, Measure], seeds: Sequence[Headlines], study: int) -> None:
    """A line for each number that belongs to no layer."""
    for name, value in own.numbers.items():
        values = np.array([number for other in seeds if (number := other.numbers[name]) is not None], dtype=float)
        low, high = spreads[name].ci_low, spreads[name].ci_high
        if low is None or high is None or len(values) < 2:
            continue
        line(
            validation="atlas_spread",
            study=study,
            number=name,
            own=value,
            told=[low, high],
            seeds=[float(values.min()), round(float(values.mean()), 2), float(values.max())],
            sd=round(float(values.std(ddof=1)), 2),
            covered=float(np.mean((values >= low) & (values <= high))),
        )


def layers_told(layers: Sequence[Measure], spreads: Sequence[Measure], seeds: Sequence[Headlines], study: int) -> None:
    """How often a layer's divergence in another atlas lies in its intervals, mean over the layers that have one."""
    of_both, alone = [], []
    for own, other in zip(layers, spreads, strict=True):
        if own.ci_low is not None and own.ci_high is not None and "both_low" in other.details:
            values = np.array([seed.excess[own.layer] for seed in seeds])
            low, high = other.details["both_low"], other.details["both_high"]
            of_both.append(np.mean((values >= low) & (values <= high)))
            alone.append(np.mean((values >= own.ci_low) & (values <= own.ci_high)))
    line(
        validation="atlas_spread",
        study=study,
        number=DIVERGENCE,
        covered=round(float(np.mean(of_both)), 3),
        covered_by_documents_alone=round(float(np.mean(alone)), 3),
        layers=len(of_both),
    )


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus")
    reading_options(parser, max_length=128)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--studies", type=int, default=3)
    choice = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measured(read(choice, Path(folder)), choice.seeds, choice.studies)


def measured(news: News, count: int, studies: int) -> None:
    """All lines of a corpus."""
    procedure = Procedure(news.topics, int(news.topics.max()) + 1)
    spec = AtlasSpec()
    fits = (fit_atlas(news.activations, replace(spec, seed=APART * (studies + seed))) for seed in range(count))
    seeds = [headlines(fit.codes, procedure) for fit in fits]
    for study in range(studies):
        own, layers, spreads = spread(news, APART * study)
        told(own, {measure.other: measure for measure in spreads if measure.layer is None}, seeds, study)
        layers_told(layers, [measure for measure in spreads if measure.other == DIVERGENCE], seeds, study)
        floor = next(measure for measure in spreads if measure.other == FLOOR)
        ends = [floor.ci_low, floor.ci_high]
        line(validation="atlas_spread", study=study, number=FLOOR, mean=floor.details["mean"], refits=ends, p=floor.p)


if __name__ == "__main__":
    main()
