"""Words of random sets of documents, which should have none, and of the regions of an atlas.

    python -m benchmarks.validation.words CORPUS [--model minilm|smollm2] [--documents N] [--sets 20] [--seed 0]

Random sets have the sizes of the layers' regions, and lie anywhere in the corpus; those of connections have the sizes
of connections of 2 documents or more, and lie in the connections' source regions. `keeps` says that the share with any
word is compatible with 5 % (binomial, p ≥ .01). `by_z` is the share of the regions whose largest z passes the 95 %
point of the same random sets' largest z: a threshold by permutation, which the exact bound is compared with.
"""

from __future__ import annotations

import argparse
import tempfile
from itertools import islice, pairwise
from pathlib import Path

import numpy as np

from benchmarks.atlas_quality import DOCUMENTS, read
from benchmarks.validation.reporting import keeps, line, share
from ingest.corpus.corpus import open_corpus
from mri_core.atlas.fitting import fit_atlas
from mri_core.records.arrays import AtlasSpec
from mri_core.texts.keywords import PRIOR_WEIGHT, Population, WordCounts, count_words, population, words_of
from mri_core.texts.word_threshold import ANY

Sets = list[tuple[np.ndarray, np.ndarray]]  # documents of each set, and those that it is drawn from


def of_regions(codes: np.ndarray) -> Sets:
    """The documents of each region, out of all."""
    everything = np.arange(len(codes))
    return [(np.flatnonzero(layer == code), everything) for layer in codes.T for code in np.unique(layer)]


def of_connections(codes: np.ndarray) -> Sets:
    """The documents of each connection of 2 or more that are not all of its source region."""
    found = []
    for here, there in pairwise(codes.T):
        for source, target in np.unique(np.stack([here, there]), axis=1).T:
            inside = np.flatnonzero(here == source)
            members = inside[there[inside] == target]
            if 2 <= len(members) < len(inside):
                found.append((members, inside))
    return found


def with_words(counts: WordCounts, sets: Sets) -> list[int]:
    """How many words each set has."""
    return [len(words_of(counts, members, population(counts, among))) for members, among in sets]


def passing_by_z(counts: WordCounts, sets: Sets, draws: int, generator: np.random.Generator) -> int:
    """How many sets' largest z passes the 95 % point of random ones."""
    passing = 0
    for members, among in sets:
        whole = population(counts, among)
        random = [_largest_z(counts, members_of(among, len(members), generator), whole) for _ in range(draws)]
        passing += _largest_z(counts, members, whole) > np.quantile(random, 1 - ANY)
    return passing


def members_of(among: np.ndarray, size: int, generator: np.random.Generator) -> np.ndarray:
    """A random set, in rising order."""
    return np.sort(generator.choice(among, size, replace=False))


def _largest_z(counts: WordCounts, members: np.ndarray, whole: Population) -> float:
    prior = PRIOR_WEIGHT * counts.documents
    inside = population(counts, members).words
    here, elsewhere = inside + prior, whole.words - inside + prior
    odds = np.log(here / (here.sum() - here)) - np.log(elsewhere / (elsewhere.sum() - elsewhere))
    return float((odds / np.sqrt(1 / here + 1 / elsewhere)).max())


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus")
    parser.add_argument("--model", default="minilm", choices=DOCUMENTS)
    parser.add_argument("--documents", type=int)
    parser.add_argument("--max-length", type=int, default=256)
    parser.add_argument("--sets", type=int, default=20, help="random sets for each true one")
    parser.add_argument("--seed", type=int, default=0)
    parser.set_defaults(with_title=False)
    choice = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        codes = fit_atlas(read(choice, Path(folder)).activations, AtlasSpec()).codes
    counts = count_words(text.text for text in islice(open_corpus(choice.corpus), len(codes)))
    if counts is None:
        parser.error("the corpus has no words in two documents")
    report(Path(choice.corpus).stem, counts, codes, choice.sets, np.random.default_rng(choice.seed))


def report(corpus: str, counts: WordCounts, codes: np.ndarray, draws: int, generator: np.random.Generator) -> None:
    """Prints the lines of one corpus: random sets, and true ones, of regions and of connections."""
    for what, sets in (("regions", of_regions(codes)), ("connections", of_connections(codes))):
        random = [(members_of(among, len(members), generator), among) for members, among in sets for _ in range(draws)]
        found = sum(map(bool, with_words(counts, random)))
        facts = {"validation": "words", "corpus": corpus, "documents": len(codes), "of": what}
        line(**facts, sets="random", any=share(found, len(random)), keeps=keeps(found, len(random), ANY))
        true = with_words(counts, sets)
        by_z = round(passing_by_z(counts, sets, max(draws, 40), generator) / len(sets), 4)
        any_word = share(sum(map(bool, true)), len(true))
        line(**facts, sets="true", any=any_word, median_words=float(np.median(true)), by_z=by_z)


if __name__ == "__main__":
    main()
