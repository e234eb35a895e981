"""What a study counts, in words: the one place that says whether tokens or documents are meant.

The words are made in `mri_core/records/units.py`, since questions and errors below this room use them too.
"""

from __future__ import annotations

from mri_core.records.units import (
    Counting,
    counted,
    in_texts,
    in_unit,
    number_of,
    of_tokens,
    pooled,
    text_word,
    unit_word,
)

__all__ = ["Counting", "counted", "in_texts", "in_unit", "number_of", "of_tokens", "pooled", "text_word", "unit_word"]
