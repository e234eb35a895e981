"""Which findings come first: those that come back, of several categories, not one set of documents many times."""

from __future__ import annotations

from typing import Any

from ui.reports.first_findings import first_findings, stays


def row(category: str, source: str, target: str, stability: float | None = 1.0) -> dict[str, Any]:
    return {"category": category, "source": f"s/{source}", "target": f"s/{target}", "stability": stability}


def told(rows: list[dict[str, Any]], *, chained: bool = True) -> list[int]:
    return [rows.index(found) for found in first_findings(rows, "category", chained=chained)]  # type: ignore[arg-type]


def test_each_category_is_told_before_one_is_told_twice() -> None:
    rows = [row("a", f"L{i}/R0", f"L{i + 1}/R0") for i in range(5)]
    rows += [row("b", "L0/R1", "L1/R1"), row("c", "L0/R2", "L1/R2")]
    assert told(rows) == [0, 5, 6]


def test_of_one_category_the_same_documents_on_the_next_layers_are_told_once() -> None:
    rows = [row("a", f"L{i}/R0", f"L{i + 1}/R0") for i in range(3)] + [row("a", "L0/R0", "L1/R4")]
    assert told([*rows, row("a", "L3/R1", "L4/R1"), row("a", "L0/R2", "L1/R3")]) == [0, 4, 5]


def test_without_a_chain_connections_that_share_a_region_count_as_the_same() -> None:
    rows = [row("a", "L0/R0", "L1/R5"), row("a", "L1/R5", "L2/R7"), row("a", "L1/R0", "L2/R5")]
    assert told(rows, chained=False) == [0, 2, 1]


def test_what_few_refits_find_again_comes_after_all_that_more_do_or_that_was_not_refitted() -> None:
    rows = [row("b", "L0/R1", "L1/R1", 0.4), row("a", "L0/R0", "L1/R0", 0.5), row("a", "L1/R0", "L2/R0", None)]
    assert told(rows) == [1, 2, 0]


def test_of_fewer_rows_all_are_told_and_of_none_none() -> None:
    assert told([row("a", "L0/R0", "L1/R0")]) == [0]
    assert told([]) == []


def test_documents_stay_where_a_region_is_chained_to_itself() -> None:
    found = row("a", "L0/R3", "L1/R3")
    assert stays("s", found, chained=True)
    assert not stays("s", found, chained=False)
    assert not stays("s", row("a", "L0/R3", "L1/R13"), chained=True)
