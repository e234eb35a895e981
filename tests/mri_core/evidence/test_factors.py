"""What each of two crossed labels does with the other held."""

from __future__ import annotations

import numpy as np

from mri_core.connectome.counting import build_connectome
from mri_core.evidence.factors import factor_measures, factors
from mri_core.evidence.weighing import Names
from mri_core.statistics.procedure import Procedure

COLUMNS = ("topic", "register")
CATEGORIES = (("food", "plain"), ("food", "stiff"), ("law", "plain"), ("law", "stiff"))


def test_factors_tell_level_and_stratum_of_each_category() -> None:
    topic, register = factors(COLUMNS, CATEGORIES)
    assert (topic.name, topic.levels) == ("topic", ("food", "law"))
    assert topic.crossing.level.tolist() == [0, 0, 1, 1]
    assert topic.crossing.stratum.tolist() == [0, 1, 0, 1]
    assert (register.levels, register.crossing.level.tolist()) == (("plain", "stiff"), [0, 1, 0, 1])


def crossed(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Register alone moves documents: of stiff ones more go from region 0 to region 1. Topics are unbalanced over
    registers, so that topic alone, its registers thrown together, would seem to move them too."""
    generator = np.random.default_rng(seed)
    labels = np.repeat(np.arange(4), [160, 40, 40, 160])
    codes = np.zeros((400, 2), dtype=int)
    codes[:, 1] = generator.random(400) < np.where(labels % 2, 0.6, 0.1)
    return codes, labels


def test_the_factor_that_moves_documents_is_found_and_the_other_is_not() -> None:
    codes, labels = crossed()
    connectome = build_connectome(codes, labels, 4)
    names = Names([], ["L0/R0", "L1/R0", "L1/R1"])
    measures = factor_measures(connectome, factors(COLUMNS, CATEGORIES), Procedure(labels, 4), names)
    counted = {m.other: m for m in measures if m.kind == "findings"}
    assert counted["factor topic"].value == 0
    assert counted["factor register"].value == counted["factor register"].details["tests"] == 2
    found = {(m.category, m.other): m for m in measures if m.kind == "factor"}
    stiff = found["stiff", "register L0/R0>L1/R1"]
    assert stiff.details["finding"] == "more"
    assert 0 < stiff.ci_low < stiff.value < stiff.ci_high
    assert found["plain", "register L0/R0>L1/R1"].value == -stiff.value
    alone = build_connectome(codes, labels // 2, 2)
    flows = alone.flows.weight[alone.flows.target == 2]
    assert flows[1] > 2 * flows[0]  # topics thrown together do seem to differ


def test_permutations_within_strata_find_the_same() -> None:
    codes, labels = crossed()
    connectome = build_connectome(codes, labels, 4)
    names = Names([], ["L0/R0", "L1/R0", "L1/R1"])
    for chosen in ({"fdr": "fwer"}, {"groups": np.arange(400)}):
        procedure = Procedure(labels, 4, permutations=199, **chosen)
        measures = factor_measures(connectome, factors(COLUMNS, CATEGORIES), procedure, names)
        assert [m.value for m in measures if m.kind == "findings"] == [0, 2]


def test_a_factor_that_goes_with_the_other_has_nothing_to_be_compared_with() -> None:
    labels = np.arange(60) % 3
    codes = np.stack([labels, labels], axis=1)
    nested = factors(COLUMNS, (("food", "plain"), ("law", "stiff"), ("tax", "odd")))
    names = Names([], [f"L{layer}/R{region}" for layer in range(2) for region in range(3)])
    measures = factor_measures(build_connectome(codes, labels, 3), nested, Procedure(labels, 3), names)
    assert [(measure.kind, measure.value) for measure in measures] == [("findings", 0), ("findings", 0)]
