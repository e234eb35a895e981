"""Tables of regions and connections, counted by hand, and again under permuted labels."""

from collections import Counter

import numpy as np

from mri_core.connectome.counting import build_connectome
from mri_core.statistics.counts import connection_counts, routing_counts
from mri_core.statistics.paths import permuted_counts, permuted_routing_counts
from mri_core.statistics.tables import (
    as_counts,
    connection_tables,
    region_tables,
)

CODES = np.array([[0, 3, 1], [0, 3, 1], [2, 0, 1], [2, 3, 3], [0, 3, 3], [2, 3, 1]])
LABELS = np.array([0, 1, 1, 0, 0, 1])


def as_counter(tables, counts):
    rows = zip(tables.table.tolist(), tables.first.tolist(), tables.second.tolist(), counts.tolist(), strict=True)
    return {(table, first, second): own for table, first, second, own in rows}


def test_regions_and_connections_are_counted_by_category():
    regions, connections = region_tables(CODES), connection_tables(CODES)
    by_region, by_connection = Counter(), Counter()
    for codes, label in zip(CODES.tolist(), LABELS.tolist(), strict=True):
        by_region.update((layer, code, code, label) for layer, code in enumerate(codes))
        by_connection.update((step, codes[step], codes[step + 1], label) for step in range(2))
    for tables, expected in ((regions, by_region), (connections, by_connection)):
        found = as_counter(tables, tables.counts(LABELS, 2))
        assert found == {key[:3]: [expected[*key[:3], 0], expected[*key[:3], 1]] for key in expected}
        assert tables.totals().tolist() == [sum(own) for own in found.values()]


def test_connections_of_a_placement_are_in_the_order_of_the_connectome():
    connectome = build_connectome(CODES, LABELS, 2)
    tables = connection_tables(connectome.placement)
    flows = connectome.flows
    new = np.diff(flows.source * 100 + flows.target, prepend=-1) != 0
    assert (tables.first == flows.source[new]).all()
    assert (tables.second == flows.target[new]).all()


def test_only_the_chosen_documents_count():
    tables = region_tables(CODES)
    among = np.array([True, False, True, False, False, False])
    assert tables.counts(LABELS, 2, among).sum() == 6
    assert (tables.counts(LABELS, 2, among) + tables.counts(LABELS, 2, ~among) == tables.counts(LABELS, 2)).all()


def test_counts_of_several_labellings_are_those_of_each():
    tables, labels = connection_tables(CODES), np.array([LABELS, 1 - LABELS, np.zeros_like(LABELS)])
    assert (tables.counts(labels, 2) == [tables.counts(own, 2) for own in labels]).all()


def test_permuted_counts_keep_both_margins():
    tables = connection_tables(CODES)
    drawn = np.concatenate(list(permuted_counts(tables, LABELS, 2, 20, 0)))
    assert len(drawn) == 20
    for counts in drawn:
        assert (counts.sum(axis=1) == tables.totals()).all()
        assert (tables.sums(counts) == 3).all()


def test_permuted_routing_keeps_every_source_regions_categories():
    tables = connection_tables(CODES)
    observed = tables.counts(LABELS, 2)
    source = tables.table * 10 + tables.first
    different = set()
    for counts in np.concatenate(list(permuted_routing_counts(tables, LABELS, 2, 50, 0))):
        different.add(counts.tobytes())
        assert (counts.sum(axis=1) == tables.totals()).all()
        for region in np.unique(source):
            assert (counts[source == region].sum(axis=0) == observed[source == region].sum(axis=0)).all()
    assert len(different) > 3


def test_counts_are_those_of_the_connectome_in_whole_and_inside_the_source_region():
    connectome = build_connectome(CODES, LABELS, 2)
    tables = connection_tables(CODES)
    counts = tables.counts(LABELS, 2)
    for inside, theirs in ((False, connection_counts(connectome)), (True, routing_counts(connectome))):
        ours = as_counts(tables, counts, inside)
        assert (ours.item == theirs.item).all()
        assert (ours.category == theirs.category).all()
        assert (ours.count == theirs.count).all()
        assert (ours.sizes[ours.population] == theirs.sizes[theirs.population]).all()
