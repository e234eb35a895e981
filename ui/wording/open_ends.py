"""Intervals with an open end, as they are printed and drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence

Ends = tuple[float | None, float | None]
BEYOND = 0.05  # of what is drawn: how far past it an open end goes


def printed(low: float | None, high: float | None, form: Callable[[float], str] = "{:.2f}".format) -> str:
    """An interval in words: "0.21 to 1.30", "0.21 or more"; "" where it has no end."""
    if low is None or high is None:
        return f"{form(low)} or more" if low is not None else f"{form(high)} or less" if high is not None else ""
    return f"{form(low)} to {form(high)}"


def drawn(ends: Sequence[Ends], effects: Sequence[float]) -> list[tuple[float, float]]:
    """The ends of intervals, an open one past everything else that is drawn; a pair of none stays at its effect."""
    known = [end for pair in ends for end in pair if end is not None] + [0.0, *effects]
    margin = BEYOND * (max(known) - min(known))
    outermost = min(known) - margin, max(known) + margin
    return [
        (effect, effect)
        if low is None and high is None
        else (outermost[0] if low is None else low, outermost[1] if high is None else high)
        for (low, high), effect in zip(ends, effects, strict=True)
    ]
