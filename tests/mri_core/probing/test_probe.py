"""Probes of planted activations, whose accuracy is known."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from mri_core.errors import MriError, UsageError
from mri_core.probing.probe import Baselines, probe, readings
from mri_core.probing.resampling import check_categories, corrected_interval, splits
from mri_core.records.arrays import Activations, AtlasSpec
from mri_core.records.measures import Measure

SPEC = AtlasSpec("clusters", clusters=2)
NAMES = ("A", "B")
FEW = 2  # splits: what is read without a fault, or not at all, needs no more


def planted(documents: int, width: int, distance: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Two Gaussian categories of unit variance whose means lie `distance` apart on the first axis."""
    labels = np.arange(documents) % 2
    rows = np.random.default_rng(seed).normal(size=(documents, width))
    rows[:, 0] += distance * labels
    return rows.astype(np.float32), labels


def by_key(measures: list[Measure]) -> dict[tuple[str | None, int | None], Measure]:
    return {(m.other, m.layer): m for m in measures}


def test_full_activations_are_read_as_well_as_the_bayes_classifier_can():
    rows, labels = planted(600, 3, 2.0)
    found = by_key(probe(Activations((rows, rows)), SPEC, labels, NAMES))["full", 0]
    assert found.value == pytest.approx(0.8413, abs=0.04)  # the normal distribution at distance / 2 = 1


@pytest.mark.slow  # five probes; a control at chance is tested below
def test_pure_noise_of_many_dimensions_and_few_documents_is_at_chance():
    values = []
    for seed in range(5):
        rows, labels = planted(60, 200, 0.0, seed)
        measures = by_key(
            probe(Activations((rows, rows)), AtlasSpec("clusters", clusters=12), labels, NAMES, seed=seed)
        )
        values += [(measures["full", 0].value, measures["regions", 1].value, measures["control", 0].value)]
    assert np.mean(values, axis=0) == pytest.approx([0.5] * 3, abs=0.1)


def test_regions_that_are_the_categories_are_read_without_a_fault_and_shuffled_labels_are_not():
    rows, labels = planted(80, 2, 50.0)
    found = by_key(probe(Activations((rows, rows)), SPEC, labels, NAMES, count=FEW))
    assert found["regions", 0].value == found["regions", 1].value == 1.0
    assert found["control", 0].value == pytest.approx(0.5, abs=0.2)
    assert found["full", 0].details["selectivity"] == pytest.approx(1.0 - found["control", 0].value)


def test_components_are_read_by_their_scores():
    rows, labels = planted(80, 4, 0.0)
    rows += 50.0 * labels[:, None].astype(np.float32)  # along every axis: the first component
    spec = AtlasSpec("components", components=2)
    assert by_key(probe(Activations((rows, rows)), spec, labels, NAMES, count=FEW))["regions", 0].value == 1.0


