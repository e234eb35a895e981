"""The universes of a study, and its headline numbers in each against the same analysis made alone."""

from dataclasses import replace

import numpy as np
import pytest

from mri_core.atlas.fitting import fit_atlas
from mri_core.errors import UsageError
from mri_core.evidence.multiverse import Universe, multiverse_measures, universes
from mri_core.records.arrays import Activations, AtlasSpec
from mri_core.records.measures import NUMBERS
from mri_core.statistics.controls import count_findings
from mri_core.statistics.procedure import Procedure

SPEC = AtlasSpec(clusters=4, seed=5)


def activations(tokens=True, documents=60):
    generator = np.random.default_rng(3)
    labels = np.arange(documents) % 2
    layers = tuple((generator.normal(size=(documents, 6)) + labels[:, None] * (1, 3, 0, 0, 0, 0)) for _ in range(2))
    lengths = generator.integers(5, 90, size=documents) if tokens else None
    return Activations(tuple(layer.astype(np.float32) for layer in layers), lengths), labels


def test_all_combinations_are_universes_and_the_studys_own_is_the_first():
    found = universes(activations()[0], SPEC, seeds=2)
    assert found[0] == Universe(5, 4, True, True)
    assert len(set(found)) == len(found) == 2 * 3 * 2 * 2
    assert {(one.seed, one.clusters) for one in found} == {(s, k) for s in (5, 6) for k in (4, 2, 8)}
    assert {one.clusters for one in universes(activations()[0], SPEC, 1, [7, 4])} == {4, 7}


def test_what_cannot_be_adjusted_for_length_is_not():
    own = universes(activations(tokens=False)[0], SPEC, seeds=1)
    assert {one.length_adjust for one in own} == {False}
    assert len(own) == 3 * 2


def test_a_multiverse_of_cells_is_refused():
    with pytest.raises(UsageError, match="This one is of grid"):
        universes(activations()[0], AtlasSpec(kind="grid"), 1)


def test_each_universe_has_the_numbers_that_its_choices_give_alone():
    rows, labels = activations()
    procedure = Procedure(labels, 2, seed=5)
    choices = universes(rows, SPEC, seeds=2)
    steps: list[int] = []
    found = multiverse_measures(rows, SPEC, procedure, choices, lambda: steps.append(1))
    assert len(steps) == 2 * len(choices)
    assert len({(m.kind, m.other) for m in found}) == len(found) == len(NUMBERS) * len(choices)
    last = replace(SPEC, seed=6, clusters=8, standardize=False, length_adjust=False)
    codes = fit_atlas(rows, last).codes
    told = {m.details["number"]: m for m in found if m.details["universe"] == len(choices) - 1}
    assert told["connections"].other == "connections | seed 6, 8 clusters, own scales, length not adjusted"
    counted = count_findings(codes, procedure)
    assert [told[name].value for name in NUMBERS[:4]] == list(counted)
    steps_taken = np.column_stack([codes, labels])
    assert told["connections_taken"].value == len(np.unique(steps_taken, axis=0))
