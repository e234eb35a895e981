"""What a statement uses and returns is found past strings, comments, backticks and subqueries."""

from __future__ import annotations

import pytest

from queries.statement import StatementError, parameters, returned_columns


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("RETURN $a + $b_2 AS x", ["a", "b_2"]),
        ("RETURN '$no' + \"$no\" + $yes AS x // $no\n/* $no */", ["yes"]),
        ("RETURN `$no` AS x", []),
        ("RETURN $`odd one` AS x", ["odd one"]),
        ("RETURN 'it\\'s $no' AS x, $a AS y", ["a"]),
        ("RETURN 'http://no' + $a AS x", ["a"]),
        ("CALL { RETURN $a AS x } RETURN x", ["a"]),
    ],
)
def test_parameters_are_those_outside_texts_and_comments(statement: str, expected: list[str]) -> None:
    assert list(parameters(statement)) == expected


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("RETURN a", ["a"]),
        ("return distinct a, b.c AS d order by a skip 1 limit 2", ["a", "d"]),
        ("RETURN a OFFSET 2", ["a"]),
        ("MATCH (n) CALL (n) { RETURN n.x AS inner } RETURN inner AS outer", ["outer"]),
        ("MATCH (n) RETURN COLLECT { MATCH (n)--(m) RETURN m.x AS x } AS list, n", ["list", "n"]),
        ("RETURN coalesce(a, 'RETURN b') AS x, [i IN [1, 2] | i] AS y, {order: 1, limit: 2} AS z", ["x", "y", "z"]),
        ("RETURN a.limit AS limit, b.order AS `the order`", ["limit", "the order"]),
        ("RETURN CASE WHEN a THEN 1 ELSE 2 END AS x // RETURN y", ["x"]),
        ("RETURN a AS `tick``ed`", ["tick`ed"]),
    ],
)
def test_columns_are_those_of_the_final_return(statement: str, expected: list[str]) -> None:
    assert [columns for columns, _ in returned_columns(statement)] == [expected]


def test_each_part_of_a_union_returns() -> None:
    statement = "RETURN 1 AS a UNION ALL RETURN 2 AS b LIMIT 1"
    assert [columns for columns, _ in returned_columns(statement)] == [["a"], ["b"]]


@pytest.mark.parametrize("statement", ["RETURN *", "RETURN a.b", "RETURN count(n)", "RETURN", "RETURN a,", "RETURN 1"])
def test_a_column_without_a_name_is_refused(statement: str) -> None:
    with pytest.raises(StatementError, match="has a name"):
        returned_columns(statement)


@pytest.mark.parametrize(
    ("statement", "position", "message"),
    [
        ("RETURN 'a", 7, "' is not closed"),
        ("RETURN `a", 7, "` is not closed"),
        ("RETURN 1 AS a /* b", 14, r"/\* is not closed"),
        ("RETURN (a", 7, r"\( is not closed"),
        ("RETURN [a)", 9, r"\) closes nothing"),
        ("RETURN a}", 8, "} closes nothing"),
    ],
)
def test_what_is_not_closed_is_told_with_its_place(statement: str, position: int, message: str) -> None:
    with pytest.raises(StatementError, match=message) as caught:
        parameters(statement)
    assert caught.value.position == position
