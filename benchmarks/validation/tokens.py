"""Tokens of texts of very different length: what is found where there is nothing, and where there is something.

    python -m benchmarks.validation.tokens [--studies 200] [--seed 0] [--texts 150]

Lengths are lognormal, median 60, 1,000 tokens at most. Tokens are of 1,500 types with Zipf's frequencies; a token lies
in its type's own region in 45 of 100 cases, else in one drawn from its text's own mixture of regions (Dirichlet .5, so
that tokens of a text agree), and stays there from layer to layer in 8 of 10 cases. Labels:

- `lot`: texts have a category by lot.
- `words`: the texts of a category use the words of its own tenth of the types eight times as often; of a type no
  category has another region.
- `tags`: single tokens have a tag, which follows from the type in 9 of 10 cases and else from a mixture of tags of the
  text (Dirichlet 1); a type's region and a text's regions have nothing to do with these.
- `within`: as `lot`, but of the tokens of the first category a share (`--moved`) lies in one region of each layer.
- `tags within`: as `tags`, but so it is with the tokens of the first tag.

One JSON line for each kind of labels and test: in which share of the studies it finds anything, with whether that keeps
to 5 %; and the mean number of findings, and of those in the planted region. `block` takes texts as blocks,
`independent` does not, `within` is the test within types; `design` is the mean design effect of a region's counts.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from benchmarks.validation.reporting import keeps, line, share
from mri_core.records.measures import ALPHA
from mri_core.statistics.blocks import permuted_labels
from mri_core.statistics.procedure import Procedure
from mri_core.statistics.tables import Tables, connection_tables, region_tables
from mri_core.statistics.within_types import within_types

MEDIAN, SPREAD, LONGEST = 60, 1.0, 1_000
TYPES, REGIONS, LAYERS, CATEGORIES = 1_500, 10, 3, 4
OF_TYPE, STAYING, TAGGED, TIMES = 0.45, 0.8, 0.9, 8.0
PERMUTATIONS, SHUFFLES = 200, 100
NULL = {  # of each kind of labels the tests that have nothing to find
    "lot": ("block", "within"),
    "words": ("within",),
    "tags": ("within",),
    "within": (),
    "tags within": (),
}


class Study(NamedTuple):
    """Codes (tokens, layers), and label, type and text of each token."""

    codes: np.ndarray
    labels: np.ndarray
    types: np.ndarray
    texts: np.ndarray


def study(generator: np.random.Generator, kind: str, texts: int, moved: float) -> Study:
    """A study as the module describes it."""
    sizes = np.minimum(np.exp(generator.normal(np.log(MEDIAN), SPREAD, texts)), LONGEST).astype(int) + 1
    text = np.repeat(np.arange(texts), sizes)
    of_text = generator.permutation(np.arange(texts) % CATEGORIES)
    types = _types(generator, of_text[text], TIMES if kind == "words" else 1.0)
    own = generator.integers(REGIONS, size=(TYPES, LAYERS))
    mixtures = generator.dirichlet(np.full(REGIONS, 0.5), texts)
    codes = np.empty((len(text), LAYERS), dtype=np.int64)
    for layer in range(LAYERS):
        drawn = _drawn(generator, mixtures, text)
        codes[:, layer] = np.where(generator.random(len(text)) < OF_TYPE, own[types, layer], drawn)
        if layer:
            codes[:, layer] = np.where(generator.random(len(text)) < STAYING, codes[:, layer - 1], codes[:, layer])
    labels = of_text[text]
    if kind.startswith("tags"):
        tag = generator.integers(CATEGORIES, size=TYPES)[types]
        of_texts = _drawn(generator, generator.dirichlet(np.ones(CATEGORIES), texts), text)
        labels = np.where(generator.random(len(text)) < TAGGED, tag, of_texts)
    if kind.endswith("within"):
        codes[(labels == 0) & (generator.random(len(text)) < moved)] = 0
    return Study(codes, labels, types, text)


def _types(generator: np.random.Generator, labels: np.ndarray, times: float) -> np.ndarray:
    """(tokens,) types, of which those of a category's own tenth are so many times as frequent in its texts."""
    frequencies = 1 / np.arange(1, TYPES + 1)
    types = np.empty(len(labels), dtype=np.int64)
    for category in range(CATEGORIES):
        own = np.where(np.arange(TYPES) % 10 == category, times, 1.0) * frequencies
        there = labels == category
        types[there] = generator.choice(TYPES, int(there.sum()), p=own / own.sum())
    return types


