"""K-means run to convergence over many documents: Lloyd's algorithm, with bounds that avoid most distances."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mri_core.chunks import chunks

RESTARTS = 10
SAMPLE = 10_000  # documents that the first centres are computed from; all if there are fewer
STEPS = 300  # at most of a restart
FIRST_STEPS = 20  # of a restart on the sample, which is only a start
MOST_STEPS = 1_000  # far more than Lloyd's algorithm needs; a limit in case rounding makes it cycle


def first_centres(rows: np.ndarray, count: int, seed: int, counts: np.ndarray | None = None) -> np.ndarray:
    """Centres of the best of ten seeded k-means, each run to convergence.

    With more than 10,000 documents the ten take twenty steps on a seeded sample, and the best continues on all of them.

    Args:
        rows: (documents, dimensions).
        count: of clusters, at most the documents, each as often as it counts.
        seed: of the sample and the starts.
        counts: (documents,) how often each counts, as in a bootstrap resample; None for once.
    """
    size = max(SAMPLE, count)
    if len(rows) <= size:
        return _best_of_restarts(rows, count, seed, STEPS, counts)
    chosen = np.sort(np.random.default_rng(seed).choice(len(rows), size, replace=False))
    best = _best_of_restarts(rows[chosen], count, seed, FIRST_STEPS, None if counts is None else counts[chosen])
    return converge(rows, best, counts)


def by_size(rows: np.ndarray, centres: np.ndarray, counts: np.ndarray | None = None) -> np.ndarray:
    """The centres by falling number of nearest rows, each as often as it counts; ties keep their order."""
    sizes = np.bincount(nearest_centre(rows, centres), counts, minlength=len(centres))
    return centres[np.argsort(-sizes, kind="stable")]


def converge(
    rows: np.ndarray, centres: np.ndarray, counts: np.ndarray | None = None, steps: int = MOST_STEPS
) -> np.ndarray:
    """Means of the clusters at which Lloyd's algorithm converges, started from these centres.

    At convergence no document moves. With weak clusters that takes hundreds of steps, but after fewer the regions would
    depend on their number.

    A document's distances are recomputed only if Hamerly's two bounds on them (2010, "Making k-means even faster") do
    not determine the nearest centre, so the result is Lloyd's and the last steps cost almost nothing. His third, by the
    centres' distances, saves less than it costs. A cluster that loses all its members takes the document farthest from
    its centre. All sums are in the documents' order.

    Args:
        rows: (documents, dimensions).
        centres: (clusters, dimensions) to start from.
        counts: (documents,) how often each counts; None for once.
        steps: at most.
    """
    everyone, lengths = np.arange(len(rows)), _squared_lengths(rows)
    codes, near, second = _two_nearest(rows, everyone, lengths, centres)
    sums, sizes = _sums(rows, everyone, codes, len(centres), counts)
    for _ in range(steps):
        moved = _filled(rows, codes, sums, sizes)
        shifts = np.sqrt(np.square(moved - centres).sum(axis=1))
        centres = moved
        near += shifts[codes]
        second -= shifts.max()
        unsure = np.flatnonzero(near > second)
        found, near[unsure], second[unsure] = _two_nearest(rows, unsure, lengths, centres)
        changed = found != codes[unsure]
        movers, there = unsure[changed], found[changed]
        if not len(movers):
            break
        gained, more = _sums(rows, movers, there, len(centres), counts, codes[movers])
        sums += gained
        sizes += more
        codes[movers] = there
    return centres


def cluster_means(rows: np.ndarray, codes: np.ndarray, count: int, counts: np.ndarray | None = None) -> np.ndarray:
    """Means (count, dimensions) of the clusters' members; an empty one takes the document farthest from its mean."""
    return _filled(rows, codes, *_sums(rows, np.arange(len(rows)), codes, count, counts))


