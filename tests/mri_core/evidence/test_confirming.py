"""A confirmation tests claims on new documents, one-sided, with Holm's correction, and says by how much they shrink."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import fisher_exact

from mri_core.evidence.confirming import Claim, confirm, holm

NAMES = ["a", "b", "c"]


SHARE = 0.15  # of the documents of the other categories, on every connection


def share(effect: float) -> float:
    """Of a category whose odds are those of the others times exp(effect)."""
    odds = np.exp(effect)
    return float(SHARE * odds / (1 + SHARE * (odds - 1)))


def claims(count: int, effect: float = 1.2) -> list[Claim]:
    ways = [("more", effect), ("less", -effect)]
    return [
        Claim(f"L0/R{i}", f"L1/R{i}", NAMES[i % 3], *ways[i % 2], share(ways[i % 2][1]), SHARE) for i in range(count)
    ]


def documents(seed: int, count: int, strength: float) -> tuple[np.ndarray, np.ndarray]:
    """Labels, and which documents take each claim's connection: with odds as claimed, times the strength."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 3, 600)
    shares = np.full((count, 3), SHARE)
    for i in range(count):
        shares[i, i % 3] = share(1.2 * strength * (1 if i % 2 == 0 else -1))
    return labels, random.random((count, 600)) < shares[:, labels]


def test_p_is_fishers_in_the_direction_of_the_claim() -> None:
    labels, taken = documents(0, 6, 1)
    found = confirm(taken, labels, claims(6), NAMES)
    for row, claim in enumerate(found.claims):
        own = labels == NAMES.index(claim.category)
        table = [
            [(taken[row] & own).sum(), (~taken[row] & own).sum()],
            [(taken[row] & ~own).sum(), (~taken[row] & ~own).sum()],
        ]
        way = "greater" if claim.finding == "more" else "less"
        assert found.p[row] == pytest.approx(fisher_exact(table, way).pvalue)
        assert (found.weight[row], found.others[row]) == (table[0][0], table[1][0])


def test_holm_is_the_step_down_of_bonferroni() -> None:
    assert holm(np.array([0.04, 0.01, 0.03])).tolist() == pytest.approx([0.06, 0.03, 0.06])
    assert holm(np.array([0.6, 0.9])).tolist() == [1, 1]


def test_effects_that_are_there_replicate_with_a_slope_of_one() -> None:
    labels, taken = documents(1, 30, 1)
    found = confirm(taken, labels, claims(30), NAMES)
    assert found.replicated.mean() > 0.8
    assert found.slope_low < 1 < found.slope_high


def test_effects_of_half_the_size_have_a_slope_of_a_half() -> None:
    labels, taken = documents(2, 60, 0.5)
    found = confirm(taken, labels, claims(60), NAMES)
    assert found.slope_low < 0.5 < found.slope_high < 0.9


@pytest.mark.slow
def test_where_nothing_is_there_any_claim_replicates_in_few_studies_and_the_slope_is_nothing() -> None:
    replicated, slopes = [], []
    for seed in range(40):
        labels, taken = documents(seed, 20, 0)
        found = confirm(taken, labels, claims(20), NAMES)
        replicated.append(found.replicated.any())
        slopes.append(found.slope)
    assert np.mean(replicated) <= 0.125
    assert abs(np.mean(slopes)) < 0.05


def test_the_other_direction_never_replicates() -> None:
    labels, taken = documents(3, 6, -1)
    assert not confirm(taken, labels, claims(6), NAMES).replicated.any()


def test_copies_of_a_document_in_one_group_are_no_further_evidence() -> None:
    random = np.random.default_rng(4)
    labels = np.arange(24) % 3
    taken = random.random((1, 24)) < np.where(labels == 0, 0.5, 0.25)
    several = np.repeat(taken, 20, axis=1)
    groups = np.repeat(np.arange(24), 20)
    alone = confirm(taken, labels, claims(1), NAMES).p[0]
    grouped = confirm(several, np.repeat(labels, 20), claims(1), NAMES, groups).p[0]
    assert confirm(several, np.repeat(labels, 20), claims(1), NAMES).p[0] < 1e-3 * alone
    assert grouped == pytest.approx(alone, abs=0.05)


@pytest.mark.parametrize("size", [30, 300, 3_000])
def test_the_same_shares_in_fewer_or_more_documents_have_a_slope_of_one(size: int) -> None:
    """Three fifths of the category, and none of the others: the odds ratio is infinite but for the document added."""
    labels = np.repeat([0, 1], size // 2)
    taken = np.zeros((1, size), dtype=bool)
    taken[0, : size * 3 // 10] = True
    (claim,) = (Claim("L0/R0", "L1/R0", "a", "more", 7.3, 0.6, 0.0),)
    found = confirm(taken, labels, [claim], ["a", "b"])
    assert found.slope == pytest.approx(1)
    assert found.before[0] == pytest.approx(found.effect[0])
