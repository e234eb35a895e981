"""Which documents may change labels and which stay together: exchangeability blocks (Winkler et al. 2014).

`groups` is an integer a document; a document of no group has a number of its own. Without groups every document is one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from mri_core.records.ids import LARGE

MOST_DOCUMENTS = 200_000  # that tests of the whole connectome permute
TOGETHER = 32  # documents of a group on average, from which groups of `LARGE` documents are what is worked with
LABELS = 1 << 16  # labels of permutations drawn at once: they fit the processor's cache


Shuffled = Callable[[np.ndarray, np.random.Generator, int], np.ndarray]


class Exchange(NamedTuple):
    """Which labels may be exchanged.

    Labels that vary within a group are permuted within it. A group of one label exchanges it, as a whole, with another
    such group. If a corpus has groups of both kinds, each kind is permuted in its own way. So every category keeps its
    number of groups of one label, but not its number of documents if groups differ in size.

    Attributes:
        group: (documents,) number of each document's group, counted from 0.
        label: (groups,) label of each group, the smallest if they vary.
        wholes: groups of one label, by place.
        place: (wholes,) those of one place change labels.
        inside: documents of groups in which labels vary, by group.
    """

    group: np.ndarray
    label: np.ndarray
    wholes: np.ndarray
    place: np.ndarray
    inside: np.ndarray


def label_permutations(
    labels: np.ndarray,
    count: int,
    seed: int | Sequence[int],
    groups: np.ndarray | None = None,
    within: np.ndarray | None = None,
) -> Iterator[np.ndarray]:
    """Seeded permutations of the labels, one at a time: free ones, or ones that keep `groups` together.

    Args:
        labels: (documents,) integer category of each.
        count: of permutations; drawn with repetition, and the identity may be among them.
        seed: the same seed gives the same permutations.
        groups: (documents,) integer group of each; None lets all documents change labels.
        within: (documents,) integer place of each, such as its region, that labels do not leave; what a group has in
            one place is then a group of its own.
    """
    for several in permuted_labels(labels, count, seed, groups, within):
        yield from several


def permuted_labels(
    labels: np.ndarray,
    count: int,
    seed: int | Sequence[int],
    groups: np.ndarray | None = None,
    within: np.ndarray | None = None,
    at_once: int | None = None,
) -> Iterator[np.ndarray]:
    """The permutations of `label_permutations`, some at a time: (permutations, documents).

    Args:
        labels, count, seed, groups, within: as there.
        at_once: permutations at most; None for as many as are small.
    """
    generator = np.random.default_rng(seed)
    exchange, shuffled = None, _shuffled if groups is None or not many_together(groups) else shuffled_runs
    if groups is not None or within is not None:
        exchange = exchangeable(labels, np.arange(len(labels)) if groups is None else groups, within)
    at_once = at_once or max(1, LABELS // len(labels))
    for first in range(0, count, at_once):
        size = min(at_once, count - first)
        if exchange is None:
            yield generator.permuted(np.tile(labels, (size, 1)), axis=1)
        else:
            yield _permuted(labels, exchange, generator, size, shuffled)


def exchangeable(labels: np.ndarray, groups: np.ndarray, within: np.ndarray | None = None) -> Exchange:
    """Which labels may be exchanged, given these groups, within each place."""
    place = np.zeros(len(labels), dtype=np.int64) if within is None else _numbered(within)
    group = _numbered(place * (int(groups.max()) + 1) + groups)
    order = np.argsort(group, kind="stable")
    starts = np.searchsorted(group[order], np.arange(group.max() + 1))
    lowest, highest = (extreme.reduceat(labels[order], starts) for extreme in (np.minimum, np.maximum))
    varies = lowest != highest
    wholes = np.flatnonzero(~varies)  # groups are numbered by place
    inside = order[varies[group[order]]]
    return Exchange(group, lowest, wholes, place[order[starts[wholes]]], inside)


def arrangements(labels: np.ndarray, groups: np.ndarray | None = None) -> float:
    """log10 of the number of distinct labellings that permutations can give.

    Near 0 no labels can be exchanged, and no test of this corpus can find anything.
    """
    everyone = np.arange(len(labels)) if groups is None else groups
    exchange = exchangeable(labels, everyone)
    whole = _arrangements(exchange.place, exchange.label[exchange.wholes])
    return whole + _arrangements(exchange.group[exchange.inside], labels[exchange.inside])


def different_results(labels: np.ndarray, groups: np.ndarray) -> float:
    """log10 of the number of distinct results of the labellings; the smallest p is one over their number.

    Labellings that differ by the names of categories give one result, where these have as many groups of one label and
    no document in another group.
    """
    from scipy.special import gammaln

    exchange = exchangeable(labels, groups)
    sizes = np.bincount(exchange.label[exchange.wholes], minlength=int(labels.max()) + 1)
    sizes[labels[exchange.inside]] = 0
    alike = np.unique(sizes[sizes > 0], return_counts=True)[1]
    return arrangements(labels, groups) - float(gammaln(alike + 1).sum() / np.log(10))


def numbered_groups(names: Iterable[str | None]) -> np.ndarray | None:
    """(documents,) the place of the first document of each one's group; None if no two share one.

    Args:
        names: of each document's group in order; None where it is alone.
    """
    first: dict[str, int] = {}
    groups = [place if name is None else first.setdefault(name, place) for place, name in enumerate(names)]
    return shared(np.array(groups))


def shared(groups: np.ndarray) -> np.ndarray | None:
    """The groups (documents,); None if each document is alone in its group, which equals having no groups."""
    return groups if len(np.unique(groups)) < len(groups) else None


def lone_categories(labels: np.ndarray, groups: np.ndarray) -> list[int]:
    """The labels whose documents are all in one group that has no other label."""
    exchange = exchangeable(labels, groups)
    wholes = np.bincount(exchange.label[exchange.wholes], minlength=int(labels.max()) + 1)
    mixed = np.isin(np.arange(len(wholes)), labels[exchange.inside])
    return np.flatnonzero((wholes == 1) & ~mixed).tolist()


def settled(labels: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """(documents,) whether no permutation can change a document's label, as its group has none to exchange with."""
    exchange = exchangeable(labels, groups)
    label = exchange.label[exchange.wholes]
    alike = np.zeros(len(exchange.label), dtype=bool)
    alike[exchange.wholes] = len(np.unique(label)) == 1
    return alike[exchange.group]


