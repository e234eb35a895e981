"""From region codes to connections: counts, shares and lifts against independent counting."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mri_core.connectome.counting import build_connectome


@st.composite
def coded_documents(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, int]:
    seed = draw(st.integers(0, 2**32 - 1))
    documents, layers = draw(st.integers(2, 40)), draw(st.integers(2, 5))
    count = draw(st.integers(1, min(4, documents)))
    generator = np.random.default_rng(seed)
    codes = generator.integers(draw(st.integers(1, 7)), size=(documents, layers)) * 3
    labels = np.concatenate([np.arange(count), generator.integers(count, size=documents - count)])
    return codes, labels, count


@given(coded_documents())
def test_weights_between_two_layers_add_up_to_the_documents_of_each_category(sample):
    codes, labels, count = sample
    connectome = build_connectome(codes, labels, count)
    source_layer = connectome.region_layer[connectome.flows.source]
    for layer in range(codes.shape[1] - 1):
        for category in range(count):
            chosen = (source_layer == layer) & (connectome.flows.category == category)
            assert connectome.flows.weight[chosen].sum() == (labels == category).sum()
            assert connectome.flows.share[chosen].sum() == pytest.approx(1)


@given(coded_documents())
def test_connections_equal_a_plain_count_of_the_documents_that_take_them(sample):
    codes, labels, count = sample
    connectome = build_connectome(codes, labels, count)
    expected = Counter(
        (layer, int(codes[d, layer]), int(codes[d, layer + 1]), int(labels[d]))
        for d in range(len(labels))
        for layer in range(codes.shape[1] - 1)
    )
    flows, layer, code = connectome.flows, connectome.region_layer, connectome.region_code
    rows = zip(flows.source, flows.target, flows.category, flows.weight, strict=True)
    assert {(layer[s], code[s], code[t], c): w for s, t, c, w in rows} == expected
    assert (layer[flows.target] == layer[flows.source] + 1).all()


@given(coded_documents())
def test_region_counts_equal_a_plain_count_of_the_documents_in_them(sample):
    codes, labels, count = sample
    connectome = build_connectome(codes, labels, count)
    activity = connectome.activity
    expected = Counter(
        (layer, int(code), int(labels[d])) for d, row in enumerate(codes) for layer, code in enumerate(row)
    )
    layer, code = connectome.region_layer[activity.region], connectome.region_code[activity.region]
    rows = zip(layer, code, activity.category, activity.documents, strict=True)
    assert {(at, region, category): n for at, region, category, n in rows} == expected
    assert connectome.region_documents.sum() == codes.size


@given(coded_documents())
def test_a_documents_placement_names_the_region_of_its_code(sample):
    codes, labels, count = sample
    connectome = build_connectome(codes, labels, count)
    assert (connectome.region_code[connectome.placement] == codes).all()
    assert (connectome.region_layer[connectome.placement] == np.arange(codes.shape[1])).all()


def test_lift_is_the_share_over_the_mean_share_of_all_categories_small_ones_counting_alike():
    codes = np.array([[0, 0]] * 3 + [[0, 1]] * 1 + [[0, 0]] * 1)
    labels = np.array([0, 0, 0, 0, 1])
    flows = build_connectome(codes, labels, 2).flows
    straight = flows.target == flows.target.min()
    assert flows.share[straight] == pytest.approx([0.75, 1.0])
    assert flows.lift[straight] == pytest.approx([0.75 / 0.875, 1.0 / 0.875])
    assert flows.lift[~straight] == pytest.approx([2.0])
