"""Features of a probe: rows of a layer, regions of an atlas fitted to the training documents, words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from mri_core.atlas.fitting import fit_atlas, place, scores
from mri_core.atlas.kinds import ATLAS_KINDS
from mri_core.errors import MriError, UsageError
from mri_core.probing.resampling import Split
from mri_core.records.arrays import Activations, AtlasSpec
from mri_core.texts.readable import decoded
from mri_core.texts.words import WORDS


class Sides(NamedTuple):
    """(documents, features) of a split's training and held-out documents."""

    train: Any
    test: Any


def rows(layer: np.ndarray, split: Split) -> Sides:
    """A layer's full activations, float64."""
    return Sides(layer[split.train].astype(np.float64), layer[split.test].astype(np.float64))


def regions(activations: Activations, spec: AtlasSpec, split: Split) -> list[Sides]:
    """For each layer a document's features from the atlas: its region, one-hot, or its scores on the components.

    The atlas is fitted to the training documents only; the held-out ones are placed in it.

    Raises:
        MriError: there are fewer training documents than the atlas has clusters or components.
    """
    _check_size(spec, len(split.train))
    fit = fit_atlas(activations, spec, ordinals=split.train)
    held_out = _of(activations, split.test)
    if fit.scores is not None:
        later = scores(fit.atlas, held_out)
        return [Sides(fit.scores[:, i].astype(np.float64), later[i].astype(np.float64)) for i in range(len(later))]
    codes = place(fit.atlas, held_out)
    return [_one_hot(fit.codes[:, i], codes[:, i]) for i in range(codes.shape[1])]


def words(texts: Sequence[str], split: Split) -> Sides | None:
    """Counts of words in any script, the vocabulary that of the training texts; None if these hold no word."""
    from sklearn.feature_extraction.text import CountVectorizer

    vectoriser = CountVectorizer(analyzer=_words_of, max_features=20_000)
    try:
        train = vectoriser.fit_transform([texts[i] for i in split.train])
    except ValueError:  # an empty vocabulary
        return None
    return Sides(train.astype(np.float64), vectoriser.transform([texts[i] for i in split.test]).astype(np.float64))


def types(kinds: np.ndarray, split: Split) -> Sides:
    """The type of each token, one-hot, of kinds (tokens,); a held-out token of another than the training ones has none.

    Words would not do: a token may be a sign, or one letter.
    """
    from scipy.sparse import csr_matrix

    known = np.unique(kinds[split.train])

    def one_hot(own: np.ndarray) -> Any:
        place = np.searchsorted(known, own)
        there = np.flatnonzero(known[np.minimum(place, len(known) - 1)] == own)
        return csr_matrix((np.ones(len(there)), (there, place[there])), shape=(len(own), len(known)))

    return Sides(one_hot(kinds[split.train]), one_hot(kinds[split.test]))


def _words_of(text: str) -> list[str]:
    return WORDS.findall(decoded(text).lower())


def _check_size(spec: AtlasSpec, documents: int) -> None:
    try:
        ATLAS_KINDS[spec.kind].dimensions(spec, documents, ())
    except UsageError as error:
        rule = "A probe fits the study's atlas to the documents of a split that are not held out"
        raise MriError(rule, error.fact, "Scan more documents, or into fewer regions") from error


def _of(activations: Activations, ordinals: np.ndarray) -> Activations:
    tokens = None if activations.tokens is None else activations.tokens[ordinals]
    return replace(activations, layers=tuple(layer[ordinals] for layer in activations.layers), tokens=tokens)


def _one_hot(train: np.ndarray, test: np.ndarray) -> Sides:
    """Columns are the regions of the training documents; a held-out document elsewhere has none of them."""
    occupied = np.unique(train)
    return Sides((train[:, None] == occupied).astype(np.float64), (test[:, None] == occupied).astype(np.float64))
