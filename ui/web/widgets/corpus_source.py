"""A corpus that a user of the page names or uploads, looked at before it is scanned."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from ingest.corpus.corpus import CorpusOptions
from ingest.corpus.preview import Counted, Preview, count, preview
from mri_core.errors import MriError
from mri_core.paths import user_path
from ui.jobs import access
from ui.jobs.uploads import Upload

KEPT, SECONDS = 20, 600.0


@dataclass(frozen=True)
class CorpusSource:
    """A file, a folder or a dataset.

    Attributes:
        key: another one where the content is another.
        name: what the user called it.
        upload: its content, where the browser sent it.
    """

    key: str
    name: str
    upload: Upload | None = None

    @classmethod
    def uploaded(cls, name: str, content: memoryview, number: str) -> CorpusSource:
        """A file that the browser sent; every one has a number of its own."""
        return cls(number, name, Upload(name, content))

    @classmethod
    def named(cls, name: str) -> CorpusSource:
        """What stands on this machine or on the hub under a name; raises `AccessError` where it may not be read."""
        name = access.admitted_source(name)
        try:
            stat = user_path(name).stat()
        except (OSError, MriError):  # no file: whoever reads it says so
            return cls(name, name)
        return cls(f"{name} {stat.st_mtime_ns} {stat.st_size}", name)

    @contextmanager
    def path(self) -> Iterator[str | Path]:
        """What an ingest can read, while the context lasts."""
        if self.upload is None:
            yield self.name
        else:
            with self.upload.on_disk() as path:
                yield path


def look(source: CorpusSource, separator: str | None = None) -> Preview:
    """Columns and first rows; raises `CorpusError` where it cannot be read."""
    return _look(source.key, separator, source)


def counted(source: CorpusSource, options: CorpusOptions) -> Counted:
    """Categories and documents; raises `CorpusError` or `UsageError` as an ingest would."""
    return _counted(source.key, options, source)


@st.cache_data(show_spinner="Looking at the corpus …", max_entries=KEPT, ttl=SECONDS)
def _look(key: str, separator: str | None, _source: CorpusSource) -> Preview:
    with _source.path() as path:
        return preview(path, separator=separator)


@st.cache_data(show_spinner="Counting the documents of each category …", max_entries=KEPT, ttl=SECONDS)
def _counted(key: str, options: CorpusOptions, _source: CorpusSource) -> Counted:
    with _source.path() as path:
        return count(path, options)
