"""The numbers in the cells of the connectivity matrix."""

from __future__ import annotations

import pytest

from ui.web.widgets.connectivity_chart import written


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (1234, "1,234"),
        (0, "0"),
        (0.0, "0.00"),
        (1.0, "1.00"),
        (0.126, "0.13"),
        (-0.126, "−0.13"),
        (0.0042, "0.004"),
        (-0.0042, "−0.004"),
    ],
)
def test_a_number_that_is_not_0_is_never_written_as_0(value: float, told: str) -> None:
    assert written(value) == told
