"""Token frequencies: counted once, and part of the atlas that adjusts for them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mri_core.atlas.compact import placed_rows
from mri_core.atlas.file import atlas_hash, pack_atlas, unpack_atlas
from mri_core.atlas.fitting import fit_atlas, place, scores
from mri_core.atlas.frequency import frequency_of, log_frequency
from mri_core.atlas.parts import TokenMap
from mri_core.atlas.spec import adjusts_for_length
from mri_core.evidence.refits import refitted
from mri_core.records.arrays import Activations, AtlasSpec


def tokens(seed: int, count: int = 400) -> Activations:
    """Rows of tokens that lie along place and log frequency, and little else."""
    generator = np.random.default_rng(seed)
    known = np.column_stack([generator.integers(1, 60, count), generator.gamma(2, 1.5, count)])
    effect = np.outer(known[:, 1], [3, -2, 0, 1, 0, 2]) + np.outer(1 / known[:, 0], [0, 40, 10, 0, -20, 5])
    rows = (effect + generator.normal(size=effect.shape)).astype(np.float32)
    return Activations((rows, rows[:, ::-1].copy()), known)


def test_frequencies_are_the_log_of_one_more_than_how_often_a_token_occurs_and_0_for_unknown_ones() -> None:
    frequency = frequency_of(np.array([7, 3, 7, 7, 900]))
    assert (frequency.ids.tolist(), frequency.counts.tolist()) == ([3, 7, 900], [1, 3, 1])
    assert log_frequency(frequency, np.array([900, 7, 5, 10_000])) == pytest.approx(np.log([2, 4, 1, 1]))
    assert log_frequency(frequency_of(np.empty(0, dtype=np.int64)), np.array([5])).tolist() == [0.0]


def test_an_atlas_of_tokens_explains_nothing_by_place_or_frequency_in_its_coordinates() -> None:
    rows = tokens(0)
    position, frequency = np.asarray(rows.tokens).T
    terms = np.column_stack([np.ones(len(position)), 1 / position, np.log(position), position, frequency])
    for reduced in scores(fit_atlas(rows, AtlasSpec()).atlas, rows):
        explained = terms @ np.linalg.lstsq(terms, reduced.astype(float), rcond=None)[0]
        assert np.abs(explained).max() < 1e-3 * reduced.std()


def test_tokens_are_placed_one_at_a_time_as_together_and_taken_apart_to_the_same_place() -> None:
    known, later = tokens(0), tokens(1, 30)
    atlas = fit_atlas(known, AtlasSpec()).atlas
    codes = place(atlas, later)
    assert (np.hstack(placed_rows(atlas, later.layers, later.tokens)) == codes).all()
    alone = Activations(tuple(rows[7:8] for rows in later.layers), np.asarray(later.tokens)[7:8])
    assert (place(atlas, alone) == codes[7:8]).all()
    apart = TokenMap.of(atlas.spec, atlas.layers[0], (12.0, 3.0))
    for row, known_of, own in zip(later.layers[0], np.asarray(later.tokens), scores(atlas, later)[0], strict=True):
        found = apart.coordinates(row[None], tuple(known_of))
        assert found.tokens[0] + found.length == pytest.approx(own, abs=1e-3)


def test_tokens_are_adjusted_for_from_five_a_coefficient() -> None:
    assert not adjusts_for_length(AtlasSpec(), tokens(0, 24))
    assert adjusts_for_length(AtlasSpec(), tokens(0, 25))
    assert fit_atlas(tokens(0, 24), AtlasSpec(clusters=3)).atlas.layers[0].length_coefficients is None


def test_refits_of_an_atlas_of_tokens_are_adjusted_too() -> None:
    rows = tokens(0, 200)
    fit = fit_atlas(rows, AtlasSpec(clusters=4))
    found = list(refitted(rows, fit.atlas, fit.codes, seed=1, refits=2))
    assert all(refit.codes.shape == (200, 2) for refit in found)


def test_an_atlas_keeps_its_frequencies_and_its_hash_is_theirs_too() -> None:
    frequency = frequency_of(np.array([7, 3, 7]))
    atlas = fit_atlas(tokens(0), AtlasSpec(), frequency=frequency).atlas
    loaded = unpack_atlas(pack_atlas(atlas), atlas_hash(atlas))
    assert loaded.frequency is not None
    assert (loaded.frequency.ids.tolist(), loaded.frequency.counts.tolist()) == ([3, 7], [1, 2])
    assert loaded.frequency.ids.dtype == loaded.frequency.counts.dtype == np.int64
    assert pack_atlas(loaded) == pack_atlas(atlas)
    others = [replace(atlas, frequency=own) for own in (None, frequency_of(np.array([7, 3, 3])))]
    assert len({atlas_hash(own) for own in (atlas, *others)}) == 3


def test_an_atlas_without_frequencies_has_the_hash_and_bytes_that_it_had() -> None:
    atlas = fit_atlas(tokens(0), AtlasSpec()).atlas
    assert b"frequency" not in pack_atlas(atlas)
    assert unpack_atlas(pack_atlas(atlas), atlas_hash(atlas)).frequency is None
