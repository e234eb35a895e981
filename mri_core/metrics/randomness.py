"""igraph draws its random numbers from a seeded generator, and the global one is left as it was."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import igraph


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """What igraph draws within depends on the seed alone."""
    igraph.set_random_number_generator(random.Random(seed))  # noqa: S311 - nothing secret
    try:
        yield
    finally:
        igraph.set_random_number_generator(random)  # igraph's own default