def bootstraps(documents: int, count: int, seed: int, groups: np.ndarray | None = None) -> Iterator[np.ndarray]:
    """Ordinals of seeded bootstrap resamples, in rising order: documents drawn with replacement, or whole groups."""
    generator = np.random.default_rng(seed)
    group = np.arange(documents) if groups is None else _numbered(groups)
    units = int(group.max()) + 1
    for _ in range(count):
        times = np.bincount(generator.integers(units, size=units), minlength=units)
        yield np.repeat(np.arange(documents), times[group])


def splits(
    labels: np.ndarray, count: int, seed: int, groups: np.ndarray | None = None, share: float = 0.5
) -> Iterator[np.ndarray]:
    """Seeded halvings, or splits of another `share`: of each, which documents (documents,) are in the first part.

    Groups stay together. Groups of one label are split within that label, groups with several labels among themselves;
    a share that is not a whole number of groups is rounded at random. Of two groups or more each part has one.
    """
    generator = np.random.default_rng(seed)
    exchange = exchangeable(labels, np.arange(len(labels)) if groups is None else groups)
    stratum = np.full(len(exchange.label), labels.max() + 1)
    stratum[exchange.wholes] = exchange.label[exchange.wholes]
    order = np.argsort(stratum, kind="stable")
    sizes = np.unique(stratum, return_counts=True)[1]
    rank = np.concatenate([np.arange(size) for size in sizes])
    for _ in range(count):
        taken = np.floor(sizes * share + generator.random(len(sizes))).astype(int)
        taken = np.where(sizes > 1, np.clip(taken, 1, sizes - 1), taken)
        chosen = np.empty(len(stratum), dtype=bool)
        chosen[order[_shuffled(stratum[order], generator, 1)[0]]] = rank < np.repeat(taken, sizes)
        yield chosen[exchange.group]


