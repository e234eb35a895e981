"""Studies whose truth is known, and codes of real texts under labels that mean nothing."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mri_core.statistics.tables import Tables, connection_tables, region_tables

LAYERS, REGIONS, STAYING = 7, 10, 0.81  # about 340 connections of 400 documents


class Study(NamedTuple):
    """Region codes (documents × layers), and the integer category of each document."""

    codes: np.ndarray
    labels: np.ndarray

    @property
    def categories(self) -> int:
        """Their number."""
        return int(self.labels.max()) + 1


class Connection(NamedTuple):
    """A connection by the codes of its regions."""

    layer: int
    source: int
    target: int


def walk(
    generator: np.random.Generator,
    documents: int,
    layers: int = LAYERS,
    regions: int = REGIONS,
    staying: float = STAYING,
) -> np.ndarray:
    """Codes of documents that stay in their region from layer to layer, or go anywhere."""
    codes = generator.integers(regions, size=(documents, layers))
    for layer in range(1, layers):
        stays = generator.random(documents) < staying
        codes[stays, layer] = codes[stays, layer - 1]
    return codes


def planted(generator: np.random.Generator, documents: int, categories: int, more: float) -> tuple[Study, Connection]:
    """A study in which category 0 takes one connection between two different regions more often than the others.

    Args:
        generator: of everything random.
        documents: of each category.
        categories: their number.
        more: share of category 0 that takes the connection besides those that do by chance.
    """
    labels = np.repeat(np.arange(categories), documents)
    codes = walk(generator, len(labels))
    layer = int(generator.integers(LAYERS - 1))
    source, target = (int(region) for region in generator.choice(REGIONS, size=2, replace=False))
    moved = np.flatnonzero((labels == 0) & (generator.random(len(labels)) < more))
    codes[moved, layer], codes[moved, layer + 1] = source, target
    return Study(codes, labels), Connection(layer, source, target)


def item_of(tables: Tables, connection: Connection) -> int | None:
    """The number of a connection among those that documents take; None where none does."""
    there = (
        (tables.table == connection.layer) & (tables.first == connection.source) & (tables.second == connection.target)
    )
    return int(np.flatnonzero(there)[0]) if there.any() else None


def families(codes: np.ndarray) -> dict[str, tuple[Tables, bool]]:
    """The tables of each family, and whether they are seen inside the source regions only."""
    connections = connection_tables(codes)
    return {
        "connections": (connections, False),
        "activity": (region_tables(codes), False),
        "routing": (connections, True),
    }


def real(choice: argparse.Namespace) -> Study:
    """Codes of the first texts of a corpus in the default atlas, and their own labels."""
    from benchmarks.atlas_quality import read
    from mri_core.atlas.fitting import fit_atlas
    from mri_core.records.arrays import AtlasSpec

    with tempfile.TemporaryDirectory() as folder:
        news = read(choice, Path(folder))
        return Study(fit_atlas(news.activations, AtlasSpec()).codes, news.topics)


def corpus_options(parser: argparse.ArgumentParser) -> None:
    """The options that `real` reads."""
    parser.add_argument("--corpus", help="codes of its texts; else simulated ones")
    reading_options(parser)


def reading_options(parser: argparse.ArgumentParser, max_length: int = 64) -> None:
    """How the texts of a corpus are read, as `benchmarks.atlas_quality.read` wants it."""
    parser.add_argument("--model", default="minilm", choices=["minilm", "smollm2"])
    parser.add_argument("--documents", type=int)
    parser.add_argument("--max-length", type=int, default=max_length)
    parser.set_defaults(with_title=False)
