"""What the checks of a study are, in words."""

from __future__ import annotations

from ui.wording.checks import CONTROLS, controls_told


def test_controls_that_did_not_run_are_not_explained() -> None:
    assert controls_told(["family", "found", "tested"]) == (
        "Found at q ≤ 0.05, each family by itself. A connection is a pair of regions here, however many categories "
        "take it."
    )
    told = controls_told(["family", "routing floor"])
    assert "Routing floor: " in told
    assert "exceeds it." in told
    assert "Shuffled" not in told
    assert all(
        name in CONTROLS for name in ("Shuffled labels: ", "Random blocks: ", "Routing floor: ", "exceeds them.")
    )
