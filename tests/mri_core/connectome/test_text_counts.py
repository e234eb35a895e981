"""Texts are counted once, however many of their tokens are somewhere."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from mri_core.connectome.counting import build_connectome
from mri_core.connectome.text_counts import texts_of_categories, texts_of_regions, with_texts
from mri_core.statistics.families import all_families, with_evidence


def test_texts_are_those_that_sets_count() -> None:
    generator = np.random.default_rng(0)
    codes, labels = generator.integers(4, size=(300, 3)), generator.integers(3, size=300)
    texts = generator.choice([2, 5, 11, 40], 300)
    connectome = with_texts(build_connectome(codes, labels, 3), labels, texts)
    flows, activity, placement = connectome.flows, connectome.activity, connectome.placement
    on, there = {}, {}
    for row, label, text in zip(placement.tolist(), labels.tolist(), texts.tolist(), strict=True):
        for source, target in pairwise(row):
            on.setdefault((source, target, label), set()).add(text)
        for region in row:
            there.setdefault((region, label), set()).add(text)
    rows = zip(flows.source.tolist(), flows.target.tolist(), flows.category.tolist(), strict=True)
    assert np.asarray(flows.texts).tolist() == [len(on[row]) for row in rows]
    pairs = zip(activity.region.tolist(), activity.category.tolist(), strict=True)
    assert np.asarray(activity.texts).tolist() == [len(there[pair]) for pair in pairs]
    found = texts_of_regions(placement, texts).tolist()
    of_regions = [{t for (r, _), own in there.items() if r == region for t in own} for region in range(len(found))]
    assert found == [len(own) for own in of_regions]
    of_categories = [len(set(texts[labels == label].tolist())) for label in range(3)]
    assert texts_of_categories(labels, texts, 3).tolist() == of_categories


def test_tokens_that_are_texts_of_their_own_are_as_many_as_texts() -> None:
    generator = np.random.default_rng(1)
    codes, labels = generator.integers(3, size=(80, 4)), generator.integers(2, size=80)
    connectome = with_texts(build_connectome(codes, labels, 2), labels, np.arange(80))
    assert (connectome.flows.texts == connectome.flows.weight).all()
    assert (connectome.activity.texts == connectome.activity.documents).all()


def test_an_avoided_connection_has_no_text() -> None:
    labels = np.repeat([0, 1], 100)
    codes = np.column_stack([np.zeros(200, dtype=int), labels])
    connectome = build_connectome(codes, labels, 2)
    connectome = with_evidence(connectome, *all_families(connectome))
    counted = with_texts(connectome, labels, np.arange(200) // 4)
    assert counted.avoided is not None
    assert np.asarray(counted.avoided.texts).tolist() == [0, 0]
    assert replace(counted.avoided, texts=None).source.tolist() == connectome.avoided.source.tolist()


def test_a_single_layer_has_no_connections_and_its_texts_are_counted() -> None:
    connectome = build_connectome(np.array([[0], [0], [1]]), np.array([0, 0, 1]), 2)
    counted = with_texts(connectome, np.array([0, 0, 1]), np.array([3, 3, 3]))
    assert np.asarray(counted.flows.texts).tolist() == []
    assert np.asarray(counted.activity.texts).tolist() == [1, 1]
