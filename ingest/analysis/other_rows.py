"""Rows of a scan's documents that do not depend on what its model's blocks have learnt."""

from __future__ import annotations

from dataclasses import replace

from ingest.run import Run
from ingest.scan.from_model import ModelScan
from ingest.scan.records import Scan
from mri_core.errors import UsageError
from mri_core.records.arrays import SEEDS, Activations

REINITIALISED = 5  # models with re-initialised blocks: a single one may lie anywhere in their range


def random_blocks(scan: Scan, seed: int, run: Run) -> Activations:
    """The activations of a scan's documents by its model with re-initialised blocks.

    They are read as the scan's own are (site, pooling, prompt, precision), the same for a seed, and stored in the cache
    next to them. What a probe or a test finds in them does not depend on what the blocks have learnt.

    Args:
        scan: of a request (`ingest.scan.opening.open_scan`), or of a study (`ingest.studies.reread.reread`).
        seed: of the blocks' weights.
        run: receives the stages and counts the seconds where the model runs.

    Raises:
        UsageError: the scan is of given activations, whose model is not known.
        MriError: whatever the scan's own reading raises.
    """
    return replace(_of_model(scan, "Blocks are re-initialised", "random blocks"), random_blocks=seed).rows(run)


def block_seeds(seed: int, count: int = REINITIALISED) -> list[int]:
    """Seeds of a study's re-initialised models."""
    return [(seed + number) % SEEDS for number in range(count)]


def token_embeddings(scan: Scan, run: Run) -> Activations:
    """The mean of the embeddings of each text's own tokens, as the only layer: words without order or context.

    Args:
        scan, run: as of `random_blocks`.

    Raises:
        UsageError: the scan is of given activations, whose model is not known.
        MriError: the model has no table of token embeddings; whatever the scan's own reading raises.
    """
    return replace(_of_model(scan, "Token embeddings are read", "them"), embeddings=True).rows(run)


def _of_model(scan: Scan, what: str, left_out: str) -> ModelScan:
    if not isinstance(scan, ModelScan):
        fact = "These activations were given, their model is not known"
        raise UsageError(f"{what} in a model", fact, f"Leave {left_out} out")
    return scan
