"""Maps of the same documents are matched by the documents that their regions share."""

from __future__ import annotations

import numpy as np
import pytest

from mri_core.evidence.matching_maps import align, linear_cka, match_regions


def codes(seed: int, documents: int = 300, layers: int = 4) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 6, (documents, layers))


def test_a_renamed_map_matches_wholly() -> None:
    own = codes(0)
    renamed = (own + 2) % 6 + 10
    alignment = align(own, renamed)
    assert alignment.aligned.tolist() == [0, 1, 2, 3]
    assert alignment.agreement.tolist() == pytest.approx([1] * 4)
    matched = match_regions(own, renamed, alignment.aligned)
    assert (matched.jaccard == 1).all()
    assert (matched.over_chance == 1).all()
    assert (matched.other_code == (matched.code + 2) % 6 + 10).all()
    assert matched.shared.sum() == own.size


def test_layers_of_a_model_of_another_depth_are_aligned_in_order_by_what_they_say_of_one_another() -> None:
    own = codes(1)
    deep = np.stack(
        [codes(2)[:, 0], own[:, 0], own[:, 1], codes(2)[:, 1], own[:, 2], codes(2)[:, 2], own[:, 3]], axis=1
    )
    alignment = align(own, deep)
    assert alignment.aligned.tolist() == [1, 2, 4, 6]
    assert alignment.information.shape == (4, 7)
    assert align(deep, own).aligned[[1, 2, 4, 6]].tolist() == [0, 1, 2, 3]


def test_of_models_of_one_depth_each_layer_is_compared_with_its_namesake() -> None:
    own = codes(3)
    assert align(own, own[:, ::-1]).aligned.tolist() == [0, 1, 2, 3]


def test_independent_maps_agree_as_little_as_shuffled_ones() -> None:
    alignment = align(codes(4), codes(5))
    assert np.abs(alignment.agreement).max() < 0.03
    assert (alignment.floor >= alignment.agreement - 0.02).all()
    matched = match_regions(codes(4), codes(5), alignment.aligned)
    assert np.median(matched.over_chance) < 0.2


def test_a_region_has_one_partner_at_most() -> None:
    own, other = codes(6), np.where(codes(7) > 2, 1, 0)
    matched = match_regions(own, other, np.arange(4))
    for layer in range(4):
        inside = matched.layer == layer
        assert inside.sum() == 2
        assert len(set(matched.other_code[inside].tolist())) == 2


def test_cka_is_one_for_a_rotation_and_a_scale_and_small_for_unrelated_rows() -> None:
    random = np.random.default_rng(8)
    rows = random.normal(size=(400, 12))
    turn = np.linalg.qr(random.normal(size=(12, 12)))[0]
    assert linear_cka(rows, 3 * rows @ turn + 5) == pytest.approx(1)
    assert linear_cka(rows, random.normal(size=(400, 30))) < 0.2
