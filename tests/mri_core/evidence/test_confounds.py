"""Confounds as numbers, against what is worked out by hand or with SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import f_oneway
from sklearn.metrics import adjusted_mutual_info_score

from mri_core.evidence.confounds import (
    Unadjusted,
    balance,
    duplicates,
    form,
    length_by_category,
    length_in_regions,
    tokens_by_category,
    tokens_in_regions,
    types_of_regions,
)
from mri_core.records.measures import Measure
from mri_core.texts.near_duplicates import NearDuplicates


def test_length_in_regions_is_told_layer_by_layer() -> None:
    assert length_in_regions([0.4, 0.1], [0.02, 0.03], [0.5, 0.2]) == [
        Measure("confound", 0.4, 0, other="length", details={"by_chance": 0.02, "unadjusted": 0.5}),
        Measure("confound", 0.1, 1, other="length", details={"by_chance": 0.03, "unadjusted": 0.2}),
    ]
    assert [found.details for found in length_in_regions([0.4], [0.02], [])] == [{"by_chance": 0.02}]
    assert length_in_regions([], [], []) == []


def test_length_by_category_is_the_eta_squared_of_a_one_way_analysis_of_variance() -> None:
    generator = np.random.default_rng(0)
    labels = np.array([0] * 12 + [1] * 9 + [2] * 4)
    lengths = np.round(np.exp(generator.normal(4, 0.6, 25) + 0.3 * labels)).astype(int)
    found = length_by_category(lengths, "tokens", labels, "abc")
    parts = [np.log(lengths[labels == label]) for label in range(3)]
    ratio = f_oneway(*parts).statistic * 2 / 22  # of the sums of squares between and within
    assert found.value == pytest.approx(ratio / (1 + ratio))
    assert found.details["by_chance"] == 2 / 24
    assert found.details["mean"] == pytest.approx({n: lengths[labels == i].mean() for i, n in enumerate("abc")})
    assert (found.other, found.details["unit"]) == ("length_by_category", "tokens")


def test_by_chance_is_what_categories_without_a_meaning_explain() -> None:
    generator = np.random.default_rng(1)
    lengths = np.round(np.exp(generator.normal(4, 0.6, 40)))
    labels = np.arange(40) % 5
    found = [length_by_category(lengths, "tokens", generator.permutation(labels), "abcde") for _ in range(2_000)]
    values = np.array([measure.value for measure in found])
    error = values.std() / np.sqrt(len(values))
    assert abs(values.mean() - found[0].details["by_chance"]) < 4 * error


def test_a_text_of_nothing_counts_as_one_long() -> None:
    assert length_by_category(np.array([0, 1, 0, 1]), "characters", np.array([0, 0, 1, 1]), "ab").value == 0


def test_form_tells_how_far_apart_the_furthest_categories_are() -> None:
    words, cut = form(
        {
            "a": {"tokens_per_word": 1.5, "cut_share": 0.25},
            "b": {"tokens_per_word": 1.2, "cut_share": 0.0},
            "wordless": {"cut_share": 0.125},
        }
    )
    assert (words.other, words.value) == ("tokens_per_word", pytest.approx(1.25))
    assert words.details == {"by_category": {"a": 1.5, "b": 1.2}}
    assert (cut.other, cut.value, len(cut.details["by_category"])) == ("cut", 0.25, 3)


def test_what_is_not_known_of_two_categories_is_no_measure() -> None:
    assert form({}) == []
    assert form({"a": {"tokens_per_word": 1.5}, "b": {}}) == []
    assert form({"a": {"tokens_per_word": 1.5}, "b": {"tokens_per_word": 0.0}}) == []


# Documents 0, 1, 5 are alike, and so are 2, 4; 3, 6 and 7 are alone.
ALIKE = NearDuplicates(np.array([0, 0, 1, 2, 1, 0, 3, 4]), np.array([3, 2, 1, 1, 1]))
LABELS = np.array([0, 0, 0, 0, 0, 1, 1, 1])


def test_duplicates_are_counted_by_category_and_across() -> None:
    found = duplicates(ALIKE, LABELS, "ab")
    assert (found.other, found.value) == ("duplicates", 5 / 8)
    assert found.details == {
        "documents": 5,
        "by_category": {"a": 4 / 5, "b": pytest.approx(1 / 3)},
        "across_categories": 3,
        "examples": [[0, 1, 5], [2, 4]],
    }


def test_near_duplicates_that_a_group_keeps_together_are_not_counted() -> None:
    groups = np.array([0, 0, 2, 3, 2, 5, 5, 7])  # 2 and 4 belong together; of 0, 1, 5 the last stands elsewhere
    found = duplicates(ALIKE, LABELS, "ab", groups)
    assert (found.details["documents"], found.details["examples"]) == (3, [[0, 1, 5]])
    everything = duplicates(ALIKE, LABELS, "ab", np.zeros(8, dtype=int))
    assert (everything.value, everything.details["examples"]) == (0, [])


def test_balance_is_the_largest_category_over_the_smallest() -> None:
    assert balance({"a": 30, "b": 12, "c": 20}) == Measure(
        "confound", 2.5, other="balance", details={"most": "a", "least": "b"}
    )


def planted_tokens(count: int = 4_000) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Places, log frequencies, types, and regions: first those of the type, then of the place, then by lot."""
    generator = np.random.default_rng(3)
    types = np.minimum(generator.zipf(1.5, count), 40)
    positions = generator.integers(1, 80, count).astype(float)
    frequencies = np.log1p(np.bincount(types))[types]
    return (
        positions,
        frequencies,
        types,
        np.column_stack([types % 7, positions <= 2, generator.integers(5, size=count)]),
    )


