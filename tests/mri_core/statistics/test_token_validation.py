"""benchmarks/validation/tokens.py in small: texts as blocks, and within types, there is nothing where there is none."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from scipy.stats import binom

from benchmarks.validation.tokens import found, study

pytestmark = pytest.mark.slow
STUDIES = 15
BOUND = binom.ppf(0.999, STUDIES, 0.05)


def studies_with_findings(kind: str, *tests: str) -> Counter[tuple[str, str]]:
    counted: Counter[tuple[str, str]] = Counter()
    for number in range(STUDIES):
        own = study(np.random.default_rng([7, number]), kind, texts=60, moved=0.2)
        for test in tests:
            for family, _, items in found(own, test, number):
                counted[test, family] += bool(items.any())
    return counted


def test_labels_of_texts_by_lot_find_anything_only_if_tokens_are_taken_as_independent():
    counted = studies_with_findings("lot", "block", "independent", "within")
    for family in ("connections", "regions"):
        assert counted["block", family] <= BOUND
        assert counted["within", family] <= BOUND
        assert counted["independent", family] >= STUDIES - 2


@pytest.mark.parametrize("kind", ["words", "tags"])
def test_words_alone_are_found_by_counts_and_not_within_types(kind):
    counted = studies_with_findings(kind, "block", "within")
    assert counted["block", "regions"] >= STUDIES - 3
    assert all(counted["within", family] <= BOUND for family in ("connections", "regions"))


def test_an_effect_within_types_is_found_there():
    counted = studies_with_findings("within", "within")
    assert counted["within", "regions"] >= STUDIES - 3
