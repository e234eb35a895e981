"""A measure's value where it is defined, and the reason where it is not."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mri_core.records.measures import Measure


@dataclass(frozen=True, slots=True)
class Undefined:
    """In place of a value that a measure does not have."""

    reason: str


def measured(kind: str, value: float | Undefined, category: str | None, layer: int | None = None,
             details: Mapping[str, Any] | None = None) -> Measure:  # fmt: skip
    """A `Measure`, None with its reason in `details` where the value is undefined."""
    more = dict(details or {})
    if isinstance(value, Undefined):
        return Measure(kind, None, layer, category, details={"undefined": value.reason, **more})
    return Measure(kind, float(value), layer, category, details=more)


def mean(values: np.ndarray) -> float | Undefined:
    """Their mean."""
    return float(np.mean(values)) if len(values) else Undefined("there is no region")


def variance(values: np.ndarray) -> float | Undefined:
    """The unbiased variance, as pandas has it."""
    if len(values) < 2:
        return Undefined("a variance needs 2 regions")
    return float(np.var(values, ddof=1))


def skewness(values: np.ndarray) -> float | Undefined:
    """The unbiased skewness G1 (Joanes and Gill 1998), as pandas has it."""
    if problem := _shapeless(values, 3, "skewness"):
        return problem
    n = len(values)
    scaled = (values - values.mean()) / np.std(values, ddof=1)
    return float(n / ((n - 1) * (n - 2)) * np.sum(scaled**3))


def kurtosis(values: np.ndarray) -> float | Undefined:
    """The unbiased excess kurtosis G2 (Joanes and Gill 1998), as pandas has it."""
    if problem := _shapeless(values, 4, "kurtosis"):
        return problem
    n = len(values)
    fourth = np.sum(((values - values.mean()) / np.std(values, ddof=1)) ** 4)
    return float(n * (n + 1) / ((n - 1) * (n - 2) * (n - 3)) * fourth - 3 * (n - 1) ** 2 / ((n - 2) * (n - 3)))


def correlation(assortativity: float, *ends: np.ndarray) -> float | Undefined:
    """What a library found to be the correlation over the connections, where the ends differ at all."""
    if any(alike(end) for end in ends) or not math.isfinite(assortativity):
        return Undefined("all connections have the same strength at one end")
    return assortativity


def alike(values: np.ndarray) -> bool:
    """Whether they are equal but for rounding."""
    return len(values) == 0 or bool(np.ptp(values) <= 1e-12 * np.max(np.abs(values)))


def _shapeless(values: np.ndarray, least: int, name: str) -> Undefined | None:
    if len(values) < least:
        return Undefined(f"{name} needs {least} regions")
    return Undefined("all regions are equal") if alike(values) else None
