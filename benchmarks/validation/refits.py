"""Refits in the space of the atlas' first axes against refits of whole resamples: do they agree with it as well?

    python -m benchmarks.validation.refits CORPUS [--model minilm|smollm2] [--documents N] [--max-length N]
                                       [--refits 40]

Both take the same resamples and seeds. A whole refit standardises the resample's own columns and finds its axes in all
of them. One JSON line: the mean over refits and layers of the adjusted Rand index with the atlas and of the share of
documents in the region of the same number, both ways, with the difference and its standard error over the refits; and
how far the two refits of a resample agree with one another, next to two refits of different resamples.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks.atlas_quality import News, read
from benchmarks.validation.reporting import line
from benchmarks.validation.studies import reading_options
from mri_core.atlas.fitting import AtlasFit, fit_atlas, place
from mri_core.atlas.quality import agreements
from mri_core.evidence.refits import refitted
from mri_core.records.arrays import Activations, AtlasSpec
from mri_core.statistics.blocks import bootstraps
from mri_core.statistics.matching import matched

SEED = 0


def whole(news: News, fit: AtlasFit, refits: int) -> Iterator[np.ndarray]:
    """Codes (documents, layers) of refits of whole resamples, by the atlas' numbers."""
    layers, tokens = [np.asarray(rows) for rows in news.activations.layers], np.asarray(news.activations.tokens)
    spec = replace(fit.atlas.spec, clusters=len(np.asarray(fit.atlas.layers[0].centres)))
    for number, drawn in enumerate(bootstraps(len(tokens), refits, SEED), start=1):
        resample = Activations(tuple(rows[drawn] for rows in layers), tokens[drawn])
        codes = place(fit_atlas(resample, replace(spec, seed=spec.seed + number)).atlas, news.activations)
        yield np.stack([matched(*pair) for pair in zip(fit.codes.T, codes.T, strict=True)], axis=1)


def compared(news: News, refits: int) -> dict[str, float]:
    """Both ways."""
    fit = fit_atlas(news.activations, AtlasSpec())
    ways = {
        "whole": list(whole(news, fit, refits)),
        "space": [refit.codes for refit in refitted(news.activations, fit.atlas, fit.codes, SEED, refits=refits)],
    }
    found: dict[str, float] = {}
    for name, measure in (("rand", agreements), ("same", lambda codes, other: (codes == other).mean(axis=0))):
        values = {
            way: np.array([measure(fit.codes, codes).mean() for codes in several]) for way, several in ways.items()
        }
        apart = values["space"] - values["whole"]
        found |= {f"{name}_{way}": float(mean.mean()) for way, mean in values.items()}
        found |= {f"{name}_difference": float(apart.mean()), f"{name}_error": float(apart.std(ddof=1) / refits**0.5)}
    found["rand_of_both"] = float(np.mean([agreements(*pair) for pair in zip(*ways.values(), strict=True)]))
    found["rand_of_neighbours"] = float(np.mean([agreements(*pair) for pair in pairwise(ways["whole"])]))
    return found


def main() -> None:
    """Reads, fits and prints."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpus")
    reading_options(parser)
    parser.add_argument("--refits", type=int, default=40)
    choice = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = compared(read(choice, Path(folder)), choice.refits)
    line(corpus=Path(choice.corpus).name, model=choice.model, refits=choice.refits, **found)


if __name__ == "__main__":
    main()