def _drawn(generator: np.random.Generator, mixtures: np.ndarray, text: np.ndarray) -> np.ndarray:
    """(tokens,) draws, each from the mixture of its text."""
    up_to = np.cumsum(mixtures, axis=1)
    return np.minimum((generator.random(len(text))[:, None] > up_to[text]).sum(axis=1), mixtures.shape[1] - 1)


def found(of: Study, test: str, seed: int) -> Iterator[tuple[str, Tables, np.ndarray]]:
    """Of each family its tables, and which of its items are findings."""
    families = {"connections": connection_tables(of.codes), "regions": region_tables(of.codes)}
    categories = int(of.labels.max()) + 1
    for family, tables in families.items():
        if test == "within":
            q = within_types(tables, of.labels, categories, of.types, of.texts, flips=500, seed=seed).q
            yield family, tables, (q <= ALPHA).any(axis=1)
        else:
            groups = of.texts if test == "block" else None
            own = Procedure(of.labels, categories, groups=groups, permutations=PERMUTATIONS, seed=seed, intervals=False)
            yield family, tables, own.differences(tables).q <= ALPHA


def design_effect(of: Study, seed: int) -> float:
    """Mean over regions and categories of a count's variance with texts as blocks over that of independent tokens."""
    tables, categories = region_tables(of.codes), int(of.labels.max()) + 1
    ratios = []
    counts = {
        groups is None: np.concatenate(
            [tables.counts(own, categories) for own in permuted_labels(of.labels, SHUFFLES, seed, groups)]
        )
        for groups in (None, of.texts)
    }
    totals = {alone: own / own[:, : int(tables.starts[1])].sum(axis=1, keepdims=True) for alone, own in counts.items()}
    blocks, alone = totals[False].var(axis=0), totals[True].var(axis=0)
    ratios = blocks[alone > 0] / alone[alone > 0]
    return float(ratios.mean())


def rows(kind: str, studies: int, seed: int, texts: int, moved: float) -> None:
    """The lines of one kind of labels."""
    counted: dict[tuple[str, str], list[tuple[bool, int, int]]] = {}
    designs = []
    for number in range(studies):
        own = study(np.random.default_rng([seed, number]), kind, texts, moved)
        if number < 5:
            designs.append(design_effect(own, number))
        for test in ("block", "independent", "within"):
            for family, tables, items in found(own, test, number):
                planted = (tables.first == 0) & (tables.second == 0)
                facts = bool(items.any()), int(items.sum()), int((items & planted).sum())
                counted.setdefault((test, family), []).append(facts)
    for (test, family), facts in counted.items():
        any_of_them, several, planted = np.array(facts).T
        hits = int(any_of_them.sum())
        told: dict[str, object] = {**share(hits, studies), "findings": round(float(several.mean()), 2)}
        if test in NULL[kind]:
            told["keeps"] = keeps(hits, studies, ALPHA)
        if kind.endswith("within"):
            told["planted"] = round(float(planted.mean()), 2)
        line(
            validation="tokens", labels=kind, test=test, family=family, design=round(float(np.mean(designs)), 2), **told
        )


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--texts", type=int, default=150)
    parser.add_argument("--moved", type=float, default=0.15)
    parser.add_argument("--kinds", nargs="*", default=list(NULL), choices=list(NULL))
    choice = parser.parse_args()
    for kind in choice.kinds:
        rows(kind, choice.studies, choice.seed, choice.texts, choice.moved)


if __name__ == "__main__":
    main()
