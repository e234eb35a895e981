"""Coverage: how often do the intervals hold the true effect, of everything and of what is listed because it passed?

    python -m benchmarks.validation.coverage [--studies 500] [--categories 2 4]

`unselected` is the share of 95 % intervals that hold the truth, of all categories of the connections that at least 0, 1
or 5 documents of a category would take on average; `listed` the mean share of the named rows of a study whose interval
misses it. A category named at a later step is judged by the truth against the categories then left.
"""

from __future__ import annotations

import argparse
from itertools import combinations

import numpy as np
from scipy.special import logit

from benchmarks.validation.reporting import line
from mri_core.statistics.counts import Counts
from mri_core.statistics.effects import log_odds_ratio
from mri_core.statistics.families import Findings, find_differences
from mri_core.statistics.naming import Cells, Counted

DOCUMENTS, REGIONS, STEPS = 200, 10, 4
DIFFERING = 0.3  # share of a step's connections on which one category differs
SPREAD = 1.0  # standard deviation of by how much, in log odds
EXPECTED = (0, 1, 5)


def shares(generator: np.random.Generator, categories: int) -> np.ndarray:
    """(steps, categories, connections) true shares: a few connections are common, and on some one category differs."""
    log = np.repeat(generator.normal(0, 1.5, size=(STEPS, 1, REGIONS**2)), categories, axis=1)
    differs = generator.random((STEPS, REGIONS**2)) < DIFFERING
    who = generator.integers(categories, size=differs.shape)
    step, connection = np.nonzero(differs)
    log[step, who[differs], connection] += generator.normal(0, SPREAD, size=len(step))
    share = np.exp(log)
    return share / share.sum(axis=2, keepdims=True)


def drawn(generator: np.random.Generator, share: np.ndarray) -> np.ndarray:
    """(steps, categories, connections) counts of documents that each take one connection a step."""
    return np.array([[generator.multinomial(DOCUMENTS, own) for own in step] for step in share])


def family(count: np.ndarray) -> tuple[Counts, np.ndarray]:
    """The family of the connections that were taken, and which those are."""
    dense = count.transpose(0, 2, 1).reshape(-1, count.shape[1])
    there = np.flatnonzero(dense.sum(axis=1))
    item, category = np.nonzero(dense[there])
    sizes = np.full((1, count.shape[1]), DOCUMENTS)
    return Counts(item, category, dense[there][item, category], np.zeros(len(there), dtype=np.int64), sizes), there


def missed(findings: Findings, counts: Counts, share: np.ndarray) -> float:
    """Share of what is named whose interval misses the truth; 0 where nothing is."""
    rows = np.flatnonzero(findings.evidence.finding)
    listed = [(counts.item[row], counts.category[row], findings.evidence, row) for row in rows]
    avoided = findings.avoided
    listed += [(item, avoided.category[at], avoided.evidence, at) for at, item in enumerate(avoided.item)]
    misses = 0
    for item, category, evidence, row in listed:
        truth = true_effect(counts, item, category, evidence.effect[row], share[item])
        misses += not evidence.ci_low[row] <= truth <= evidence.ci_high[row]
    return misses / max(1, len(listed))


def true_effect(counts: Counts, item: int, category: int, told: float, share: np.ndarray) -> float:
    """The true effect against those whom the told one compares with: the others of which it is the observed effect."""
    count, size = counts.dense(np.array([item]))[0], counts.sizes[0]
    others = [other for other in range(len(size)) if other != category]
    for number in range(len(others), 0, -1):
        for compared in combinations(others, number):
            left = [category, *compared]
            if np.isclose(log_odds_ratio(count[category], count[left].sum(), size[category], size[left].sum()), told):
                return float(logit(share[category]) - logit(share[list(compared)].mean()))
    raise ValueError("No set of categories has this effect")


def coverage(categories: int, studies: int, seed: int = 0) -> dict[str, object]:
    """What `line` prints."""
    generator = np.random.default_rng([seed, categories])
    held, seen = np.zeros(len(EXPECTED)), np.zeros(len(EXPECTED))
    listed, named = [], 0
    for _ in range(studies):
        share = shares(generator, categories)
        count = drawn(generator, share)
        of_each = share.transpose(0, 2, 1).reshape(-1, categories)
        truth = logit(of_each) - logit((of_each.sum(axis=1, keepdims=True) - of_each) / (categories - 1))
        counts, there = family(count)
        everyone = Cells(
            *np.divmod(np.arange(truth[there].size), categories), np.ones((truth[there].size, categories), bool)
        )
        sizes = np.full(truth[there].shape, DOCUMENTS)
        ends = Counted(counts.dense(np.arange(len(there))), sizes).intervals(everyone, 0.025)
        low, high = (end.reshape(sizes.shape) for end in ends)
        average = of_each[there].mean(axis=1, keepdims=True) * DOCUMENTS
        for place, least in enumerate(EXPECTED):
            chosen = np.broadcast_to(average >= least, low.shape)
            held[place] += ((low <= truth[there]) & (truth[there] <= high))[chosen].sum()
            seen[place] += chosen.sum()
        findings = find_differences(counts)
        listed.append(missed(findings, counts, of_each[there]))
        named += int((findings.evidence.finding != 0).sum()) + len(findings.avoided.item)
    error = float(np.std(listed, ddof=1) / studies**0.5)
    return {
        "categories": categories,
        "studies": studies,
        "unselected": dict(zip(map(str, EXPECTED), (held / seen).round(4).tolist(), strict=True)),
        "listed": round(float(np.mean(listed)), 4),
        "error": round(error, 4),
        "named": round(named / studies, 1),
        "keeps": bool(np.mean(listed) <= 0.05 + 2.33 * error),
    }


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=500)
    parser.add_argument("--categories", type=int, nargs="+", default=[2, 4])
    choice = parser.parse_args()
    for categories in choice.categories:
        line(validation="coverage", **coverage(categories, choice.studies))


if __name__ == "__main__":
    main()
