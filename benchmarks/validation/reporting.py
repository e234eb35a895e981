"""What the validations print: a share with its interval, and whether it keeps to its bound."""

from __future__ import annotations

import json

from scipy.stats import binom, binomtest

DOUBTFUL = 0.01  # a share this unlikely under its bound does not keep to it


def share(count: int, of: int) -> dict[str, float | int]:
    """A share and its exact 95 % interval."""
    interval = binomtest(count, of).proportion_ci()
    return {"share": round(count / of, 4), "of": of, "low": round(interval.low, 4), "high": round(interval.high, 4)}


def keeps(count: int, of: int, bound: float) -> bool:
    """Whether a share is compatible with a bound: as many or more are not unlikely at the bound."""
    return bool(binom.sf(count - 1, of, bound) >= DOUBTFUL)


def line(**facts: object) -> None:
    """One JSON object a line, at once."""
    print(json.dumps(facts), flush=True)
