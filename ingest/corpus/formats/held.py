"""Corpora in memory, found again by name while their process lives: `memory://DataFrame-3f2a9c1b5d7e`.

The name holds a hash of the content, so that the same rows have the same name in every process, and others another.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from threading import Lock
from typing import Any

from ingest.corpus.content import Content
from ingest.corpus.formats.columns import Columns, read_records
from ingest.corpus.formats.reader import Reader
from mri_core.errors import CorpusError
from mri_core.paths import MEMORY, memory_key

MOST = 8  # corpora that are held; of more, those that were used last
DIGITS = 12  # hex digits of the hash

_HELD: OrderedDict[str, Reader] = OrderedDict()  # by what `memory_key` finds in their names
_ALONE = Lock()


class HeldReader:
    """A reader whose name holds the hash of its rows."""

    def __init__(self, reader: Reader, name: str) -> None:
        self.name, self.columns, self.notes = name, reader.columns, reader.notes
        self._reader = reader

    def rows(self, wanted: Sequence[str]) -> Iterator[tuple[str, Sequence[Any]]]:
        """The rows of the reader."""
        return self._reader.rows(wanted)


def hold(reader: Reader, columns: Columns) -> str:
    """Holds a corpus, and returns the name that `held` finds it by.

    Args:
        reader: of what is in memory.
        columns: that are read; the hash is of their cells.

    Raises:
        CorpusError: a cell holds what no text or label can be.
    """
    content = Content()
    for record in read_records(reader, columns):
        content.add(record)
    name = f"{reader.name.replace('/', '-')}-{content.hexdigest()[:DIGITS]}"
    with _ALONE:
        _HELD[memory_key(name)] = HeldReader(reader, name)
        _HELD.move_to_end(memory_key(name))
        while len(_HELD) > MOST:
            _HELD.popitem(last=False)
    return MEMORY + name


def held(source: str) -> Reader:
    """The reader of a corpus that this process holds.

    Raises:
        CorpusError: it holds none of this name.
    """
    key = memory_key(source)
    with _ALONE:
        if key in _HELD:
            _HELD.move_to_end(key)
            return _HELD[key]
    fact = f"{source.removeprefix(MEMORY)} was given to mri.ingest from memory, and this process does not hold it"
    remedy = "Call mri.ingest as before with the same data, which scans nothing anew, then try again in that process"
    raise CorpusError("A corpus in memory lasts as long as its process", fact, remedy)
