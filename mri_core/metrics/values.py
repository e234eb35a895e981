"""A measure's value if it is defined, else the reason."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mri_core.records.measures import Measure


@dataclass(frozen=True, slots=True)
class Undefined:
    """The reason why a measure is undefined, in place of its value."""

    reason: str


def measured(kind: str, value: float | Undefined, category: str | None, layer: int | None = None,
             details: Mapping[str, Any] | None = None) -> Measure:  # fmt: skip
    """A `Measure`, None with its reason in `details` if the value is undefined."""
    more = dict(details or {})
    if isinstance(value, Undefined):
        return Measure(kind, None, layer, category, details={"undefined": value.reason, **more})
    return Measure(kind, float(value), layer, category, details=more)


def mean(values: np.ndarray) -> float | Undefined:
    """Their mean."""
    return float(np.mean(values)) if len(values) else Undefined("there is no region")


def variance(values: np.ndarray) -> float | Undefined:
    """The unbiased variance, as in pandas."""
    if len(values) < 2:
        return Undefined("a variance needs 2 regions")
    return float(np.var(values, ddof=1))


def skewness(values: np.ndarray) -> float | Undefined:
    """The unbiased skewness G1 (Joanes and Gill 1998), as in pandas."""
    if problem := _shapeless(values, 3, "skewness"):
        return problem
    n = len(values)
    scaled = (values - values.mean()) / np.std(values, ddof=1)
    return float(n / ((n - 1) * (n - 2)) * np.sum(scaled**3))


def kurtosis(values: np.ndarray) -> float | Undefined:
    """The unbiased excess kurtosis G2 (Joanes and Gill 1998), as in pandas."""
    if problem := _shapeless(values, 4, "kurtosis"):
        return problem
    n = len(values)
    fourth = np.sum(((values - values.mean()) / np.std(values, ddof=1)) ** 4)
    return float(n * (n + 1) / ((n - 1) * (n - 2) * (n - 3)) * fourth - 3 * (n - 1) ** 2 / ((n - 2) * (n - 3)))


def correlation(assortativity: float, *ends: np.ndarray) -> float | Undefined:
    """A library's correlation over the connections; undefined if all values at one end are equal."""
    if any(alike(end) for end in ends) or not math.isfinite(assortativity):
        return Undefined("all connections have the same strength at one end")
    return assortativity


def alike(values: np.ndarray) -> bool:
    """Whether they are equal up to rounding."""
    return len(values) == 0 or bool(np.ptp(values) <= 1e-12 * np.max(np.abs(values)))


def _shapeless(values: np.ndarray, least: int, name: str) -> Undefined | None:
    if len(values) < least:
        return Undefined(f"{name} needs {least} regions")
    return Undefined("all regions are equal") if alike(values) else None
