#!/usr/bin/env bash
# matplotlib 3.11.2.
# A figure with layout="constrained" that is saved twice gives two different pictures: each drawing goes on from the layout
# that the last one left, and the second moves the axes by some tenths of a percent. Whoever compares files by their bytes
# makes the figure anew for each, or draws it some times with `draw_without_rendering` before the first.
# Output seen:
#   constrained: the first differs from the second, the second is the third
#   no layout engine: all are the same
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check matplotlib==3.11.2
"$folder/venv/bin/python" - <<'END'
import hashlib
import io

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt


def saved(layout: str) -> list[str]:
    figure, axes = plt.subplots(2, 2, layout=layout, figsize=(6, 4))
    for ax in axes.flat:
        ax.plot([0, 1], [0, 1], label="a line with a name")
        ax.set_xlabel("layer")
        ax.set_title("title")
    where = "outside lower center" if layout == "constrained" else "lower center"
    figure.legend(*axes.flat[0].get_legend_handles_labels(), loc=where)
    sums = []
    for _ in range(3):
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png")
        sums.append(hashlib.sha256(buffer.getvalue()).hexdigest())
    return sums


first, second, third = saved("constrained")
assert first != second == third
print("constrained: the first differs from the second, the second is the third")
assert len({*saved("none")}) == 1
print("no layout engine: all are the same")
END
