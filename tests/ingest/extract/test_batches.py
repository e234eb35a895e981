"""Batches of windows, also where several are under way when memory runs out."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest

from ingest.cache.row_files import RowFolder
from ingest.extract.batches import Batches, Text, exactly, windows
from ingest.model.tokens import Encoded
from mri_core.errors import CorpusError, ModelError
from mri_core.records.corpus import Document
from tests.ingest.extract.test_extraction import Told
from tests.ingest.refusal import refused


class Holding(RowFolder):
    """Rows of a scan that was interrupted after some batches."""

    def holds(self, ordinals: Sequence[int]) -> bool:
        return list(ordinals) == [0, 1]


def batches_of(*lengths: Sequence[int], rows: type[RowFolder] = RowFolder) -> tuple[Batches, list[str], Told]:
    """Windows of texts of so many tokens, 40 in a batch."""
    ordinal, cut = 0, []
    for window in lengths:
        documents = [Document(ordinal + place, "a", "", "") for place in range(len(window))]
        own = [np.ones(length, dtype=bool) for length in window]
        cut.append((documents, [Encoded(mask.astype(np.int64), mask, mask, 0) for mask in own]))
        ordinal += len(window)
    notes, meter = list[str](), Told()
    found = Batches(iter(cut), rows(Path(), ()), meter, 40, mixed=True, notify=notes.append)
    return found, notes, meter


def ordinals(batch: list[Text] | None) -> list[int] | None:
    return None if batch is None else [text.ordinal for text in batch]


def test_each_window_comes_longest_first_and_one_after_the_other() -> None:
    batches, _, meter = batches_of([10, 20, 10, 20], [5, 6])
    assert [ordinals(batches.take()) for _ in range(4)] == [[1, 3], [0, 2], [5, 4], None]
    assert [list(window) for window in meter.windows] == [[0, 1, 2, 3], [4, 5]]


def test_what_is_stored_is_passed_over() -> None:
    batches, _, meter = batches_of([20, 20, 10, 10], rows=Holding)
    assert ordinals(batches.take()) == [2, 3]
    assert meter.batches == [([20, 20], False)]


def test_batches_that_run_out_of_memory_late_do_not_make_later_ones_larger_again() -> None:
    batches, notes, _ = batches_of([20, 20, 20, 20, 20, 20, 20, 20])
    first, second, third = (batches.take() for _ in range(3))
    assert first is not None
    assert second is not None
    assert third is not None
    batches.lessen(first)
    assert batches.budget == 20
    batches.lessen(second)  # was under way, as large as the first
    assert batches.budget == 20
    assert notes == ["Out of memory: going on with 20 tokens a batch."]
    left = [batches.take() for _ in range(7)]
    assert sorted(n for batch in left[:6] for n in ordinals(batch) or []) == [0, 1, 2, 3, 6, 7]
    assert left[6] is None
    with refused("One of 20 tokens does not", kind=ModelError):
        batches.lessen(left[0] or [])


@pytest.mark.parametrize(("count", "fact"), [(2, "now has more"), (4, "now has 3"), (3, "")])
def test_a_stream_of_another_number_is_refused(count: int, fact: str) -> None:
    documents = [Document(place, "a", "text", "") for place in range(3)]
    with refused(fact, kind=CorpusError) if fact else nullcontext():
        assert sum(len(window) for window in windows(exactly(count, documents))) == 3
