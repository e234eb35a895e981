"""The probes of every layer, as measures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np

from mri_core.probing.classifier import held_out_accuracy
from mri_core.probing.control import control_tasks
from mri_core.probing.features import Sides, regions, rows, types, words
from mri_core.probing.resampling import Split, check_categories, corrected_interval, splits
from mri_core.records.arrays import Activations, AtlasSpec
from mri_core.records.measures import PROBE, Measure

SPLITS = 5
Key = tuple[str, int | None]  # the features, and their layer


@dataclass(frozen=True)
class Baselines:
    """Baselines that are probed besides a study's activations, of the same documents.

    Attributes:
        texts: whose words are counted; None if unknown, or `types` are given.
        random_blocks: activations of several models with re-initialised blocks; splits take them in turn, so that
            the interval covers the variation of splits and of blocks.
        embeddings: (documents, width) mean embedding of each document's tokens, without order and context; None if
            the model has none.
        types: (tokens,) integer type of each token, read in place of words; None unless the documents are tokens.
    """

    texts: Sequence[str] | None = None
    random_blocks: Sequence[Activations] = ()
    embeddings: np.ndarray | None = None
    types: np.ndarray | None = None

    def of_split(self, number: int) -> Activations | None:
        """The random blocks of a split; None if there are none."""
        return self.random_blocks[number % len(self.random_blocks)] if self.random_blocks else None

    @property
    def has_words(self) -> bool:
        """Whether words, or the types of tokens, are probed."""
        return self.texts is not None or self.types is not None

    def words(self, split: Split) -> Sides | None:
        """The words in a split's documents, or the types of its tokens; None if there are none."""
        if self.types is not None:
            return types(self.types, split)
        return None if self.texts is None else words(self.texts, split)


NO_BASELINES = Baselines()


def probe(
    activations: Activations,
    spec: AtlasSpec,
    labels: np.ndarray,
    names: Sequence[str],
    baselines: Baselines = NO_BASELINES,
    *,
    count: int = SPLITS,
    seed: int = 0,
    groups: np.ndarray | None = None,
    advance: Callable[[], None] = lambda: None,
) -> list[Measure]:
    """Balanced accuracy of a probe of the category in every layer, each a `Measure` of kind `probe`.

    `other` names the features: `full` activations, `regions` of the atlas (of an atlas of components the
    scores), `control` (full activations, with the labels of `control_tasks`), `random_blocks`, and, of no layer,
    `embeddings` and `words`. Of documents, which are their own types, memorising helps with no other and control lies
    at chance, unless texts recur; of tokens it is read as well as types can be memorised. `selectivity` in the details
    of `full` is full minus control. Intervals are by Nadeau and Bengio (2003).

    Args:
        activations: of all documents.
        spec: the study's atlas, fitted again within every split.
        labels: (documents,) index of each document's category in `names`.
        names: of the categories.
        baselines: probed besides the activations.
        count, seed: of the splits.
        groups: (documents,) number of each one's group, of which a split holds out all documents or none.
        advance: called after each of the `readings`.

    Raises:
        MriError: a category has too few documents, or a split has fewer than the atlas has clusters or components.
        UsageError: fewer than 2 splits.
    """
    check_categories(labels, names, groups)
    found: dict[Key, list[float]] = defaultdict(list)
    sides_of = []
    tasks = control_tasks(labels, baselines.types, count, seed, groups)
    for number, (split, task) in enumerate(zip(splits(labels, count, seed, groups), tasks, strict=True)):
        sides_of.append(split)
        for key, sides in chain(_read(activations, spec, split), _read_baselines(baselines, number, split)):
            found[key].append(held_out_accuracy(sides.train, sides.test, labels, split, seed, groups))
            advance()
        for index, layer in enumerate(activations.layers):
            scores = found["control", index]
            if task is not None:
                scores.append(held_out_accuracy(*rows(layer, task.split), *task, seed, groups))
            advance()
    return _measures(found, _details(names, seed, sides_of))


def readings(layers: int, count: int, baselines: Baselines) -> int:
    """Number of readings in a probe of so many layers: full, regions and control, and the baselines."""
    of_layers = 3 + bool(baselines.random_blocks)
    return count * (layers * of_layers + baselines.has_words + (baselines.embeddings is not None))


def probe_baseline(
    what: str,
    read: Callable[[Split], Sides | None],
    labels: np.ndarray,
    names: Sequence[str],
    count: int = SPLITS,
    seed: int = 0,
    groups: np.ndarray | None = None,
) -> Measure:
    """Balanced accuracy of a probe of features without a layer, as `probe` reports for `words`.

    Args:
        what: name of the features.
        read: gives the features of a split's documents; None if there are none.
        labels, names, count, seed, groups: as of `probe`, whose errors it raises.
    """
    check_categories(labels, names, groups)
    scores: list[float] = []
    sides_of = list(splits(labels, count, seed, groups))
    for split in sides_of:
        if (sides := read(split)) is not None:
            scores.append(held_out_accuracy(sides.train, sides.test, labels, split, seed, groups))
    return _measured(what, None, scores, _details(names, seed, sides_of))


def _details(names: Sequence[str], seed: int, splits: Sequence[Split]) -> dict[str, Any]:
    """Of what a mean over splits is; whole groups make their sizes differ, of which this has the mean."""
    train, test = (round(float(np.mean([len(side) for side in sides]))) for sides in zip(*splits, strict=True))
    return {"chance": 1 / len(names), "splits": len(splits), "seed": seed, "train": train, "test": test}


def _measured(what: str, place: int | None, scores: Sequence[float], details: dict[str, Any]) -> Measure:
    """The mean over splits with its interval."""
    if len(scores) < details["splits"]:  # the others' mean would cover other documents
        lacking = "types for every category on both sides" if what == "control" else "words to read"
        undefined = {"undefined": f"only {len(scores)} of {details['splits']} splits have {lacking}"}
        return Measure(PROBE, None, place, None, what, details={**details, **undefined})
    mean, low, high = corrected_interval(scores, details["train"], details["test"])
    return Measure(PROBE, mean, place, None, what, low, high, details=details)


def _read(activations: Activations, spec: AtlasSpec, split: Split) -> Iterator[tuple[Key, Sides]]:
    """The features of a study in a split, one after the other: rows are copied layer by layer."""
    for index, layer in enumerate(activations.layers):
        yield ("full", index), rows(layer, split)
    for index, sides in enumerate(regions(activations, spec, split)):
        yield ("regions", index), sides


def _read_baselines(baselines: Baselines, number: int, split: Split) -> Iterator[tuple[Key, Sides]]:
    """The features of the baselines in the split of a number."""
    untrained = baselines.of_split(number)
    if untrained is not None:
        for index, layer in enumerate(untrained.layers):
            yield ("random_blocks", index), rows(layer, split)
    if baselines.embeddings is not None:
        yield ("embeddings", None), rows(baselines.embeddings, split)
    counts = baselines.words(split)
    if counts is not None:
        yield ("words", None), counts


def _measures(found: dict[Key, list[float]], details: dict[str, Any]) -> list[Measure]:
    """A measure of each kind of features, from its accuracies in the splits."""
    measures = []
    for (what, place), scores in found.items():
        control = found["control", place] if what == "full" else []
        more = {"selectivity": float(np.mean(scores) - np.mean(control))} if len(control) == details["splits"] else {}
        measures.append(_measured(what, place, scores, {**details, **more}))
    return measures
