"""What is said of an atlas: how well it is found again, and where the chain holds documents."""

from __future__ import annotations

from typing import Any

import pytest

from ui.reports.atlas_quality import chained, told


def row(**facts: float | None) -> dict[str, Any]:
    known = ("refits", "unchained", "inertia_over_best", "silhouette", "straight", "straight_unchained")
    return dict.fromkeys(known) | facts


def test_without_refits_nothing_is_said() -> None:
    assert told([]) == []


def test_the_ranges_over_the_layers_are_said_in_one_line() -> None:
    layers = [
        row(refits=0.25, unchained=0.5, inertia_over_best=1.0, silhouette=0.1, straight=0.9, straight_unchained=0.85),
        row(refits=0.75, unchained=0.25, inertia_over_best=1.0125, silhouette=0.125),
    ]
    (line,) = told(layers)
    assert "refits by 0.250 to 0.750" in line
    assert "from random starts by 0.250 to 0.500" in line
    assert "0.250 to 0.500, whose squared distances are less by 1.2% at most" in line
    assert "silhouettes lie at 0.100 to 0.125" in line


def test_cells_have_refits_alone() -> None:
    (line,) = told([row(refits=0.5)])
    assert line == (
        "The atlas: a layer's regions agree with those of refits by 0.500 on average (adjusted Rand index). "
        "By layer: mri query atlas-quality."
    )


@pytest.mark.parametrize(("free", "said"), [(0.8, 1), (0.95, 0)])
def test_a_step_is_the_chain_s_doing_where_fits_started_anew_agree_less(free: float, said: int) -> None:
    lines = list(chained([row(refits=1, unchained=0.9, straight=1.0, straight_unchained=free), row(refits=1)]))
    assert len(lines) == said
    assert all("in 1 of 1 step" in line and "1.000" in line and "0.800" in line for line in lines)
