"""Two corpora in one atlas: each category against its namesake, the categories held constant, and the interaction."""

from __future__ import annotations

import numpy as np
import pytest

from mri_core.evidence.unpaired import contrast, found_items
from mri_core.statistics import exact
from mri_core.statistics.procedure import Procedure

PREFERRED = np.array([[0.4, 0.2, 0.2, 0.1, 0.1], [0.1, 0.4, 0.2, 0.2, 0.1], [0.1, 0.1, 0.1, 0.3, 0.4]])


def corpora(seed: int, documents: int = 360) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Regions, corpus and category of documents whose regions depend on the category alone."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 3, documents)
    codes = np.stack([[random.choice(5, p=PREFERRED[own]) for own in labels] for _ in range(3)], axis=1)
    return codes, random.integers(0, 2, documents), labels


def test_within_a_category_p_is_fishers() -> None:
    codes, side, labels = corpora(0)
    found = contrast(codes, side, Procedure(labels, 3))
    for item in range(0, len(found.layer), 5):
        layer = found.layer[item]
        takes = (codes[:, layer] == found.source[item]) & (codes[:, layer + 1] == found.target[item])
        for label in range(3):
            own = labels == label
            counts = [int((takes & own & (side == corpus)).sum()) for corpus in (0, 1)]
            assert found.counts[item, label].tolist() == counts
            if sum(counts):
                size = (own & (side == 1)).sum()
                expected = exact.fisher(*map(np.array, (counts[1], sum(counts), size, own.sum())))
                assert found.p[item, label] == pytest.approx(float(expected))
            else:
                assert np.isnan(found.p[item, label])


def test_a_category_that_goes_elsewhere_in_the_second_corpus_is_found_there_alone() -> None:
    codes, side, labels = corpora(1, 600)
    moved = (side == 1) & (labels == 0) & (np.random.default_rng(1).random(600) < 0.4)
    codes[np.ix_(moved, [1, 2])] = 4
    found = contrast(codes, side, Procedure(labels, 3))
    first = int(found_items(found, 0)[0])
    assert (found.layer[first], found.source[first], found.target[first]) == (1, 4, 4)
    assert found.effect[first, 0] > 0
    assert found.ci_low[first, 0] > 0
    assert found.passed[1:3].tolist() == [0, 0]


def test_what_one_category_does_and_another_does_not_is_an_interaction() -> None:
    random = np.random.default_rng(2)
    labels, side = np.repeat([0, 1], 400), np.tile([0, 1], 400)
    codes = np.where(random.random((800, 2)) < 0.5, 0, 1)
    codes[(labels == 0) & (side == 1)] = np.where(random.random((200, 1)) < 0.7, 1, 0)
    found = contrast(codes, side, Procedure(labels, 2))
    both = next(item for item in range(len(found.layer)) if (found.source[item], found.target[item]) == (1, 1))
    assert found.interaction_q[both] <= 0.05


@pytest.mark.slow  # an error rate, by simulation
def test_corpora_of_one_source_seldom_differ() -> None:
    called = []
    for seed in range(40):
        found = contrast(*(corpora(seed)[:2]), Procedure(corpora(seed)[2], 3))
        called.append([*(found.passed > 0), np.nanmin(found.interaction_q) <= 0.05])
    assert (np.mean(called, axis=0) <= 0.13).all()


def test_copies_of_a_document_in_one_group_are_no_further_evidence() -> None:
    """Fifteen copies of each document make any difference certain, unless they are known to belong together."""
    independent, grouped = [], []
    for seed in range(8):
        codes, side, labels = corpora(seed, 90)
        several, group = (np.repeat(codes, 15, axis=0), np.repeat(np.arange(90), 15))
        repeated = np.repeat(labels, 15)
        found = contrast(several, np.repeat(side, 15), Procedure(repeated, 3, groups=group, permutations=200))
        assert np.isnan(found.interaction_q).all()
        grouped.append(found.passed.sum())
        independent.append(contrast(several, np.repeat(side, 15), Procedure(repeated, 3)).passed.sum())
    assert np.mean(grouped) < 1
    assert np.mean(independent) > 50
