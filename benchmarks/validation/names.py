"""Names on connections of unequal categories: how many are of another category, and do effects and intervals agree?

    python -m benchmarks.validation.names [--studies 100]

In each study 30 % of the connections are taken more, or less, by one category or by two; of the others none is. `wrong`
is the share of all names that are of another category than those, `echo` the part of them that is on connections which
differ, `named` the share of the connections found which have a name. `against` counts names whose effect or interval
denies them.
"""

from __future__ import annotations

import argparse

import numpy as np
from scipy.special import expit

from benchmarks.validation.reporting import line
from mri_core.records.connectome import Evidence
from mri_core.statistics.counts import Counts
from mri_core.statistics.families import find_differences

SIZES = {
    "equal": (200,) * 4,
    "six": (200,) * 6,
    "tweets": (558, 358, 123, 382),
    "long tail": (916, *(5,) * 100),
    "one in a hundred": (20, 1_880),
    "thirty": tuple(range(10, 310, 10)),
}
CONNECTIONS, DIFFERING, SPREAD = 300, 0.3, 1.5


def study(generator: np.random.Generator, sizes: tuple[int, ...], planted: int) -> tuple[Counts, np.ndarray]:
    """Counted connections, and (items, categories) which of the categories differ on each."""
    log_odds = np.repeat(generator.normal(-3.5, 1, (CONNECTIONS, 1)), len(sizes), axis=1)
    differs = np.zeros(log_odds.shape, dtype=bool)
    for item in np.flatnonzero(generator.random(CONNECTIONS) < DIFFERING):
        differs[item, generator.choice(len(sizes), planted, replace=False)] = True
        log_odds[item, differs[item]] += generator.normal(0, SPREAD)
    count = generator.binomial(sizes, expit(log_odds))
    there = np.flatnonzero(count.sum(axis=1))
    item, category = np.nonzero(count[there])
    population = np.zeros(len(there), dtype=np.int64)
    return Counts(item, category, count[there][item, category], population, np.array([sizes])), differs[there]


def against(evidence: Evidence) -> int:
    """Names whose effect has another sign, or whose interval holds none or odds of 1."""
    way = evidence.finding
    nearer = np.where(way > 0, evidence.ci_low, -evidence.ci_high)
    return int(((way != 0) & ~((np.sign(evidence.effect) == way) & (nearer > 0))).sum())


def names(sizes: tuple[int, ...], planted: int, studies: int, seed: int = 0) -> dict[str, object]:
    """What `line` prints."""
    generator = np.random.default_rng([seed, len(sizes), planted])
    wrong = echo = every = found = with_name = denied = 0
    for _ in range(studies):
        counts, differs = study(generator, sizes, planted)
        told = find_differences(counts)
        rows = np.flatnonzero(told.evidence.finding)
        item = np.concatenate([counts.item[rows], told.avoided.item])
        category = np.concatenate([counts.category[rows], told.avoided.category])
        # of two categories both are named: it is one difference
        if len(sizes) > 2:
            wrong += int((~differs[item, category]).sum())
            echo += int((~differs[item, category] & differs[item].any(axis=1)).sum())
        every, found, with_name = every + len(item), found + told.passed, with_name + len(np.unique(item))
        denied += against(told.evidence) + against(told.avoided.evidence)
    shares = {"wrong": wrong / max(1, every), "echo": echo / max(1, every), "named": with_name / max(1, found)}
    rounded = {name: round(share, 4) for name, share in shares.items()}
    return {**rounded, "names": every, "against": denied, "keeps": echo <= 0.05 * every and not denied}


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=100)
    studies = parser.parse_args().studies
    for name, sizes in SIZES.items():
        # where two of four have more, the other two have less: either way of naming them is right
        for planted in (1, 2)[: 1 + (len(sizes) > 4)]:
            line(validation="names", sizes=name, planted=planted, **names(sizes, planted, studies))


if __name__ == "__main__":
    main()
