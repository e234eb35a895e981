"""Findings by family, and their number under shuffled labels."""

import numpy as np
import pytest
from scipy.stats import binom

from mri_core.connectome.counting import build_connectome
from mri_core.statistics.blocks import label_permutations
from mri_core.statistics.controls import count_findings, shuffled_findings
from mri_core.statistics.counts import activity_counts, connection_counts, routing_counts
from mri_core.statistics.families import find_differences
from mri_core.statistics.procedure import Procedure
from mri_core.statistics.tables import connection_tables
from tests.planted import random_codes


def planted():
    codes, labels = random_codes(300, 3, 4, 0), np.arange(300) % 3
    codes[:, 2] = np.where(labels == 2, 3, codes[:, 2])
    return codes, labels


@pytest.mark.parametrize("fdr", ["discrete", "bh"])
def test_findings_are_those_of_the_families(fdr):
    codes, labels = planted()
    connectome = build_connectome(codes, labels, 3)
    found = count_findings(codes, Procedure(labels, 3, fdr))
    families = connection_counts(connectome), activity_counts(connectome), routing_counts(connectome)
    assert found[:3] == tuple(find_differences(counts, fdr).passed for counts in families)
    assert found.connections > 0
    assert found.parting == 4  # every region of the second layer sends a category elsewhere


def test_shuffled_labels_find_next_to_nothing_and_the_same_seed_finds_the_same():
    codes, labels = planted()
    procedure = Procedure(labels, 3)
    found = shuffled_findings(codes, procedure, shuffles=40, most=1_000)
    for family in zip(*found, strict=True):
        assert np.count_nonzero(family) <= binom.ppf(0.999, 40, 0.05)
    assert shuffled_findings(codes, procedure, shuffles=3, most=1_000) == found[:3]


def test_what_groups_find_by_chance_is_found_without_them_only():
    codes = np.repeat([[0, 0], [1, 1]], 20, axis=0)
    labels, groups = np.repeat([0, 1], 20), np.repeat([0, 1, 2, 3], 10)
    together = Procedure(labels, 2, groups=groups, permutations=50)
    assert all(found.connections == 0 for found in shuffled_findings(codes, together, shuffles=10))
    # every third shuffle of the four groups parts the regions as the labels do, which ten documents each seem to prove
    alone = [count_findings(codes, Procedure(own, 2)) for own in label_permutations(labels, 10, 0, groups)]
    assert any(found.connections == 2 for found in alone)


@pytest.mark.parametrize("inside", [False, True])
def test_what_is_only_counted_is_found_alike_without_intervals(inside):
    generator = np.random.default_rng(4)
    labels = generator.integers(3, size=300)
    codes = generator.integers(4, size=(300, 3))
    codes[labels == 1, 2] = codes[labels == 1, 1]
    procedure, tables = Procedure(labels, 3), connection_tables(codes)
    whole, counted = (own.differences(tables, inside=inside) for own in (procedure, procedure.repeated))
    assert whole.passed == counted.passed > 0
    for name in ("finding", "p", "effect", "name_q"):
        np.testing.assert_array_equal(getattr(whole.evidence, name), getattr(counted.evidence, name))
    named = whole.evidence.finding != 0
    assert np.isfinite(whole.evidence.ci_low[named]).any()
    assert np.isnan(counted.evidence.ci_low).all()
