"""What was tried and what it shows: an example that one can follow with a pencil."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mri_core.records.connectome import Evidence
from mri_core.records.interventions import Change
from mri_core.store.store import Store
from queries.runner import run
from tests.planted import planted_graph, planted_intervention
from tests.questions import CATALOG

pytestmark = pytest.mark.engine

SEVEN = ["sky"] * 3 + ["sea"] * 4
CODES = np.array([[0, 0, 0], [0, 0, 1], [0, 1, 1], [1, 1, 1], [1, 1, 1], [1, 1, 0], [0, 0, 0]])
FEWER = Change("L1/R0", 1, -0.5, -0.75, -0.25, 0.0, -0.125, 0.05, 0.05)
MORE = Change("L1/R1", 1, 0.25, 0.125, 0.5, 0.0, 0.125, 0.05, 0.05)
# Of the connection L0/R0>L1/R0 a swap shows an effect, of L0/R0>L1/R1 neither a swap nor an erasure; L1/R1>L2/R1 was
# added to, with no q; the direction of L1/R0 was erased, without a connection in view.
TRIED = [
    planted_intervention(
        "L0/R0", "swap", source="L0/R1", target="L0/R0", towards="L1/R0", q=0.03125, effect=0.375, changes=(FEWER, MORE)
    ),
    planted_intervention("L0/R0", "swap", source="L0/R1", target="L0/R0", towards="L1/R1", q=0.5),
    planted_intervention("L0/R0", "erase", towards="L1/R1", q=0.25, changes=(replace(FEWER, delta=-0.75),)),
    planted_intervention("L1/R1", "add", towards="L2/R1", q=None),
    planted_intervention("L1/R0", "erase", q=0.125),
]


@pytest.fixture(scope="module", autouse=True)
def _tried(store: Store) -> Iterator[None]:
    """Seven documents whose every connection is a finding of every category that takes it."""
    graph = planted_graph("by-hand", codes=CODES, categories=SEVEN, fdr="discrete")
    flows = graph.connectome.flows
    ones, of_all = np.ones(len(flows.source)), np.full(len(flows.source), None, dtype=object)
    evidence = Evidence(ones, ones / 2, 2 * ones, ones / 99, ones / 50, ones.astype(np.int8), ones / 50, of_all)
    store.write(replace(graph, connectome=replace(graph.connectome, flows=replace(flows, evidence=evidence))))
    store.add_interventions(graph.study, TRIED)
    yield
    store.delete(graph.study)


def ask(store: Store, name: str, *columns: str, **values: object) -> list[tuple[Any, ...]]:
    """These columns of the rows, with regions told without their study."""
    rows = run(store, CATALOG.get(name), {"study": "by-hand", **values}).records()
    told = [[row[column] for column in columns] for row in rows]
    return [tuple(v.removeprefix("by-hand-00000000/") if isinstance(v, str) else v for v in row) for row in told]


def test_the_smallest_q_comes_first_and_what_has_none_last(store: Store) -> None:
    columns = ("operation", "region", "moved_from", "towards", "q")
    assert ask(store, "interventions", *columns) == [
        ("swap", "L0/R0", "L0/R1", "L1/R0", 0.03125),
        ("erase", "L1/R0", None, None, 0.125),
        ("erase", "L0/R0", None, "L1/R1", 0.25),
        ("swap", "L0/R0", "L0/R1", "L1/R1", 0.5),
        ("add", "L1/R1", None, "L2/R1", None),
    ]
    assert ask(store, "interventions", "region", operation="erase", region="L1/R0") == [("L1/R0",)]


def test_a_connection_whose_swap_shows_an_effect_is_told_for_each_category(store: Store) -> None:
    columns = ("source", "target", "category", "finding", "effect", "causal_q", "swaps", "least_change")
    assert ask(store, "causal-connections", *columns) == [
        ("L0/R0", "L1/R0", "sea", "more", 1.0, 0.03125, 1, 0.375),
        ("L0/R0", "L1/R0", "sky", "more", 1.0, 0.03125, 1, 0.375),
    ]
    every = ask(store, "causal-connections", "target", "category", "causal_q", most_q=1)
    assert every[2:] == [("L1/R1", "sky", 0.5)]


def test_what_changes_a_region_most_comes_first(store: Store) -> None:
    columns = ("operation", "asked", "layer", "moved_from", "delta", "ci_low", "ci_high", "q")
    assert ask(store, "causes-of-region", *columns, region="L1/R0") == [
        ("erase", "L0/R0", 0, None, -0.75, -0.75, -0.25, 0.05),
        ("swap", "L0/R0", 0, "L0/R1", -0.5, -0.75, -0.25, 0.05),
    ]
    assert ask(store, "causes-of-region", "delta", region="L1/R1") == [(0.25,)]
    assert ask(store, "causes-of-region", "delta", region="L2/R0") == []


def test_a_finding_that_was_tried_without_any_effect_shown_is_told_and_one_not_tried_is_not(store: Store) -> None:
    columns = ("source", "target", "category", "tried", "operations", "least_q")
    assert ask(store, "uncaused-findings", *columns) == [
        ("L0/R0", "L1/R1", "sky", 2, ["erase", "swap"], 0.25),
        ("L1/R1", "L2/R1", "sea", 1, ["add"], None),
        ("L1/R1", "L2/R1", "sky", 1, ["add"], None),
    ]
    assert len(ask(store, "uncaused-findings", "target", most_q=0.25)) == 2
    assert ask(store, "uncaused-findings", "target", category="sea", layer=0) == []
