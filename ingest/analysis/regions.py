"""The regions of a scan's documents: an atlas fitted to them or to a sample of them, or a frozen one."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ingest.frozen import Frozen
from ingest.request import Request
from ingest.run import Run
from ingest.scan.records import Scan, Scanned
from mri_core.atlas.alignment import aligned_fit, halves
from mri_core.atlas.compact import with_rest
from mri_core.atlas.fitting import AtlasFit, fit_atlas
from mri_core.atlas.kinds import ATLAS_KINDS
from mri_core.atlas.placing import placed_fit
from mri_core.records.arrays import Activations
from mri_core.records.measures import Measure


class Regions(NamedTuple):
    """The atlas with the regions of documents.

    Attributes:
        fit: of all documents.
        fitted: of those that the atlas was fitted to: `fit`, unless it was fitted to a sample.
        scanned: the activations of these, with the facts of all documents.
        aligned: how well rows that were rotated match those of the atlas' study.
        scan: of what has a place, which may be less than was to be read where that is tokens.
    """

    fit: AtlasFit
    fitted: AtlasFit
    scanned: Scanned
    aligned: list[Measure]
    scan: Scan


def find_regions(
    scan: Scan,
    scanned: Scanned,
    request: Request,
    run: Run,
    frozen: Frozen | None = None,
    reference: Activations | None = None,
    groups: np.ndarray | None = None,
) -> Regions:
    """Fits an atlas, or places the documents in a frozen one; what is beyond a sample is placed as it is read.

    Args:
        scan: of the documents.
        scanned: its activations.
        request: the options.
        run: receives stages and counts the seconds.
        frozen: the atlas that the documents are placed in; None if one is fitted to them.
        reference: activations of the frozen atlas' study with which these are aligned; None if they are not.
        groups: (documents,) number of each document's group, if some belong together.
    """
    chosen = request.atlas_spec
    if scan.frequency is not None:  # as many regions as the study's identity says, whatever is left out
        chosen = replace(chosen, **ATLAS_KINDS.named(chosen.kind).shape(chosen, scan.sampled.documents))
    scan, scanned = scan.settled(scanned)
    with run.time("atlas"):
        advance = run.stage("atlas", len(scanned.layers), "layers")
        aligned: list[Measure] = []
        if frozen is None:
            fitted = fit_atlas(scanned.activations, chosen, advance)
            fitted = fitted._replace(atlas=replace(fitted.atlas, frequency=scan.frequency))
        elif reference is None:
            fitted = placed_fit(frozen.atlas, scanned.activations, advance)
        else:
            parted = halves(len(scanned.activations.layers[0]), request.seed, groups)
            fitted, aligned = aligned_fit(frozen.atlas, scanned.activations, reference, parted, advance)
    if scan.sample is None:
        return Regions(fitted, fitted, scanned, aligned, scan)
    placed = scan.place_rest(fitted.atlas, scanned, run)
    sample = np.asarray(placed.scan.sample)
    return Regions(with_rest(fitted, sample, placed.rows), fitted, placed.scanned, aligned, placed.scan)
