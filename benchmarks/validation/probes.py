"""What probes read by our regressions and by scikit-learn's grid search, on the same splits of real texts.

    python -m benchmarks.validation.probes CORPUS … [--model minilm|smollm2] [--documents N] [--splits 5] [--seed 0]

A line for each corpus and kind of features: the mean accuracy of either way over the layers, the mean and the largest
difference of a layer's mean over the splits, the share of single readings that are equal, and the standard deviation of
the splits. Features are full activations, the same with shuffled labels (`control`), regions of the default atlas, and
words.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.atlas_quality import DOCUMENTS, News, read
from benchmarks.probing import grid_search
from benchmarks.validation.reporting import line
from benchmarks.validation.studies import reading_options
from ingest.corpus.corpus import open_corpus
from mri_core.probing.classifier import held_out_accuracy
from mri_core.probing.features import Sides, regions, rows, words
from mri_core.probing.resampling import Split, splits
from mri_core.records.arrays import AtlasSpec

Key = tuple[str, int]  # the features, and their layer


def readings(news: News, texts: list[str], count: int, seed: int) -> Iterator[tuple[Key, Sides, np.ndarray, Split]]:
    """What is read in each split."""
    for split in splits(news.topics, count, seed):
        for layer, sides in enumerate(regions(news.activations, AtlasSpec(), split)):
            yield ("regions", layer), sides, news.topics, split
        if (counts := words(texts, split)) is not None:
            yield ("words", 0), counts, news.topics, split
    for what, labels in (("full", news.topics), ("control", np.random.default_rng(seed).permutation(news.topics))):
        for split in splits(labels, count, seed):
            for layer, activations in enumerate(news.activations.layers):
                yield (what, layer), rows(activations, split), labels, split


def both(news: News, texts: list[str], count: int, seed: int) -> dict[str, np.ndarray]:
    """For each kind of features accuracies: (layers, splits, 2), ours and the grid search's."""
    found: dict[Key, list[tuple[float, float]]] = defaultdict(list)
    with threadpool_limits(1, user_api="blas"):
        for key, sides, labels, split in readings(news, texts, count, seed):
            case = (*sides, labels, split, seed)
            found[key].append((held_out_accuracy(*case), grid_search(*case)))
    kinds = sorted({what for what, _ in found})
    return {what: np.array([own for (kind, _), own in found.items() if kind == what]) for what in kinds}


def report(corpus: str, documents: int, what: str, accuracies: np.ndarray) -> None:
    """Prints the line of a kind of features."""
    ours, theirs = accuracies[..., 0], accuracies[..., 1]
    of_layers = ours.mean(axis=1) - theirs.mean(axis=1)
    line(
        validation="probes",
        corpus=corpus,
        documents=documents,
        of=what,
        ours=round(float(ours.mean()), 4),
        grid_search=round(float(theirs.mean()), 4),
        difference=round(float(of_layers.mean()), 4),
        largest=round(float(np.abs(of_layers).max()), 4),
        equal=round(float((ours == theirs).mean()), 3),
        splits_sd=round(float(theirs.std(axis=1, ddof=1).mean()), 4),
    )


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", nargs="+", metavar="CORPUS")
    parser.add_argument("--splits", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    reading_options(parser, max_length=256)
    choice = parser.parse_args()
    for corpus in choice.corpora:
        choice.corpus = corpus
        with tempfile.TemporaryDirectory() as folder:
            news = read(choice, Path(folder))
            texts = [text.text for text in islice(open_corpus(corpus), choice.documents or DOCUMENTS[choice.model])]
            for what, accuracies in both(news, texts, choice.splits, choice.seed).items():
                report(Path(corpus).stem, len(texts), what, accuracies)


if __name__ == "__main__":
    main()
