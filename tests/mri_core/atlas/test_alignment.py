"""Rows rotated onto those of another model: what is found, of which documents, and what happens where nothing says."""

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import ortho_group

from mri_core.atlas.alignment import Aligned, alignment_measure, fit_alignment, halves, procrustes
from mri_core.atlas.fitting import fit_atlas
from mri_core.chunks import chunks
from mri_core.errors import UsageError
from mri_core.records.arrays import Activations, AtlasSpec
from tests.mri_core.test_chunks import resident

WIDTH = 12


def rows_of(documents, width=WIDTH, seed=0):
    """Six groups of documents, apart from one another."""
    generator = np.random.default_rng(seed)
    centres = generator.normal(scale=4, size=(6, width))
    return (centres[generator.integers(0, 6, documents)] + generator.normal(size=(documents, width))).astype("float32")


def turned(rows, seed=1):
    """The rows rotated at random and shifted, in float64."""
    rotation = ortho_group.rvs(rows.shape[1], random_state=seed)
    shift = np.random.default_rng(seed).normal(scale=5, size=rows.shape[1])
    return (rows @ rotation + shift).astype("float32"), rotation


def applied(rows, alignment):
    return np.concatenate([Aligned(rows, alignment)[slice(i, i + 7)] for i in range(0, len(rows), 7)])


def is_orthogonal(matrix):
    return np.allclose(matrix @ matrix.T, np.eye(len(matrix)), atol=1e-5)


def test_a_rotation_and_a_shift_are_undone_for_documents_that_took_no_part():
    reference = rows_of(400)
    rows, rotation = turned(reference)
    found = fit_alignment(rows, reference, halves(400, 0).fitted)
    np.testing.assert_allclose(found.rotation, rotation.T, atol=1e-4)
    np.testing.assert_allclose(applied(rows, found), reference, atol=1e-3)


def test_a_reflection_is_undone_too():
    reference = rows_of(200)
    found = fit_alignment(reference * np.r_[-1, np.ones(WIDTH - 1)].astype("float32"), reference, np.arange(100))
    assert np.linalg.det(found.rotation) == pytest.approx(-1, abs=1e-4)


def test_no_rotation_fits_better():
    reference, rows = rows_of(80), rows_of(80, seed=5)
    found = fit_alignment(rows, reference, np.arange(80))
    own, other = rows - rows.mean(0), reference - reference.mean(0)
    least = np.square(own @ found.rotation - other).sum()
    assert is_orthogonal(found.rotation)
    for seed in range(50):
        near = procrustes(found.rotation + 0.05 * np.random.default_rng(seed).normal(size=(WIDTH, WIDTH)), WIDTH)
        assert np.square(own @ near - other).sum() > least


def test_the_judged_half_has_no_part_in_the_fit():
    reference, (fitted, judged) = rows_of(60), halves(60, 3)
    rows, _ = turned(reference)
    found = fit_alignment(rows, reference, fitted)
    rows[judged], reference[judged] = np.nan, np.nan
    again = fit_alignment(rows, reference, fitted)
    assert all(np.array_equal(getattr(found, part), getattr(again, part)) for part in ("mean", "target", "rotation"))


@pytest.mark.parametrize("width", [30, 100])  # all directions at once, and those alone that documents span
def test_where_no_document_differs_on_either_side_nothing_is_rotated(width):
    reference = rows_of(20, width)
    rows, _ = turned(reference)
    found = fit_alignment(rows, reference, np.arange(20))
    assert is_orthogonal(found.rotation)
    np.testing.assert_allclose(applied(rows, found), reference, atol=2e-3)
    spanned = np.concatenate([rows - rows.mean(0), reference - reference.mean(0)])
    outside = np.linalg.svd(spanned)[2][np.linalg.matrix_rank(spanned.astype("float64"), tol=1e-3) :]
    assert len(outside) == max(width - 2 * 19, 0)
    np.testing.assert_allclose(outside @ found.rotation, outside, atol=1e-4)


@pytest.mark.parametrize("width", [30, 100])
def test_of_all_rotations_that_fit_as_well_the_nearest_to_none_is_taken(width):
    reference = rows_of(12, width)
    rows, _ = turned(reference)
    rotation = fit_alignment(rows, reference, np.arange(12)).rotation.astype("float64")
    free = np.linalg.svd(rows - rows.mean(0, dtype="float64"))[2][11:]
    distance = np.linalg.norm(rotation - np.eye(width))
    for seed in range(50):
        small = np.random.default_rng(seed).normal(scale=0.05, size=(len(free), len(free)))
        turn = np.linalg.qr(np.eye(len(free)) + small - small.T)[0]
        turn *= np.sign(turn.diagonal())
        other = (np.eye(width) + free.T @ (turn - np.eye(len(free))) @ free) @ rotation
        np.testing.assert_allclose((rows - rows.mean(0)) @ other, (rows - rows.mean(0)) @ rotation, atol=1e-3)
        assert np.linalg.norm(other - np.eye(width)) > distance


