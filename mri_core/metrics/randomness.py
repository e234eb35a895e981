"""A seeded random number generator for igraph that leaves the global one unchanged."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import igraph


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """While open, igraph's random draws depend on the seed alone."""
    igraph.set_random_number_generator(random.Random(seed))  # noqa: S311 - nothing secret
    try:
        yield
    finally:
        igraph.set_random_number_generator(random)  # igraph's own default
