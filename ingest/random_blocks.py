"""The control of random blocks: what the same model gives with its embeddings trained and its blocks not."""

from __future__ import annotations

from dataclasses import replace

from ingest.clock import Clock
from ingest.progress import Progress
from ingest.scan import ModelScan, Scan
from mri_core.errors import UsageError
from mri_core.records import Activations


def random_blocks(scan: Scan, seed: int, progress: Progress, clock: Clock) -> Activations:
    """The activations of a scan's documents by its model with re-initialised blocks.

    They are read as the scan's own are (site, pooling, prompt, precision), the same for a seed, and kept in the cache
    beside them. What a probe or a test finds in them owes nothing to what the blocks have learnt.

    Args:
        scan: of a request (`ingest.scan.open_scan`), or of a study (`ingest.reread.reread`).
        seed: of the blocks' weights.
        progress: is told of stages where the model runs.
        clock: counts the seconds of loading and running.

    Raises:
        UsageError: the scan is of given activations, whose model is not known.
        MriError: whatever the scan's own reading raises.
    """
    if not isinstance(scan, ModelScan):
        rule = "Blocks are re-initialised in a model"
        raise UsageError(rule, "These activations were given, their model is not known", "Leave random blocks out")
    return replace(scan, random_blocks=seed).rows(progress, clock)