def test_a_constant_layer_is_at_chance_without_a_warning():
    rows, labels = planted(60, 4, 50.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = by_key(probe(Activations((np.ones_like(rows), rows)), SPEC, labels, NAMES, count=FEW))
    assert found["full", 0].value == found["regions", 0].value == 0.5


def test_words_are_read_where_texts_are_known():
    rows, labels = planted(40, 2, 0.0)
    texts = [("cat sits" if label else "dog runs") for label in labels]
    assert (
        by_key(probe(Activations((rows, rows)), SPEC, labels, NAMES, Baselines(texts), count=FEW))["words", None].value
        == 1.0
    )


def test_words_are_read_in_scripts_without_spaces_and_with_marks():
    rows, labels = planted(40, 2, 0.0)
    generator = np.random.default_rng(2)
    kinds = (("今日は天気がいい", "猫が好きです"), ("ฉันชอบแมวมาก", "วันนี้อากาศดี"))
    for kind in kinds:
        others = [" ".join(generator.permutation(["ab", "cd", "ef"])) for _ in labels]
        texts = [f"{kind[label]}{other}" for label, other in zip(labels, others, strict=True)]
        assert (
            by_key(probe(Activations((rows, rows)), SPEC, labels, NAMES, Baselines(texts), count=FEW))[
                "words", None
            ].value
            == 1.0
        )


def test_of_tokens_types_are_read_signs_and_letters_too():
    rows, labels = planted(60, 2, 0.0)
    signs = np.where(labels == 1, np.arange(60) % 4, 4 + np.arange(60) % 4)  # "," and ";", of which no word is made
    found = by_key(probe(Activations((rows, rows)), SPEC, labels, NAMES, Baselines(types=signs), count=FEW))
    assert found["words", None].value == 1.0
    alone = np.arange(60)  # types that are held out are unknown
    found = by_key(probe(Activations((rows, rows)), SPEC, labels, NAMES, Baselines(types=alone), count=FEW))
    assert found["words", None].value == 0.5


def test_a_control_of_tokens_gives_each_type_a_label_and_is_read_where_types_can_be_memorised():
    generator = np.random.default_rng(4)
    types = generator.integers(0, 12, 240)
    labels = generator.integers(0, 2, 240)
    rows = np.eye(12, dtype=np.float32)[types] + generator.normal(0, 0.01, (240, 12)).astype(np.float32)
    known = by_key(probe(Activations((rows, rows)), SPEC, labels, NAMES, Baselines(types=types), count=2))
    assert known["control", 0].value == 1.0
    assert known["full", 0].details["selectivity"] == known["full", 0].value - 1.0 < -0.3
    assert "selectivity" not in known["regions", 0].details
    without = by_key(probe(Activations((rows, rows)), SPEC, labels, NAMES, count=2))
    assert without["control", 0].value < 0.7


def test_sizes_of_splits_are_their_mean_where_whole_groups_make_them_differ():
    rows, labels = planted(60, 2, 0.0)
    groups = np.repeat(np.arange(20), [1, 2, 6, 3, 1, 5, 2, 4, 1, 7, 2, 3, 5, 2, 4, 1, 6, 2, 1, 2])
    known = [(len(split.train), len(split.test)) for split in splits(labels, 4, 0, groups)]
    assert len(set(known)) > 1
    found = by_key(probe(Activations((rows, rows)), SPEC, labels, NAMES, count=4, groups=groups))["full", 0]
    means = tuple(round(sum(own) / 4) for own in zip(*known, strict=True))
    assert (found.details["train"], found.details["test"]) == means


def test_words_that_only_some_splits_have_are_not_averaged():
    rows, labels = planted(40, 2, 0.0)
    texts = ["cat" if number == 7 else "!" for number in range(40)]  # which some splits hold out
    found = by_key(probe(Activations((rows, rows)), SPEC, labels, NAMES, Baselines(texts), count=8))["words", None]
    assert found.value is None
    assert "of 8 splits have words" in found.details["undefined"]


def test_the_interval_is_that_of_nadeau_and_bengio():
    # variance of (.6, .7, .8) is .01; (1/3 + 3/7) × .01 = .0076190, its root .0872872; t(.975, 2) = 4.302653
    found = corrected_interval([0.6, 0.7, 0.8], 70, 30)
    assert found == pytest.approx((0.7, 0.7 - 0.375566, 0.7 + 0.375566), abs=1e-5)


def test_the_same_seed_gives_the_same_numbers_on_one_thread_or_two():
    rows, labels = planted(60, 8, 1.0)
    answers = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            answers.append(probe(Activations((rows, rows)), SPEC, labels, NAMES, count=FEW, seed=3))
    assert answers[0] == answers[1]


def test_a_category_of_two_documents_is_named():
    rows, _ = planted(40, 2, 1.0)
    labels = (np.arange(40) >= 38).astype(int)
    with pytest.raises(MriError, match="B has 2"):
        probe(Activations((rows, rows)), SPEC, labels, NAMES)


def test_one_split_or_one_category_is_refused():
    rows, labels = planted(40, 2, 1.0)
    with pytest.raises(UsageError, match="at least 2 splits"):
        probe(Activations((rows, rows)), SPEC, labels, NAMES, count=1)
    with pytest.raises(MriError, match="at least two categories"):
        probe(Activations((rows, rows)), SPEC, np.zeros(40, dtype=int), ("A",))


def test_a_split_too_small_for_the_atlas_is_refused_with_its_numbers():
    rows, labels = planted(10, 2, 1.0)
    for spec in (AtlasSpec("clusters", clusters=8), AtlasSpec("components", components=8)):
        with pytest.raises(MriError, match=f"--{spec.kind} is 8, and it is fitted to 7 documents"):
            probe(Activations((rows, rows)), spec, labels, NAMES)


@pytest.mark.parametrize("more", [True, False])
def test_every_reading_is_counted(more: bool):
    rows, labels = planted(40, 2, 1.0)
    layers, texts = Activations((rows, rows)), [str(label) * 3 for label in labels]
    baselines = Baselines(texts, [layers], rows) if more else Baselines()
    steps: list[int] = []
    probe(layers, SPEC, labels, NAMES, baselines, count=2, advance=lambda: steps.append(1))
    assert len(steps) == readings(2, 2, baselines)


def test_embeddings_are_read_by_themselves_and_every_split_takes_other_random_blocks():
    rows, labels = planted(60, 3, 0.0)
    known, unknown = planted(60, 3, 50.0, 1)[0], planted(60, 3, 0.0, 2)[0]
    layers = Activations((rows, rows))
    bare = [Activations((own, rows)) for own in (known, unknown)]
    found = by_key(probe(layers, SPEC, labels, NAMES, Baselines(None, bare, known), count=2))
    assert found["embeddings", None].value == 1.0
    each = [probe(layers, SPEC, labels, NAMES, Baselines(random_blocks=[one]), count=2) for one in bare]
    alone = [by_key(found)["random_blocks", 0].value for found in each]
    assert alone[0] == 1.0
    assert alone[1] < found["random_blocks", 0].value < 1.0


def test_documents_of_a_group_are_never_on_both_sides():
    labels, groups = np.arange(60) % 2, np.arange(60) // 4
    for split in splits(labels, 4, 0, groups):
        assert not set(groups[split.train]) & set(groups[split.test])
        assert sorted([*split.train, *split.test]) == list(range(60))
        assert 16 <= len(split.test) <= 24
        assert np.bincount(labels[split.test]).min() >= 8


def test_groups_are_split_by_every_seed_there_is():
    assert len(list(splits(np.arange(60) % 2, 2, 2**32 - 1, np.arange(60) // 4))) == 2


def test_copies_of_a_text_are_not_told_by_heart_where_they_belong_together():
    """Twenty texts of random numbers and labels, four times each: only a copy on the other side tells the category."""
    generator = np.random.default_rng(0)
    rows, groups = np.repeat(generator.normal(size=(20, 60)), 4, axis=0).astype(np.float32), np.arange(80) // 4
    labels = (groups % 2).astype(int)
    layers = Activations((rows, rows))
    apart, together = (by_key(probe(layers, SPEC, labels, NAMES, groups=g))["full", 0].value for g in (None, groups))
    assert apart > 0.95
    assert together < 0.75


def test_a_category_of_few_groups_and_groups_that_cannot_be_split_are_refused():
    labels = (np.arange(40) >= 32).astype(int)
    with pytest.raises(MriError, match=r"5 groups of documents of every category. B has 2\."):
        check_categories(labels, NAMES, np.arange(40) // 4)
    with pytest.raises(MriError, match="too uneven"):
        list(splits(labels, 20, 0, np.minimum(np.arange(40) // 4, 8)))