def test_place_and_frequency_are_told_layer_by_layer_as_an_analysis_of_variance_has_them() -> None:
    positions, frequencies, _, codes = planted_tokens()
    chosen = np.arange(0, 4_000, 2)
    found = tokens_in_regions(positions, frequencies, codes, Unadjusted(chosen, codes[chosen][:, ::-1]))
    assert [(own.other, own.layer) for own in found] == [(n, i) for n in ("position", "frequency") for i in range(3)]
    for values, own in ((1 / positions, found[:3]), (frequencies, found[3:])):
        for measure in own:
            codes_there = codes[:, measure.layer]
            several = len(np.unique(codes_there))
            f = f_oneway(*(values[codes_there == code] for code in np.unique(codes_there))).statistic
            ratio = f * (several - 1) / (len(values) - several)
            assert measure.value == pytest.approx(ratio / (1 + ratio))
            assert measure.details["by_chance"] == (several - 1) / 3_999
    assert found[1].value > 0.7
    assert found[2].value < 0.01
    assert found[0].details["unadjusted"] < 0.01  # of the layer by lot
    assert next(own.details for own in tokens_in_regions(positions, frequencies, codes)).keys() == {"by_chance"}


def test_categories_whose_tokens_stand_elsewhere_or_are_rarer_are_told_with_their_means() -> None:
    positions, frequencies, types, _ = planted_tokens()
    labels = (positions > 40).astype(int)
    place, rarity = tokens_by_category(positions, frequencies, labels, "ab")
    assert (place.other, rarity.other) == ("position_by_category", "frequency_by_category")
    assert place.value > 0.3 > 0.01 > rarity.value
    assert place.details["mean"] == pytest.approx({n: positions[labels == i].mean() for i, n in enumerate("ab")})
    by_type = tokens_by_category(positions, frequencies, (types > 3).astype(int), "ab")[1]
    assert by_type.value > 0.5
    assert by_type.details["mean"]["a"] > by_type.details["mean"]["b"]


def test_regions_that_are_sets_of_types_share_their_information_and_others_share_none() -> None:
    *_, types, codes = planted_tokens()
    of_types, *others = types_of_regions(types, codes)
    assert of_types.value == pytest.approx(adjusted_mutual_info_score(types, codes[:, 0]))
    assert of_types.value > 0.7
    assert all(abs(own.value) < 0.02 for own in others)
    sampled = types_of_regions(types, codes, most=1_000)
    assert sampled[0].details["tokens"] == 1_000
    assert sampled[0].value == pytest.approx(of_types.value, abs=0.1)
    assert sampled == types_of_regions(types, codes, most=1_000)
