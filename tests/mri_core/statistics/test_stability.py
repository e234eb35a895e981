"""Findings found again in refits, and the routing floor: occupancy and routing planted each without the other."""

import numpy as np
import pytest

from mri_core.atlas.fitting import fit_atlas
from mri_core.connectome.counting import build_connectome
from mri_core.evidence.refits import refitted
from mri_core.records.arrays import Activations, AtlasSpec
from mri_core.statistics.counts import connection_counts
from mri_core.statistics.families import find_differences
from mri_core.statistics.procedure import Procedure
from mri_core.statistics.stability import routing_floor_measures, stability
from mri_core.statistics.tables import connection_tables
from tests.planted import random_codes


def planted_cells(documents=400):
    """Category 1 goes from region 0 to region 3 and the others do not: named both ways, also where it never goes."""
    codes, labels = random_codes(documents, 3, 4, 0), np.arange(documents) % 2
    codes[:, 2] = np.where((codes[:, 1] == 0) & (labels == 1), 3, codes[:, 2])
    codes[:, 2] = np.where((codes[:, 1] == 0) & (labels == 0), 1, codes[:, 2])
    return codes, labels


def test_what_is_in_every_refit_is_stable_and_what_is_in_half_is_half_as_stable():
    codes, labels = planted_cells()
    shuffled = codes[np.random.default_rng(1).permutation(len(codes))]
    found = stability(codes, Procedure(labels, 2), [codes, shuffled])
    theirs = find_differences(connection_counts(build_connectome(codes, labels, 2)))
    assert (np.isnan(found.found) == (theirs.evidence.finding == 0)).all()
    assert set(found.found[~np.isnan(found.found)].tolist()) == {0.5}
    assert len(found.avoided) == len(theirs.avoided.item) > 0
    assert set(found.avoided.tolist()) == {0.5}
    assert found.refits == 2


def test_a_finding_of_the_other_sign_is_not_the_same_finding():
    codes, labels = planted_cells()
    turned = codes.copy()
    turned[::2], turned[1::2] = codes[1::2], codes[::2]
    assert np.nanmax(stability(codes, Procedure(labels, 2), [turned]).found) == 0


def test_a_finding_in_a_region_that_the_atlas_does_not_have_is_not_the_same_finding():
    codes, labels = planted_cells()
    elsewhere = codes + 4
    found = stability(codes, Procedure(labels, 2), [elsewhere])
    assert np.nanmax(found.found) == 0
    assert found.avoided.max() == 0


@pytest.mark.parametrize("fdr", ["discrete", "fwer"])
def test_occupancy_alone_is_no_routing_and_routing_alone_is(fdr):
    generator = np.random.default_rng(0)
    labels = np.arange(600) % 2
    source = np.where(generator.random(600) < np.where(labels, 0.75, 0.25), 1, 0)
    target = np.where(generator.random(600) < np.where(source, 0.7, 0.4), 1, 0)
    tables = connection_tables(np.stack([source, target], axis=1))
    procedure = Procedure(labels, 2, fdr, permutations=300)
    assert procedure.differences(tables).passed == 4
    assert procedure.differences(tables, inside=True).passed == 0
    source = generator.integers(2, size=600)
    target = np.where(generator.random(600) < np.where(labels & source, 0.75, 0.4), 1, 0)
    tables = connection_tables(np.stack([source, target], axis=1))
    assert (procedure.differences(tables, inside=True).q <= 0.05).tolist() == [False, False, True, True]


def test_documents_in_groups_are_tested_by_their_groups():
    codes, labels = planted_cells(40)
    copies, copied = np.repeat(codes, 10, axis=0), np.repeat(labels, 10)
    tables = connection_tables(copies)
    groups = np.repeat(np.arange(40), 10)
    alone = Procedure(copied, 2, permutations=200).differences(tables).passed
    together = Procedure(copied, 2, groups=groups, permutations=200).differences(tables).passed
    assert together < alone / 2


def continuous(turned, noise=0.1, documents=1_200):
    """Every layer is the same map with some noise, in which the categories sit in different parts of the regions.

    With `turned` the documents of a category on one side move on from layer 1 to layer 2, and all others stay.
    """
    generator = np.random.default_rng(0)
    labels = np.arange(documents) % 2
    places = generator.normal(size=(documents, 4)) * (2, 1.5, 1, 0.5)
    places[:, 0] += 2 * labels
    later = places.copy()
    later[(places[:, 1] > 0) & (labels == 1), 2] += turned
    blur = noise * generator.normal(size=(3, documents, 4))
    return Activations(tuple((np.stack([places, places, later]) + blur).astype(np.float32))), labels


def routing_and_floor(turned, kind, noise=0.1):
    activations, labels = continuous(turned, noise)
    fit = fit_atlas(activations, AtlasSpec(kind=kind, clusters=6, resolution=4, standardize=False))
    refits = (refit.codes for refit in refitted(activations, fit.atlas, fit.codes, seed=0, refits=4))
    return stability(fit.codes, Procedure(labels, 2), refits)


@pytest.mark.parametrize("kind", ["clusters", "grid"])
def test_a_map_that_stays_the_same_has_no_routing_beyond_its_floor(kind):
    found = routing_and_floor(0, kind)
    assert np.sum(~np.isnan(found.found)) > 0  # categories sit in different places, so that connections differ
    assert found.moved.sum() < found.floor_moved.sum()
    assert (found.routing <= found.floor + 1).all()


@pytest.mark.parametrize("kind", ["clusters", "grid"])
def test_a_category_that_moves_on_alone_has_routing_beyond_the_floor(kind):
    found = routing_and_floor(3, kind)
    assert found.routing[1] > 2 * found.floor[1] + 3
    assert found.routing[0] <= found.floor[0] + 1


def test_layers_with_more_noise_than_a_refit_are_told_by_the_documents_that_move():
    found = routing_and_floor(0, "clusters", noise=1)
    assert (found.moved > 1.5 * found.floor_moved).all()


def test_the_floor_is_told_for_each_step_beside_the_routing():
    codes, labels = planted_cells()
    found = stability(codes, Procedure(labels, 2), [codes])
    measures = routing_floor_measures(found)
    assert [m.layer for m in measures] == [0, 1]
    assert [m.value for m in measures] == [0, 0]  # against itself a layer moves nobody
    assert measures[1].details["routing"] == found.routing[1] > 0