def test_the_same_rows_are_not_rotated_however_few():
    rows = rows_of(9, 40)
    np.testing.assert_allclose(fit_alignment(rows, rows, np.arange(9)).rotation, np.eye(40), atol=1e-5)


def test_rows_that_are_all_the_same_are_moved_and_not_rotated():
    rows = np.ones((8, 5), dtype="float32")
    found = fit_alignment(rows, 3 * rows, np.arange(8))
    np.testing.assert_array_equal(found.rotation, np.eye(5))
    np.testing.assert_array_equal(found.applied(rows), 3 * rows)


def test_halves_are_seeded_and_part_the_documents():
    fitted, judged = halves(101, 0)
    assert (len(fitted), len(judged)) == (51, 50)
    assert sorted([*fitted, *judged]) == list(range(101))
    assert not np.array_equal(fitted, halves(101, 1).fitted)
    assert np.array_equal(fitted, halves(101, 0).fitted)


def test_a_group_is_in_one_half():
    groups = np.random.default_rng(0).integers(0, 15, 90)
    fitted, judged = halves(90, 0, groups)
    assert not set(groups[fitted]) & set(groups[judged])
    assert 45 <= len(fitted) < 60


@pytest.mark.parametrize(("documents", "groups"), [(3, None), (6, np.zeros(6, dtype=int))])
def test_too_few_documents_are_refused(documents, groups):
    with pytest.raises(UsageError, match="fitted on one half of the documents"):
        halves(documents, 0, groups)


@pytest.mark.parametrize("atlas", ["clusters", "grid"])
def test_the_measure_is_what_a_count_of_the_judged_documents_gives(atlas):
    from mri_core.atlas.fitting import place

    reference = Activations((rows_of(300), rows_of(300, seed=2)))
    fit = fit_atlas(reference, AtlasSpec(atlas, resolution=4))
    own = Activations(tuple(turned(rows)[0] for rows in reference.layers))
    fitted, judged = halves(300, 0)
    for index, (rows, others) in enumerate(zip(own.layers, reference.layers, strict=True)):
        found = fit_alignment(rows, others, fitted)
        measure = alignment_measure(fit.atlas, index, own, reference, found, judged)
        plain = place(fit.atlas, own)[judged, index] == fit.codes[judged, index]
        spread = np.square(others[judged] - others[fitted].mean(0)).sum()
        assert (measure.kind, measure.layer, measure.details["judged"]) == ("alignment", index, 150)
        assert measure.value > 0.99
        assert measure.details["unaligned"] == plain.mean() < 0.5
        assert measure.details["residual"] < 1e-6
        before = np.square(rows[judged] - others[judged]).sum() / spread
        assert measure.details["residual_unaligned"] == pytest.approx(before, rel=1e-5)


def test_rows_that_are_noise_are_not_fitted_to_the_judged_documents():
    reference = Activations((rows_of(60, 40),))
    noise = Activations((np.random.default_rng(4).normal(size=(60, 40)).astype("float32"),))
    fitted, judged = halves(60, 0)
    atlas = fit_atlas(reference, AtlasSpec(clusters=6)).atlas
    found = fit_alignment(noise.layers[0], reference.layers[0], fitted)
    of_fitted = alignment_measure(atlas, 0, noise, reference, found, fitted)
    of_judged = alignment_measure(atlas, 0, noise, reference, found, judged)
    assert of_judged.value < 0.5
    assert of_judged.details["residual"] > 0.8 > of_fitted.details["residual"]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the resident set is read from /proc")
def test_memory_does_not_grow_with_the_documents(tmp_path):
    rows = np.random.default_rng(0).normal(size=(20_000, 256)).astype("float32")
    np.save(tmp_path / "own.npy", rows)  # 20 MiB
    np.save(tmp_path / "other.npy", rows[:, ::-1])
    atlas = fit_atlas(Activations((rows[:500],)), AtlasSpec(clusters=6)).atlas
    own, other = (np.load(tmp_path / f"{name}.npy", mmap_mode="r") for name in ("own", "other"))
    before = resident()
    found = fit_alignment(own, other, halves(20_000, 0).fitted)
    blocks = chunks(Aligned(own, found))
    assert max(resident() - before for _, block in blocks if block.any()) < 10 * 1024
    alignment_measure(atlas, 0, Activations((own,)), Activations((other,)), found, np.arange(20_000))
    assert resident() - before < 10 * 1024


def test_components_hold_no_documents_and_have_a_residual_alone():
    reference = Activations((rows_of(50),))
    fit = fit_atlas(reference, AtlasSpec("components", components=3))
    found = fit_alignment(reference.layers[0], reference.layers[0], np.arange(25))
    measure = alignment_measure(fit.atlas, 0, reference, reference, found, np.arange(25, 50))
    assert (measure.value, measure.details["unaligned"]) == (None, None)
    assert "components" in measure.details["undefined"]
    assert measure.details["residual"] < 1e-9
