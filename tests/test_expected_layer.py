"""What `benchmarks/tenney.py` makes of accuracies, on numbers that are worked out by hand."""

import numpy as np

from benchmarks.tenney import Tokens, accuracies, by_type, expected_layer
from mri_core.probing.resampling import Split


def tokens(labels: list[int], documents: list[int], types: list[int]) -> Tokens:
    return Tokens(None, np.arange(len(labels)), np.array(labels), np.array(documents), np.array(types))  # type: ignore[arg-type]


def test_each_layer_weighs_as_much_as_it_adds_to_those_before():
    rising, dropping = [0.5, 0.7, 0.9, 0.9], [0.5, 0.4, 0.6, 0.8]
    assert np.allclose(
        expected_layer(np.array([rising, dropping])), [(0.2 * 1 + 0.2 * 2) / 0.4, (0.1 * 2 + 0.2 * 3) / 0.3]
    )


def test_accuracy_is_balanced_and_a_document_counts_as_often_as_it_is_drawn():
    known = tokens([0, 0, 0, 1], [0, 0, 1, 1], [0, 0, 0, 0])
    guesses = np.array([[0, 0, 1, 1]])  # right: both tokens of document 0, one of two of document 1
    drawn = np.array([[1, 1], [1, 3]])
    assert np.allclose(accuracies(known, guesses, drawn)[:, 0], [(2 / 3 + 1) / 2, (2 / 5 + 1) / 2])


def test_a_type_has_its_most_frequent_category_and_a_new_one_that_of_all():
    known = tokens([0, 1, 1, 1, 0, 0], [0, 0, 0, 0, 1, 1], [5, 5, 5, 2, 5, 9])
    assert by_type(known, Split(np.arange(4), np.array([4, 5]))).tolist() == [1, 1]
    assert by_type(known, Split(np.array([0, 3, 4, 5]), np.array([1, 2]))).tolist() == [0, 0]
