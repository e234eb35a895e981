#!/usr/bin/env bash
# scipy 1.17.1, numpy 2.3.5.
# `scipy.stats.random_table(row, col)` draws tables of counts with given margins. For a single row or column there is one
# such table: the other margin itself. Patefield's method, which is chosen by default here, gives another one with a negative
# count, whose sum is not that of the margins; Boyett's method gives the right one. With an empty second row, which changes
# nothing about what is asked, both are right.
# Output seen:
#   random_table([5], [2, 3]), default:   [[2, -2]]
#   random_table([5], [2, 3]), patefield: [[2, -2]]
#   random_table([5], [2, 3]), boyett:    [[2, 3]]
#   random_table([5, 0], [2, 3]), default: [[2, 3], [0, 0]]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check scipy==1.17.1 numpy==2.3.5
"$folder/venv/bin/python" - <<'PYTHON'
from scipy.stats import random_table


def drawn(rows, columns, method=None):
    return random_table(rows, columns).rvs(method=method, random_state=1).tolist()


found = {
    "default": drawn([5], [2, 3]),
    "patefield": drawn([5], [2, 3], "patefield"),
    "boyett": drawn([5], [2, 3], "boyett"),
    "default, with an empty row": drawn([5, 0], [2, 3]),
}
for name, table in found.items():
    print(f"{name}: {table}")
assert found["default"] == found["patefield"] == [[2, -2]]
assert found["boyett"] == [[2, 3]]
assert found["default, with an empty row"] == [[2, 3], [0, 0]]
PYTHON
