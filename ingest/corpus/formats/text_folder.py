"""Folders of text files whose subfolders are the labels."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from ingest.corpus.formats.opening import decoded, reading
from ingest.corpus.formats.splits import is_split
from mri_core.errors import CorpusError
from mri_core.numbers import how_many


class TextFolderReader:
    """A folder of .txt files whose subfolders are the labels; hidden files and folders are ignored.

    Where all its subfolders are splits, as `train` and `test` are, those within them are the labels. A file's path in
    the folder is its id. A file next to the labels' folders has no label.

    Raises:
        CorpusError: there is no text file, or one is not UTF-8; the message names file and line.
    """

    def __init__(self, path: Path) -> None:
        self.name = path.resolve().name
        self._path = path
        files = [file.relative_to(path).parts for file in self._files()]
        if not files:
            fact = f"{self.name} has no .txt files in subfolders"
            raise CorpusError("A corpus folder has a subfolder of .txt files for each label", fact)
        folders = {parts[0] for parts in files if len(parts) > 1}
        in_splits = bool(folders) and all(map(is_split, folders)) and any(len(parts) > 2 for parts in files)
        self._level = 1 if in_splits else 0  # of the folders that are labels
        self.columns = ("text", "label", "id", "split") if in_splits else ("text", "label", "id")
        self.notes = self._notes(files, sorted(folders))

    def rows(self, wanted: Sequence[str]) -> Iterator[tuple[str, list[str | None]]]:
        """The wanted cells of each file, in the order of the paths."""
        for file in self._files():
            parts = file.relative_to(self._path).parts
            place = "/".join(parts)
            with reading(self.name):
                text = decoded(file.read_bytes(), place)
            label = parts[self._level] if len(parts) > self._level + 1 else None
            cells = {"text": text, "label": label, "id": place, "split": parts[0] if self._level else None}
            yield place, [cells[name] for name in wanted]

    def _notes(self, files: Sequence[tuple[str, ...]], folders: Sequence[str]) -> tuple[str, ...]:
        notes = []
        if self._level:
            splits = ", ".join(folders)
            notes.append(f"{splits} are splits, and all are read: the labels are the folders in them.")
        deeper = sum(len(parts) > self._level + 2 for parts in files)
        if deeper:
            notes.append(f"Texts in folders within their label's folder, which count to that label: {deeper}.")
        others = sum(1 for _ in _visible(self._path)) - len(files)
        if others:
            notes.append(f"Not read, as they are no .txt files: {how_many(others, 'file')} in {self.name}.")
        return tuple(notes)

    def _files(self) -> list[Path]:
        with reading(self.name):
            return text_files(self._path)


def text_files(path: Path) -> list[Path]:
    """The .txt files of a folder and of those in it, in order; hidden ones not."""
    return [file for file in _visible(path) if file.name.lower().endswith(".txt")]


def _visible(path: Path) -> Iterator[Path]:
    """All files of a folder but the hidden ones, by their paths."""
    for folder, subfolders, files in os.walk(path, onerror=_raise):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        yield from (Path(folder, name) for name in sorted(files) if not name.startswith("."))


def _raise(error: OSError) -> None:
    raise error
