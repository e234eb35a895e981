"""What came out of a corpus and a model."""

from __future__ import annotations

from dataclasses import dataclass

from mri_core.records import Activations


@dataclass(frozen=True)
class Extraction:
    """Activations and the facts of how they came about.

    Attributes:
        activations: rows (documents, width) float32 by ordinal, memory-mapped from the folder, and the tokens' counts.
        cut: by category, documents with more tokens than the model takes; only categories that have some.
        sinks_left_out: by layer, tokens that `mean` left out as attention sinks.
        without_tokens: documents without a token that `mean` could read, which keep what they have.
        tokens_total: the documents' own tokens that the model read.
        max_length: tokens that a text was cut to, special tokens included.
        warnings: what the user should know of the model, a sentence each.
    """

    activations: Activations
    cut: dict[str, int]
    sinks_left_out: tuple[int, ...]
    without_tokens: int
    tokens_total: int
    max_length: int
    warnings: tuple[str, ...]
