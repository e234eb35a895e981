"""The labels of a probe's control task: shuffled among documents, of tokens one for each type."""

import numpy as np

from mri_core.probing.control import control_tasks, labels_of_types
from mri_core.probing.resampling import splits


def test_of_documents_labels_are_shuffled_once_and_their_splits_stratified():
    labels = np.arange(60) % 3
    tasks = list(control_tasks(labels, None, 4, 0, None))
    assert all(np.array_equal(task.labels, tasks[0].labels) for task in tasks)
    assert sorted(tasks[0].labels) == sorted(labels)
    assert not np.array_equal(tasks[0].labels, labels)
    for task in tasks:
        assert np.bincount(task.labels[task.split.test]).tolist() == [6, 6, 6]


def test_of_tokens_each_type_has_a_label_in_each_split_and_each_label_is_on_both_sides():
    generator = np.random.default_rng(1)
    types, labels = generator.integers(0, 40, 600), generator.choice(3, 600, p=[0.5, 0.45, 0.05])
    groups = np.repeat(np.arange(60), 10)
    tasks = list(control_tasks(labels, types, 5, 0, groups))
    for task, split in zip(tasks, splits(labels, 5, 0, groups), strict=True):
        assert np.array_equal(task.split.test, split.test)
        assert all(len(set(task.labels[types == kind])) == 1 for kind in range(40))
        assert all(set(task.labels[side]) == {0, 1, 2} for side in split)
    assert len({task.labels.tobytes() for task in tasks}) == 5


def test_labels_of_types_have_about_as_many_tokens_as_the_categories():
    generator = np.random.default_rng(2)
    types = np.minimum(generator.zipf(1.5, 5_000), 900)
    types[types == 1] = generator.integers(1_000, 1_400, int((types == 1).sum()))  # no type has half of the tokens
    labels = generator.choice(3, 5_000, p=[0.6, 0.3, 0.1])
    drawn = np.array([np.bincount(labels_of_types(labels, types, generator), minlength=3) for _ in range(200)])
    np.testing.assert_allclose(drawn.mean(axis=0) / 5_000, np.bincount(labels) / 5_000, atol=0.03)


def test_of_too_few_types_there_is_no_task():
    labels = np.arange(60) % 3
    assert list(control_tasks(labels, np.arange(60) % 2, 3, 0, None)) == [None] * 3
