"""Which reliability foretells how a second sample, placed in the atlas of the first, agrees with it?

    python -m benchmarks.validation.placed CORPUS [--model minilm|smollm2] [--documents N] [--max-length N]
                                       [--sample 300] [--samples 3]

Of a corpus a random sample is the study; the rest gives further samples of its size, which are placed in its atlas: how
those agree with it is the truth. One JSON line: mean over steps and samples of the truth, and of what the sample alone
foretells: halves that share its atlas; halves fitted to and placed, both ways, in five halvings; documents that
20 refits were fitted to and those only placed in them. The latter three are stepped up to the sample's size.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.atlas_quality import News, read
from benchmarks.validation.reporting import line
from benchmarks.validation.studies import reading_options
from mri_core.atlas.fitting import fit_atlas, place
from mri_core.evidence.refits import refitted
from mri_core.records.arrays import Activations, AtlasSpec
from mri_core.statistics.blocks import splits
from mri_core.statistics.reliability import placed_agreement, placed_measures, reliability, spearman_brown
from mri_core.statistics.tables import connection_tables

HALVINGS = 5


def foretold(news: News, seed: int) -> dict[str, float]:
    """What a sample says of its own reliability, mean over the steps."""
    labels, categories = news.topics, int(news.topics.max()) + 1
    fit = fit_atlas(news.activations, AtlasSpec(seed=seed))
    spec = replace(fit.atlas.spec, clusters=int(fit.codes.max()) + 1, seed=seed + 1)
    halves = []
    for first in splits(labels, HALVINGS, seed):
        for drawn in (first, ~first):
            half = fit_atlas(news.activations, spec, ordinals=np.flatnonzero(drawn)).atlas
            halves.append(
                placed_agreement(connection_tables(place(half, news.activations)), drawn, labels, categories).steps
            )
    again = [
        placed_agreement(connection_tables(refit.codes), refit.drawn, labels, categories)
        for refit in refitted(news.activations, fit.atlas, fit.codes, seed)
    ]
    return {
        "given_the_atlas": float(np.nanmean(reliability(fit.codes, labels, categories, seed).whole)),
        "halves_fitted": float(np.mean(spearman_brown(np.nanmean(halves, axis=0)))),
        "placed": float(np.mean([m.value for m in placed_measures(again) if m.value is not None])),
    }


def truths(news: News, study: np.ndarray, others: np.ndarray, seed: int) -> Iterator[float]:
    """How each further sample, placed in the study's atlas, agrees with the study's documents, mean over the steps."""
    atlas = fit_atlas(news.only(study).activations, AtlasSpec(seed=seed)).atlas
    for first in range(0, len(others) - len(study) + 1, len(study)):
        both = news.only(np.concatenate([study, others[first : first + len(study)]]))
        codes = place(atlas, both.activations)
        drawn = np.arange(len(codes)) < len(study)
        yield float(
            np.nanmean(placed_agreement(connection_tables(codes), drawn, both.topics, int(news.topics.max()) + 1).steps)
        )


def measured(news: News, size: int, samples: int) -> dict[str, float]:
    """Means over the samples."""
    found = defaultdict(list)
    generator = np.random.default_rng(0)
    news = News(Activations(tuple(map(np.asarray, news.activations.layers)), news.activations.tokens), news.topics)
    for sample in range(samples):
        order = generator.permutation(len(news.topics))
        study = np.sort(order[:size])
        found["truth"] += truths(news, study, order[size:], sample)
        for name, value in foretold(news.only(study), sample).items():
            found[name].append(value)
    return {name: round(float(np.mean(values)), 3) for name, values in found.items()}


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus")
    reading_options(parser)
    parser.add_argument("--sample", type=int, default=300)
    parser.add_argument("--samples", type=int, default=3)
    choice = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        news = read(choice, Path(folder))
        found = measured(news, choice.sample, choice.samples)
    line(validation="placed", model=choice.model, sample=choice.sample, samples=choice.samples, **found)


if __name__ == "__main__":
    main()