def nearest_centre(rows: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Index (documents,) of each row's nearest centre, the lowest among equally near ones."""
    codes = np.empty(len(rows), dtype=np.int32)
    for place, block in chunks(rows):
        codes[place] = _nearness(block, centres).argmin(axis=1)
    return codes


def two_nearest(rows: np.ndarray, centres: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(documents,) each row's nearest centre, the distance from it, and from the second nearest; infinite if of one."""
    return _two_nearest(rows, np.arange(len(rows)), _squared_lengths(rows), centres)


def own_distances(rows: np.ndarray, codes: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Distance (documents,) of each row from its own cluster's centre."""
    distances = np.empty(len(rows))
    for place, block in chunks(rows):
        distances[place] = np.sqrt(np.square(block - centres[codes[place]]).sum(axis=1))
    return distances


def _best_of_restarts(rows: np.ndarray, count: int, seed: int, steps: int, counts: np.ndarray | None) -> np.ndarray:
    """Centres of the tightest of ten k-means of so many steps at most. The random draws equal scikit-learn's."""
    rows, weights = rows.astype(np.float64), np.ones(len(rows)) if counts is None else counts.astype(np.float64)
    found = [converge(rows, start, counts, steps) for start in _spread_out(rows, weights, count, seed)]
    return min(found, key=lambda centres: _looseness(rows, weights, centres))


def _spread_out(rows: np.ndarray, weights: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Rows far from one another (restarts, count, dimensions): greedy k-means++ (Arthur and Vassilvitskii 2007)."""
    tries, lengths = 2 + int(np.log(count)), _squared_lengths(rows)
    random = np.random.RandomState(seed)  # a stream that NumPy never changes
    draws = random.random_sample((RESTARTS, 1 + (count - 1) * tries))
    restarts, last = np.arange(RESTARTS), len(rows) - 1
    members = weights.cumsum()
    chosen = np.empty((RESTARTS, count), dtype=int)
    chosen[:, 0] = np.searchsorted(members, (draws[:, 0] * members[-1]).astype(int), side="right").clip(max=last)
    squares = _squared_distances(rows, lengths, chosen[:, 0])
    for step, start in enumerate(range(1, draws.shape[1], tries), start=1):
        reached = np.cumsum(squares * weights, axis=1)
        points = draws[:, start : start + tries] * reached[:, -1:]
        drawn = np.array([np.searchsorted(*pair) for pair in zip(reached, points, strict=True)]).clip(max=last)
        closer = _squared_distances(rows, lengths, drawn.ravel()).reshape(RESTARTS, tries, len(rows))
        np.minimum(closer, squares[:, None], out=closer)
        best = (closer @ weights).argmin(axis=1)
        squares, chosen[:, step] = closer[restarts, best], drawn[restarts, best]
    return rows[chosen]


def _squared_distances(rows: np.ndarray, lengths: np.ndarray, chosen: Sequence[int] | np.ndarray) -> np.ndarray:
    """Squared distances (chosen, documents) of all rows from some of them."""
    centres, squares = rows[chosen].astype(np.float64), np.empty((len(chosen), len(rows)))
    for place, block in chunks(rows):
        squares[:, place] = _nearness(block, centres).T
    squares += lengths
    return np.maximum(squares, 0, out=squares)


def _looseness(rows: np.ndarray, weights: np.ndarray, centres: np.ndarray) -> float:
    """Sum of the squared distances from the nearest centres, minus the part common to all centres."""
    return float(sum(weights[place] @ _nearness(block, centres).min(axis=1) for place, block in chunks(rows)))


def _two_nearest(
    rows: np.ndarray, ordinals: np.ndarray, lengths: np.ndarray, centres: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of the rows with these ordinals the nearest centre, the distance from it, and that from the second nearest."""
    codes, distances = np.empty(len(ordinals), dtype=np.int32), np.empty((2, len(ordinals)))
    for place, chosen in chunks(ordinals):
        nearness, each = _nearness(rows[chosen], centres), np.arange(len(chosen))
        codes[place] = first = nearness.argmin(axis=1)
        distances[0, place] = nearness[each, first]
        nearness[each, first] = np.inf
        distances[1, place] = nearness[each, nearness.argmin(axis=1)]  # faster than min along so short an axis
    near, second = np.sqrt(np.maximum(distances + lengths[ordinals], 0))
    return codes, near, second


def _nearness(block: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Squared distances (rows, clusters) minus each row's own squared length, which is the same for all centres."""
    nearness: np.ndarray = block.astype(np.float64, copy=False) @ (-2 * centres.T)
    nearness += np.square(centres).sum(axis=1)
    return nearness


def _squared_lengths(rows: np.ndarray) -> np.ndarray:
    lengths = np.empty(len(rows))
    for place, block in chunks(rows):
        lengths[place] = np.square(block, dtype=np.float64).sum(axis=1)
    return lengths


def _sums(
    rows: np.ndarray,
    ordinals: np.ndarray,
    codes: np.ndarray,
    count: int,
    counts: np.ndarray | None,
    before: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Sums (count, dimensions) of the clusters' members among the rows with these ordinals, and their numbers.

    Args:
        codes: (ordinals,) the cluster of each.
        counts: (documents,) how often each counts; None for once.
        before: (ordinals,) the cluster that each leaves, from whose sum and number it is subtracted; None for none.
    """
    sums, sizes, clusters = np.zeros((count, rows.shape[1])), np.zeros(count), np.arange(count)[:, None]
    for place, chosen in chunks(ordinals):
        members = (codes[place] == clusters).astype(np.float64)
        if before is not None:
            members -= before[place] == clusters
        if counts is not None:
            members *= counts[chosen]
        sums += members @ rows[chosen].astype(np.float64, copy=False)
        sizes += members.sum(axis=1)
    return sums, sizes


def _filled(rows: np.ndarray, codes: np.ndarray, sums: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    means: np.ndarray = sums / np.maximum(sizes, 1)[:, None]
    empty = np.flatnonzero(sizes == 0)
    if len(empty):
        farthest = np.argsort(-own_distances(rows, codes, means), kind="stable")
        means[empty] = rows[np.resize(farthest, len(empty))]  # of a resample of few documents there may be too few
    return means
