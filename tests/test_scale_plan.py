"""The plan in docs/scale.md holds what its script computes, and that is what a reader computes by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.ten_million import Plan, table

DOCS = Path(__file__).parents[1] / "docs"


def test_the_table_of_the_docs_is_that_of_the_script() -> None:
    assert table(Plan()) in (DOCS / "scale.md").read_text(encoding="utf-8")


def test_the_rates_of_loading_are_those_that_were_measured() -> None:
    measured = (DOCS / "benchmarks.md").read_text(encoding="utf-8")
    assert f"| {Plan().embedded:,} |" in measured
    assert f"| {Plan().neo4j:,} |" in measured


def test_numbers_that_were_worked_out_by_hand() -> None:
    plan = Plan()
    assert plan.numbers == 663_552  # 81 layers of 8,192
    assert plan.rate == pytest.approx(2_825.7, abs=0.1)  # 395.6e12 / 1.4e11
    assert plan.hours == pytest.approx(3.932, abs=1e-3)  # 2.56e9 / 180,846 = 14,156 s
    assert plan.texts_a_second == pytest.approx(706.4, abs=0.1)
    assert plan.connections == 460_800  # 46,080 pairs of regions, 10 categories
    assert plan.relationships(10_000_000) == 820_460_800


def test_half_of_the_utilisation_takes_twice_as_long_and_twice_the_workers_half() -> None:
    assert Plan(utilisation=0.2).hours == pytest.approx(2 * Plan().hours)
    assert Plan(workers=128).hours == pytest.approx(Plan().hours / 2)
