"""Chunks: the rows in order, and no mapped page left behind."""

import mmap
from pathlib import Path

import numpy as np
import pytest

from mri_core.chunks import ROWS, Chosen, chunks


@pytest.mark.parametrize("documents", [0, 1, ROWS, ROWS + 1, 3 * ROWS - 1])
def test_blocks_put_together_are_the_rows(documents):
    rows = np.arange(2 * documents, dtype=np.float32).reshape(documents, 2)
    seen = list(chunks(rows))
    assert sum(len(block) for _, block in seen) == documents
    assert all((rows[place] == block).all() and 0 < len(block) <= ROWS for place, block in seen)


def test_chosen_rows_are_those_asked_for_in_order_and_as_often():
    rows = np.random.default_rng(0).normal(size=(3 * ROWS, 2))
    ordinals = np.sort(np.random.default_rng(1).integers(3 * ROWS, size=2 * ROWS))
    chosen = Chosen(rows, ordinals)
    assert chosen.shape == (2 * ROWS, 2)
    assert (np.concatenate([block for _, block in chunks(chosen)]) == rows[ordinals]).all()


def resident() -> int:
    """KiB of files that are mapped into this process and in its memory."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("RssFile:")[2].split()[0])


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the resident set is read from /proc")
@pytest.mark.parametrize("view", ["whole", "part", "chosen"])
def test_a_mapped_file_is_let_go_of_while_it_is_read(tmp_path, view):
    np.save(tmp_path / "rows.npy", np.ones((20_000, 512), dtype=np.float32))  # 39 MiB
    rows = np.load(tmp_path / "rows.npy", mmap_mode="r")
    rows = {"whole": rows, "part": rows[5:], "chosen": Chosen(rows, np.arange(0, 20_000, 2))}[view]
    before = resident()
    most = max(resident() - before for _, block in chunks(rows) if block.sum())
    assert most < 10 * 1024


@pytest.mark.skipif(not hasattr(mmap, "MADV_DONTNEED"), reason="nothing is let go of here")
def test_a_private_mapping_keeps_what_was_written_to_it(tmp_path):
    np.save(tmp_path / "rows.npy", np.zeros((3 * ROWS, 4), dtype=np.float32))
    rows = np.load(tmp_path / "rows.npy", mmap_mode="c")
    rows[:] = 7
    assert all((block == 7).all() for _, block in chunks(rows))
    assert (rows == 7).all()
