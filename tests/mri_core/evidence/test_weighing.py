"""What a scan asks of its connectome: evidence in its place, what is avoided, words, and measures with their names."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy.stats import fisher_exact

from mri_core.connectome.connection_words import with_words
from mri_core.connectome.counting import build_connectome
from mri_core.errors import UsageError
from mri_core.evidence.weighing import FAMILIES, Names, Weighed, steps, weigh
from mri_core.records.connectome import Connectome
from mri_core.statistics.procedure import Procedure
from mri_core.texts.keywords import count_words

LABELS = np.arange(240) % 2


def planted(seed: int = 0) -> np.ndarray:
    """Three layers of three regions; between the first two, category 1 alone goes from region 0 to region 2."""
    generator = np.random.default_rng(seed)
    codes = generator.integers(3, size=(240, 1)).repeat(3, axis=1)
    codes[(codes[:, 0] == 0) & (LABELS == 1), 1] = 2
    return codes


def weighed(codes: np.ndarray, labels: np.ndarray = LABELS, **chosen: Any) -> tuple[Connectome, Weighed]:
    categories = int(labels.max()) + 1
    connectome = build_connectome(codes, labels, categories)
    places = zip(connectome.region_layer, connectome.region_code, strict=True)
    names = Names(("calm", "wild", "odd")[: labels.max() + 1], [f"L{layer}/R{code}" for layer, code in places])
    procedure = Procedure(labels, categories, **{"permutations": 99, **chosen})
    return connectome, weigh(connectome, procedure, names)


def test_every_row_has_fishers_p_and_the_log_odds_ratio() -> None:
    connectome, found = weighed(planted())
    flows = found.connectome.flows
    for source, target, category, p, effect in zip(
        flows.source, flows.target, flows.category, flows.evidence.p, flows.evidence.effect, strict=True
    ):
        layer = connectome.region_layer[source]
        takes = (connectome.placement[:, layer] == source) & (connectome.placement[:, layer + 1] == target)
        table = [[(takes & (c == LABELS)).sum(), (~takes & (c == LABELS)).sum()] for c in (category, 1 - category)]
        assert p == pytest.approx(fisher_exact(table)[1])
        share = takes.mean()  # of a document more on either side
        odds = [(taken + share) / (others + 1 - share) for taken, others in table]
        assert effect == pytest.approx(np.log(odds[0] / odds[1]))


def test_the_planted_way_is_found_and_who_never_takes_it_avoids_it() -> None:
    connectome, found = weighed(planted())
    key = dict(zip(zip(connectome.region_layer, connectome.region_code, strict=True), range(99), strict=False))
    flows, avoided = found.connectome.flows, found.connectome.avoided
    taken = (flows.source == key[0, 0]) & (flows.target == key[1, 2])
    assert (flows.category[taken].tolist(), flows.evidence.finding[taken].tolist()) == ([1], [1])
    assert flows.routing_q[taken][0] < 0.001
    lost = (avoided.source == key[0, 0]) & (avoided.target == key[1, 2])
    assert (avoided.category[lost].tolist(), avoided.evidence.finding[lost].tolist()) == ([0], [-1])
    assert avoided.weight.tolist() == [0] * len(avoided.weight)
    assert avoided.routing[lost][0] == pytest.approx(-flows.routing[taken][0])
    assert found.parting_q[key[0, 0]] < 0.01
    assert np.isnan(found.parting_q[connectome.region_layer == 2]).all()  # nothing leaves the last layer


def test_measures_tell_how_much_was_found_and_name_categories_and_regions() -> None:
    _, found = weighed(planted())
    by_family = {m.other: m for m in found.measures if m.kind == "findings"}
    assert tuple(by_family) == FAMILIES
    evidence = (found.connectome.flows.evidence, found.connectome.avoided.evidence)
    passed = {
        (source, target)
        for flows in (found.connectome.flows, found.connectome.avoided)
        for source, target, finding in zip(flows.source, flows.target, flows.evidence.finding, strict=True)
        if finding
    }
    assert by_family["connections"].value == len(passed)
    assert by_family["connections"].details["more"] == sum((e.finding > 0).sum() for e in evidence)
    assert [m.layer for m in found.measures if m.kind == "divergence"] == [0, 1, 2]
    network = next(m for m in found.measures if m.kind == "nbs")
    assert network.category in ("calm", "wild")
    assert ["L0/R0", "L1/R0"] in network.details["connections"] or ["L0/R0", "L1/R2"] in network.details["connections"]
    assert {m.kind for m in found.measures} == {"detectable", "findings", "divergence", "global", "nbs", "reliability"}


def test_steps_tells_how_often_progress_is_made() -> None:
    made = []
    codes, procedure = planted(), Procedure(LABELS, 2, permutations=7)
    connectome = build_connectome(codes, LABELS, 2)
    weigh(connectome, procedure, Names("ab", ["r"] * 99), lambda: made.append(1))
    assert len(made) == steps(procedure, 3)


def test_a_category_of_one_document_has_no_reliability_and_no_harm_comes_of_it() -> None:
    labels = LABELS.copy()
    labels[0] = 2
    _, found = weighed(planted(), labels=labels)
    assert not [m for m in found.measures if m.kind == "reliability"]
    assert len([m for m in found.measures if m.kind == "findings"]) == len(FAMILIES)


def test_groups_of_copies_are_no_evidence() -> None:
    generator = np.random.default_rng(5)
    labels = np.repeat(np.arange(2), 6)
    codes = generator.integers(2, size=(12, 3))
    copies, groups = np.repeat(codes, 40, axis=0), np.repeat(np.arange(12), 40)
    alone = weighed(copies, labels=np.repeat(labels, 40))[1]
    kept = weighed(copies, np.repeat(labels, 40), groups=groups, permutations=199)[1]
    counts = [next(m.value for m in found.measures if m.kind == "findings") for found in (alone, kept)]
    assert counts[0] > 0
    assert counts[1] == 0


def test_methods_that_rest_on_exact_tests_are_refused_with_groups() -> None:
    with pytest.raises(UsageError, match="--fdr bh"):
        weighed(planted(), fdr="bh", groups=np.arange(240) // 2)


def test_a_found_connection_is_told_by_words_its_source_region_lacks() -> None:
    codes = planted()
    texts = [
        f"river {'storm thunder' if here == 0 and there == 2 else 'meadow'} {'ab'[i % 2]}{i}"
        for i, (here, there) in enumerate(pairwise_of(codes))
    ]
    _, found = weighed(codes)
    told = with_words(found.connectome, count_words(texts))
    flows = told.flows
    words = {
        (s, t): own for s, t, own in zip(flows.source, flows.target, flows.keywords, strict=True) if "storm" in own
    }
    layer, code = told.region_layer, told.region_code
    ways = {(int(layer[s]), int(code[s]), int(code[t])) for s, t in words}
    assert ways == {(0, 0, 2), (1, 2, 0)}  # where they part from the others, and where they come back
    assert all("river" not in own for own in words.values())
    untold = flows.evidence.finding == 0
    pairs = {(s, t) for s, t in zip(flows.source[~untold], flows.target[~untold], strict=True)}
    assert all(
        not own for s, t, own in zip(flows.source, flows.target, flows.keywords, strict=True) if (s, t) not in pairs
    )


def pairwise_of(codes: np.ndarray) -> list[tuple[int, int]]:
    return [next(iter(pairwise(way))) for way in codes.tolist()]
