"""Studies of every kind, and their reports as files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from mri_core.records.measures import Measure
from mri_core.store.store import Store
from tests.planted import planted_components, planted_graph, with_evidence
from tests.ui.evidence import hostile, placed, tried, unfound, weighed
from ui.publishing.report import report

Written = Callable[[str], str]
CHANGES = (
    Measure("drift", 0.25, 0, other="frozen-0000000a"),
    Measure("drift", 0.5, 1, other="frozen-0000000a"),
    Measure("changed", 1, other="connections", details={"base": "frozen-0000000a", "tests": 9, "fdr": "discrete"}),
    Measure("changed", 1.5, 0, None, "connections L0/R0>L1/R1", 0.5, 2.5, 0.001, 0.01, {"base": "frozen-0000000a"}),
)


@pytest.fixture(scope="module")
def reported(store: Store) -> Iterator[None]:
    """The store has a study with evidence and interventions, and others of which there is less, more or worse."""
    scores = np.random.default_rng(0).normal(size=(40, 3, 3))
    graphs = [
        weighed("reported", 41),
        hostile("report-hostile", 43),
        planted_graph("frozen", seed=10, atlas_hash="f" * 64),
        placed("report-placed", 47),
        unfound("report-unfound", 49),
        with_evidence(placed("report-both", 51), 51),
        planted_components("report-moving", scores=scores, categories=["a", "b"] * 20, threshold=0.1),
    ]
    for graph in graphs:
        store.write(graph)
    store.add_interventions(graphs[0].study, tried())
    store.add_measures(store.study("report-placed"), CHANGES)
    yield
    for graph in graphs:
        store.delete(graph.study)


@pytest.fixture(scope="module")
def report_of(reported: None, store: Store, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Writes the report of a study."""
    folder = tmp_path_factory.mktemp("reports")

    def write(study: str) -> Path:
        file = folder / f"{study}.html"
        if not file.exists():
            report(store, study, file)
        return file

    return write
