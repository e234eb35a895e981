"""What the benchmarks of the store share: a study of 500,000 connections, and a store to put it in."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from mri_core.records.graph import StudyGraph
from mri_core.store import Server, connector, locate
from mri_core.store.bolt.connection import Connection
from mri_core.store.embedded import lifecycle
from tests.planted import planted_graph

DOCUMENTS, LAYERS, REGIONS, CATEGORIES = 45_000, 13, 200, 6


def graph(name: str, documents: int = DOCUMENTS) -> StudyGraph:
    """Regions at random, the hardest case: hardly two documents share a step. 45,000 make about 500,000 connections."""
    codes = np.random.default_rng(0).integers(REGIONS, size=(documents, LAYERS))
    return planted_graph(name, codes=codes, categories=[f"c{i % CATEGORIES}" for i in range(documents)])


def location(description: str | None) -> str | None:
    """What `--store` names; None for an embedded store of the benchmark's own."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--store", help="a server as bolt://host:7687, with MRI_USER and MRI_PASSWORD; else embedded")
    return parser.parse_args().store


@contextmanager
def place(store: str | None) -> Iterator[str]:
    """A location: the server's, or a folder whose engine stops in the end."""
    if store is not None:
        yield store
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "store"
        yield str(folder)
        lifecycle.stop(folder)


def connection(store: str) -> Connection:
    """How the benchmark reaches a location with the bare driver."""
    return connector(store)()


def engine(store: str) -> str:
    """Which engine a location is of."""
    return "neo4j" if isinstance(locate(store), Server) else "embedded"
