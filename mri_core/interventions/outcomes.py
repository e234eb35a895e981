"""What became of texts in the layers after a change: their regions, how far their rows moved, what a probe reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mri_core.atlas.fitting import layer_scores
from mri_core.atlas.kinds import ATLAS_KINDS
from mri_core.chunks import Chosen, chunks
from mri_core.interventions.directions import Controls
from mri_core.interventions.subjects import Asked, Subject
from mri_core.probing.classifier import Probe
from mri_core.records.arrays import Atlas


@dataclass(frozen=True)
class Outcome:
    """What texts did, (texts, later layers) or (texts,) each.

    Attributes:
        codes: region in each later layer.
        moved: distance of the rows from the untouched ones, in standard deviations (root mean square over columns).
        probability: of the category by a probe of the last layer; None without one.
        loss: mean negative log probability of the text's own tokens, nats; None without a language-modelling head.
        divergence: mean KL divergence of the next-token distributions from the untouched ones, nats; None likewise.
    """

    codes: np.ndarray
    moved: np.ndarray
    probability: np.ndarray | None
    loss: np.ndarray | None
    divergence: np.ndarray | None

    @property
    def none(self) -> Outcome:
        """The same of no text."""
        optional = (self.probability, self.loss, self.divergence)
        return Outcome(self.codes[:0], self.moved[:0], *(None if part is None else part[:0] for part in optional))


@dataclass(frozen=True)
class Tried:
    """What was measured; ordinals are the subject's.

    Attributes:
        asked, subject, controls: of the intervention.
        before: of the texts, untouched.
        after: of the texts, changed.
        under: of the texts under each control, in order.
        curve: of the texts by strength, for strengths other than the one that was asked for.
        others_before, others_after: of the bystanders, untouched and changed.
        factors: (controls,) how many times the direction's length each control's is.
    """

    asked: Asked
    subject: Subject
    controls: Controls
    before: Outcome
    after: Outcome
    under: tuple[Outcome, ...]
    curve: dict[float, Outcome]
    others_before: Outcome
    others_after: Outcome
    factors: np.ndarray


@dataclass(frozen=True)
class Measuring:
    """What later layers' rows are measured by.

    Attributes:
        atlas: frozen.
        layer: where states are changed; those after it are measured.
        spreads: for each later layer (width,) standard deviations of its columns; infinite for a constant one.
        probe: of the last layer; None without categories to read.
        category: whose probability is read.
    """

    atlas: Atlas
    layer: int
    spreads: tuple[np.ndarray, ...]
    probe: Probe | None
    category: int | None

    def codes(self, rows: Sequence[np.ndarray], tokens: np.ndarray | None) -> np.ndarray:
        """(texts, later layers) regions of rows (texts, width) for each later layer."""
        kind, later = ATLAS_KINDS.named(self.atlas.spec.kind), self.atlas.layers[self.layer + 1 :]
        reduced = (layer_scores(self.atlas.spec, *pair, tokens) for pair in zip(later, rows, strict=True))
        return np.stack([kind.assign(*pair) for pair in zip(later, reduced, strict=True)], axis=1)

    def moved(self, rows: Sequence[np.ndarray], untouched: Sequence[np.ndarray]) -> np.ndarray:
        """(texts, later layers) distances of rows from the untouched ones."""
        apart = (one - other for one, other in zip(rows, untouched, strict=True))
        scaled = (change / spread for change, spread in zip(apart, self.spreads, strict=True))
        return np.stack([np.sqrt(np.mean(np.square(change), axis=1)) for change in scaled], axis=1)

    def probability(self, rows: Sequence[np.ndarray]) -> np.ndarray | None:
        """(texts,) of the category."""
        if self.probe is None or self.category is None:
            return None
        return self.probe.probabilities(rows[-1])[:, self.category]


def column_spreads(rows: np.ndarray, known: np.ndarray) -> np.ndarray:
    """(width,) standard deviations of the known documents' columns; infinite where they are equal."""
    chosen = Chosen(rows, known)
    mean = np.sum([block.sum(axis=0, dtype=np.float64) for _, block in chunks(chosen)], axis=0) / len(known)
    squares = np.sum([np.square(block - mean).sum(axis=0) for _, block in chunks(chosen)], axis=0) / len(known)
    return np.where(squares > 0, np.sqrt(squares), np.inf)