def sampled(
    labels: np.ndarray, seed: int, groups: np.ndarray | None = None, most: int = MOST_DOCUMENTS
) -> np.ndarray | None:
    """(documents,) which of them are in a seeded sample of `most` documents or hardly fewer; None if all are.

    Every category has its share of them, and at least one. With groups see `whole_groups`.
    """
    if len(labels) <= most:
        return None
    if groups is not None:
        return whole_groups(labels, most, seed, groups)
    categories, first = np.unique(labels, return_index=True)
    spare = 2 * len(categories)  # shares are rounded, and none is left out
    chosen = next(splits(labels, 1, seed, share=max(most - spare, 0) / len(labels)))
    chosen[first[~np.isin(categories, labels[chosen])]] = True
    return chosen


def whole_groups(labels: np.ndarray, size: int, seed: int, groups: np.ndarray) -> np.ndarray:
    """(documents,) which of them are in a seeded sample of whole groups: of `size` documents, or as many more as the
    last group of each stratum has.

    The strata are the groups of one label, by label, and those of several. From each as many groups are taken, in
    random order, as have its share of the documents; a category that none of them has gets one more group.
    """
    generator, exchange = np.random.default_rng(seed), exchangeable(labels, groups)
    sizes = np.bincount(exchange.group)
    stratum = np.full(len(sizes), labels.max() + 1)
    stratum[exchange.wholes] = exchange.label[exchange.wholes]
    chosen = np.zeros(len(sizes), dtype=bool)
    for own in np.unique(stratum):
        drawn = generator.permutation(np.flatnonzero(stratum == own))
        before = np.cumsum(sizes[drawn]) - sizes[drawn]
        chosen[drawn[before * len(labels) < size * sizes[drawn].sum()]] = True
    for category in np.setdiff1d(labels, labels[chosen[exchange.group]]):
        chosen[generator.choice(np.unique(exchange.group[labels == category]))] = True
    found: np.ndarray = chosen[exchange.group]
    return found


def many_together(groups: np.ndarray) -> bool:
    """Whether so many documents are in so few groups that counting each group once saves time, as of tokens of texts.

    Results are those of other permutations then, or differ by rounding.
    """
    return len(groups) >= LARGE and len(groups) >= TOGETHER * len(np.unique(groups))


def shuffled_runs(strata: np.ndarray, generator: np.random.Generator, count: int) -> np.ndarray:
    """(count, strata) indices of `strata`, which rises, in random orders within each: all of a size at once."""
    starts = np.flatnonzero(np.diff(strata, prepend=-1))
    sizes = np.diff(starts, append=len(strata))
    found = np.empty((count, len(strata)), dtype=np.int64)
    for size in np.unique(sizes).tolist():
        own = starts[sizes == size][:, None] + np.arange(size)
        found[:, own.ravel()] = generator.permuted(np.tile(own, (count, 1, 1)), axis=2).reshape(count, -1)
    return found


def _numbered(groups: np.ndarray) -> np.ndarray:
    return np.unique(groups, return_inverse=True)[1]


def _permuted(
    labels: np.ndarray, exchange: Exchange, generator: np.random.Generator, count: int, shuffled: Shuffled
) -> np.ndarray:
    inside, wholes = exchange.inside, exchange.wholes
    within = labels[inside][shuffled(exchange.group[inside], generator, count)]
    label = np.tile(exchange.label, (count, 1))
    label[:, wholes] = exchange.label[wholes][shuffled(exchange.place, generator, count)]
    permuted = np.take(label, exchange.group, axis=1)
    permuted[:, inside] = within
    return permuted


def _shuffled(strata: np.ndarray, generator: np.random.Generator, count: int) -> np.ndarray:
    """(count, strata) indices of `strata`, which rises, in orders that are random within each stratum."""
    if not len(strata) or strata[0] == strata[-1]:
        return generator.permuted(np.tile(np.arange(len(strata)), (count, 1)), axis=1)
    return np.argsort(strata + generator.random((count, len(strata))), axis=1)


def _arrangements(strata: np.ndarray, labels: np.ndarray) -> float:
    """log10 of the product over strata of the multinomial coefficients of their labels."""
    from scipy.special import gammaln

    sizes = np.unique(strata, return_counts=True)[1]
    alike = np.unique(np.column_stack([strata, labels]), axis=0, return_counts=True)[1]
    return float((gammaln(sizes + 1).sum() - gammaln(alike + 1).sum()) / np.log(10))
