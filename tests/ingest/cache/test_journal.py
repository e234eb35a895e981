"""The journal of a cache entry: whatever a crash leaves of it, it tells no more than what was written."""

from __future__ import annotations

import json
import struct
import zlib
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.cache.journal import Batch, Entry, Journal, Shape, pack, read, write

NUMBERS = st.integers(0, 2**32 - 1)
BATCHES = st.builds(Batch, st.lists(NUMBERS, min_size=1, max_size=9).map(pack), NUMBERS, st.booleans())
CONDITIONS = st.none() | st.dictionaries(st.text(), st.integers() | st.text() | st.lists(st.text()))
SHAPES = st.builds(
    Shape, st.lists(st.integers(1, 9_999)).map(tuple), CONDITIONS, st.sampled_from([None, "blas", "onednn"])
)
ENTRIES = st.lists(BATCHES | SHAPES, max_size=6)
on_one_path = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def written(path: Path, entries: list[Entry]) -> bytes:
    path.unlink(missing_ok=True)
    with closing(Journal(path)) as journal:
        for entry in entries:
            journal.append(entry)
    return path.read_bytes()


@on_one_path
@given(entries=ENTRIES)
def test_what_was_appended_or_written_at_once_is_read(entries: list[Entry], tmp_path: Path) -> None:
    path = tmp_path / "journal"
    content = written(path, entries)
    assert list(read(path)) == entries
    write(path, entries)
    assert path.read_bytes() == content


@on_one_path
@given(entries=ENTRIES, data=st.data())
def test_cut_off_anywhere_it_tells_the_records_that_are_whole(
    entries: list[Entry], data: st.DataObject, tmp_path: Path
) -> None:
    path = tmp_path / "journal"
    content = written(path, entries)
    end = data.draw(st.integers(0, len(content)))
    path.write_bytes(content[:end])
    ends = [sum(len(entry.record()) for entry in entries[: n + 1]) for n in range(len(entries))]
    assert list(read(path)) == entries[: sum(e <= end for e in ends)]


@on_one_path
@given(entries=ENTRIES.filter(len), data=st.data())
def test_a_wrong_byte_ends_it_where_it_stands(entries: list[Entry], data: st.DataObject, tmp_path: Path) -> None:
    path = tmp_path / "journal"
    content = bytearray(written(path, entries))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    ends = [sum(len(entry.record()) for entry in entries[: n + 1]) for n in range(len(entries))]
    assert list(read(path)) == entries[: sum(e <= place for e in ends)]


@pytest.mark.parametrize("content", [b"", b"\xff" * 9, b"\0" * 9, b"\0" * 4096, b"{}"])
def test_what_is_no_journal_tells_nothing(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "journal").write_bytes(content)
    assert list(read(tmp_path / "journal")) == []


def test_a_batch_knows_how_many_documents_it_has() -> None:
    assert Batch(pack(range(7)), 0).documents == 7


def test_a_journal_of_a_version_that_noted_no_products_is_read(tmp_path: Path) -> None:
    write(tmp_path / "new", [Shape((3, 4), {"dtype": "float32"})])
    earlier = json.dumps([[3, 4], {"dtype": "float32"}]).encode()
    head = struct.pack("<BI", 0, len(earlier))
    crc = struct.pack("<I", zlib.crc32(earlier, zlib.crc32(head)))
    (tmp_path / "old").write_bytes(crc + head + earlier)
    assert list(read(tmp_path / "old")) == list(read(tmp_path / "new"))
