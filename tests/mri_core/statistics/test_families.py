"""Whole families: planted differences are found where they are, and what the rows say fits together."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact
from scipy.stats.contingency import odds_ratio

from mri_core.connectome.counting import build_connectome
from mri_core.records.connectome import Connectome
from mri_core.statistics.counts import activity_counts, connection_counts, routing_counts
from mri_core.statistics.families import Findings, all_families, find_differences, with_evidence


def planted(shares: list[float], documents: int = 200, seed: int = 0) -> Connectome:
    """Two layers of three regions; of each category a share goes from region 0 to 0, the others anywhere else."""
    generator = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(shares)), documents)
    other = generator.integers(1, 9, size=len(labels))
    planted = generator.random(len(labels)) < np.array(shares)[labels]
    step = np.where(planted, 0, other)
    return build_connectome(np.column_stack([step // 3, step % 3]), labels, len(shares))


def named(tested: Findings, connectome: Connectome) -> dict[tuple[int, int, int], int]:
    flows, code = connectome.flows, connectome.region_code
    rows = zip(code[flows.source], code[flows.target], flows.category, tested.evidence.finding, strict=True)
    return {(int(s), int(t), int(c)): int(f) for s, t, c, f in rows if f}


def test_a_planted_connection_is_found_and_its_category_alone_is_named():
    connectome = planted([0.4, 0.1, 0.1, 0.1])
    found = named(find_differences(connection_counts(connectome)), connectome)
    assert found[0, 0, 0] == 1
    assert not {(0, 0, 1), (0, 0, 2), (0, 0, 3)} & set(found)


def test_of_two_categories_findings_and_effects_are_mirrored():
    connectome = planted([0.4, 0.1])
    tested = find_differences(connection_counts(connectome))
    flows = connectome.flows
    for item in range(tested.tests):
        rows = connection_counts(connectome).item == item
        assert rows.sum() == 2
        assert tested.evidence.effect[rows].sum() == pytest.approx(0)
        assert tested.evidence.finding[rows].sum() == 0
        assert np.ptp(tested.evidence.p[rows]) == pytest.approx(0)
    assert (tested.evidence.finding[(flows.source == 0) & (flows.category == 0)][0]) == 1


def test_a_category_that_never_takes_a_connection_is_found_to_avoid_it():
    connectome = planted([0.3, 0.3, 0.0])
    tested = find_differences(connection_counts(connectome))
    avoided = tested.avoided
    assert (connectome.flows.source[avoided.row[0]], avoided.category[0]) == (0, 2)
    assert connectome.region_code[connectome.flows.target[avoided.row[0]]] == 0
    assert avoided.evidence.finding.tolist() == [-1]
    assert avoided.evidence.ci_high[0] < 0
    assert avoided.evidence.p[0] == pytest.approx(fisher_exact(avoided_table(connectome)).pvalue)
    assert avoided.evidence.q[0] == tested.q[avoided.item[0]] <= 0.05


def avoided_table(connectome: Connectome) -> list[list[int]]:
    first = (connectome.flows.source == 0) & (connectome.region_code[connectome.flows.target] == 0)
    taking = int(connectome.flows.weight[first].sum())
    return [[0, taking], [200, 400 - taking]]


def test_rows_that_are_not_named_have_the_plain_p_effect_and_a_95_percent_interval():
    connectome = planted([0.1, 0.1, 0.1], documents=60)
    tested = find_differences(connection_counts(connectome))
    flows = connectome.flows
    row = int(np.flatnonzero(tested.evidence.finding == 0)[0])
    same = (flows.source == flows.source[row]) & (flows.target == flows.target[row])
    total, own = int(flows.weight[same].sum()), int(flows.weight[row])
    assert tested.evidence.p[row] == pytest.approx(
        fisher_exact([[own, total - own], [60 - own, 120 - total + own]]).pvalue
    )
    interval = odds_ratio([[own, total - own], [60 - own, 120 - total + own]]).confidence_interval(0.95)
    ends = np.exp([tested.evidence.ci_low[row], tested.evidence.ci_high[row]])
    assert ends == pytest.approx([interval.low, interval.high], rel=1e-5)
    assert np.isnan(tested.evidence.name_q[row])


def test_the_interval_of_what_is_named_has_the_level_of_the_list():
    tested = find_differences(connection_counts(planted([0.4, 0.1])))
    assert tested.level == pytest.approx(1 - 0.05 * tested.passed / tested.tests)
    named = tested.evidence.finding != 0
    assert (np.sign(tested.evidence.effect[named]) == tested.evidence.finding[named]).all()
    assert 0.95 < tested.level < 1


def occupancy_without_routing() -> Connectome:
    """Category 0 is in region 0 thrice as often; where a document goes depends on its region only."""
    generator = np.random.default_rng(5)
    labels = np.repeat([0, 1], 400)
    source = (generator.random(800) < np.where(labels == 0, 0.25, 0.75)).astype(int)
    target = (generator.random(800) < np.where(source == 0, 0.3, 0.6)).astype(int)
    return build_connectome(np.column_stack([source, target]), labels, 2)


def routing_without_occupancy() -> Connectome:
    """Categories are in the regions alike; from region 0 they go different ways."""
    generator = np.random.default_rng(6)
    labels = np.repeat([0, 1], 400)
    source = generator.integers(2, size=800)
    chance = np.where(source == 1, 0.5, np.where(labels == 0, 0.2, 0.8))
    return build_connectome(np.column_stack([source, (generator.random(800) < chance).astype(int)]), labels, 2)


def test_occupancy_without_routing_shows_in_connections_and_regions_only():
    connectome = occupancy_without_routing()
    assert find_differences(connection_counts(connectome)).passed == 4
    assert find_differences(activity_counts(connectome)).passed >= 2
    assert find_differences(routing_counts(connectome)).passed == 0


def test_routing_without_occupancy_is_found_where_it_is():
    connectome = routing_without_occupancy()
    tested = find_differences(routing_counts(connectome))
    source = connectome.region_code[connectome.flows.source]
    assert set(source[tested.evidence.finding != 0].tolist()) == {0}
    first_layer = connectome.region_layer[activity_counts(connectome).item] == 0
    assert not find_differences(activity_counts(connectome)).evidence.finding[: first_layer.sum()].any()


@pytest.mark.parametrize("fdr", ["discrete", "dbh", "bh"])
def test_every_method_finds_a_strong_difference_and_shuffled_labels_show_none(fdr):
    connectome = planted([0.5, 0.1])
    assert find_differences(connection_counts(connectome), fdr).passed >= 1
    assert find_differences(connection_counts(planted([0.1, 0.1], seed=3)), fdr).passed == 0


def test_what_rests_on_permutations_is_refused_without_them():
    with pytest.raises(ValueError, match="permuted counts"):
        find_differences(connection_counts(planted([0.5, 0.1])), "fwer")


def test_two_chosen_categories_are_tested_as_if_there_were_no_others():
    connectome = planted([0.4, 0.1, 0.25], seed=2)
    labels = np.repeat(np.arange(3), 200)
    counts, rows = connection_counts(connectome).among(np.array([2, 0]))
    tested = find_differences(counts)
    chosen = labels != 1
    codes = connectome.region_code[connectome.placement[chosen]]
    alone = find_differences(connection_counts(build_connectome(codes, np.where(labels[chosen] == 2, 0, 1), 2)))
    assert tested.evidence.effect == pytest.approx(alone.evidence.effect)
    assert tested.evidence.q == pytest.approx(alone.evidence.q)
    assert set(connectome.flows.category[rows].tolist()) == {0, 2}


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 4), st.sampled_from(["discrete", "dbh", "bh"]))
def test_a_named_row_passed_and_its_effect_has_the_findings_sign(seed, categories, fdr):
    generator = np.random.default_rng(seed)
    labels = np.concatenate([np.arange(categories), generator.integers(categories, size=60)])
    codes = np.column_stack([labels % 2, generator.integers(3, size=len(labels)), (labels + 1) // 2])
    for family in (connection_counts, activity_counts, routing_counts):
        tested = find_differences(family(build_connectome(codes, labels, categories)), fdr)
        named = tested.evidence.finding != 0
        assert (tested.evidence.q[named] <= 0.05).all()
        assert (np.sign(tested.evidence.effect[named]) == tested.evidence.finding[named]).all()
        passing = np.unique(family(build_connectome(codes, labels, categories)).item[tested.evidence.q <= 0.05])
        assert len(passing) == tested.passed
        assert (tested.avoided.evidence.finding == -1).all()


def test_the_records_hold_the_findings_of_all_families_and_what_is_avoided():
    connectome = planted([0.3, 0.3, 0.0, 0.0], documents=300)
    connections, regions, routes = all_families(connectome)
    told = with_evidence(connectome, connections, regions, routes)
    assert told.flows.evidence is connections.evidence
    assert told.activity.evidence is regions.evidence
    assert told.flows.routing_q.shape == told.flows.weight.shape
    first = told.avoided.source == 0
    assert told.avoided.category[first].tolist() == [2, 3]
    assert (told.avoided.weight == 0).all()
    inside = [(connectome.activity.region == 0) & (connectome.activity.category == c) for c in range(4)]
    sizes = [int(connectome.activity.documents[rows].sum()) for rows in inside]
    taking = [
        int(
            connectome.flows.weight[
                (connectome.flows.source == 0)
                & (connectome.flows.target == told.avoided.target[0])
                & (connectome.flows.category == c)
            ].sum()
        )
        for c in range(4)
    ]
    share = sum(taking) / sum(sizes)
    for category, effect in zip((2, 3), told.avoided.routing[first], strict=True):
        own, others = sizes[category] + 1, sum(sizes) - sizes[category] + 1
        having = sum(taking) + share
        assert effect == pytest.approx(np.log(share / (own - share) * (others - having) / having))


def test_what_has_a_p_of_one_is_never_found():
    """Each region holds two documents of 40, of different ones of 20 categories: there is nothing to be seen."""
    labels = np.repeat(np.arange(20), 2)
    regions = (labels + np.arange(40) % 2) % 20
    connectome = build_connectome(np.stack([regions, regions], axis=1), labels, 20)
    findings = find_differences(connection_counts(connectome))
    assert (findings.tests, findings.passed) == (20, 0)
    assert (findings.p == 1).all()
    assert (findings.q == 1).all()
