"""K-means against scikit-learn's and against its own definition."""

import numpy as np
import pytest
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

from mri_core.atlas.k_means import SAMPLE, by_size, cluster_means, converge, first_centres, nearest_centre


def blurred(documents=3000, groups=7, dimensions=10, seed=0):
    generator = np.random.default_rng(seed)
    centres = generator.normal(size=(groups, dimensions)) * 1.2
    return (
        centres[generator.integers(groups, size=documents)] + generator.normal(size=(documents, dimensions))
    ).astype(np.float32)


@pytest.mark.parametrize("seed", range(5))
def test_lloyds_algorithm_comes_to_rest_where_that_of_scikit_learn_does(seed):
    rows = blurred(seed=seed)
    start = rows[:9].astype(np.float64)
    theirs = KMeans(9, init=start, n_init=1, tol=0.0).fit(rows.astype(np.float64))
    centres = converge(rows, start)
    assert centres == pytest.approx(theirs.cluster_centers_, abs=1e-9)
    assert (nearest_centre(rows, centres) == theirs.labels_).all()


def test_first_centres_are_those_of_scikit_learn_as_long_as_all_documents_are_taken():
    rows = blurred()
    theirs = KMeans(7, n_init=10, tol=0.0, random_state=3).fit(rows.astype(np.float64))
    assert first_centres(rows, 7, 3) == pytest.approx(theirs.cluster_centers_)


def test_of_many_documents_none_moves_where_it_stops_and_the_fit_is_as_tight_as_that_of_scikit_learn():
    rows = blurred(documents=SAMPLE + 5000)
    centres = first_centres(rows, 8, 0)
    codes = nearest_centre(rows, centres)
    after = nearest_centre(rows, cluster_means(rows, codes, 8))
    assert (codes == after).all()
    whole = KMeans(8, n_init=10, tol=0.0, random_state=0).fit(rows)
    ours = np.square(rows - centres[codes]).sum()
    assert ours <= whole.inertia_ * 1.01


def test_centres_are_the_same_bit_by_bit_with_one_thread_and_with_two():
    rows = blurred(documents=SAMPLE + 2000, dimensions=50)
    found = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            found.append(first_centres(rows, 12, 0))
    assert (found[0] == found[1]).all()


def test_a_cluster_that_is_left_by_all_takes_the_document_farthest_from_its_centre():
    rows = np.array([[0.0, 0], [1, 0], [0, 1], [50, 50]], dtype=np.float32)
    centres = converge(rows, np.array([[0.3, 0.3], [900.0, 900.0]]))
    assert centres == pytest.approx(np.array([[1 / 3, 1 / 3], [50, 50]]))


def test_fewer_distinct_documents_than_clusters_come_to_rest():
    rows = np.repeat(np.eye(3, dtype=np.float32), 10, axis=0)
    codes = nearest_centre(rows, converge(rows, rows[:8].astype(np.float64)))
    assert len(set(zip(codes.tolist(), map(tuple, rows.tolist()), strict=True))) == 3


def test_a_document_that_counts_twice_is_two_documents():
    rows = blurred(documents=400)
    counts = np.random.default_rng(3).integers(1, 4, 400)
    repeated = np.repeat(rows, counts, axis=0)
    start = rows[:9].astype(float)
    assert converge(rows, start, counts) == pytest.approx(converge(repeated, start), abs=1e-9)
    assert first_centres(rows, 7, 1, counts) == pytest.approx(first_centres(repeated, 7, 1), abs=1e-9)
    centres = first_centres(rows, 7, 1)
    assert by_size(rows, centres, counts) == pytest.approx(by_size(repeated, centres))


def test_more_clusters_than_documents_that_count_more_than_once_come_to_rest():
    rows, counts = np.eye(3, dtype=np.float32), np.array([4, 3, 3])
    centres = first_centres(rows, 8, 0, counts)
    assert {tuple(centre) for centre in centres} == {tuple(row) for row in rows}


def test_one_cluster_is_the_mean_of_all():
    rows = blurred(documents=40)
    assert converge(rows, rows[:1].astype(float)) == pytest.approx(rows.mean(axis=0, dtype=float)[None])
