"""Folders of tables, as the Hugging Face hub lays datasets out: the shards of one split are one corpus."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from ingest.corpus.formats.opening import DECOMPRESSED, format_suffix
from ingest.corpus.formats.reader import Reader
from ingest.corpus.formats.splits import chosen_split, is_split, split_of
from mri_core.errors import CorpusError

DATA = ("data", "default")  # folders that mean nothing by their names


class ShardsReader:
    """Several files with columns of the same names, read one after the other; what a file lacks is a missing cell.

    Args:
        name: of the folder.
        shards: the files' readers, in order.
        notes: on the parts of the folder that are read.
    """

    def __init__(self, name: str, shards: Sequence[Reader], notes: Sequence[str]) -> None:
        self.name, self._shards = name, shards
        self.columns = tuple(dict.fromkeys(name for shard in shards for name in shard.columns))
        of_words = {getattr(shard, "token_columns", ()) for shard in shards}
        if len(of_words) == 1:  # of sentences, all written in the same columns
            (self.token_columns,) = of_words
            self.usual_tags: str | None = getattr(shards[0], "usual_tags", None)
        self.notes = (*notes, *dict.fromkeys(note for shard in shards for note in shard.notes))

    def rows(self, wanted: Sequence[str]) -> Iterator[tuple[str, Sequence[Any]]]:
        """The wanted cells of each row of each file.

        Raises:
            CorpusError: a file has none of the wanted columns, so that no row of it can be a document.
        """
        for shard in self._shards:
            present = [name for name in wanted if name in shard.columns]
            if not present:
                fact = f"{shard.name} has none of: {', '.join(wanted)}"
                raise CorpusError("The files of one corpus have the same columns", fact, "Name one of the files")
            for place, cells in shard.rows(present):
                found = dict(zip(present, cells, strict=True))
                yield place, [found.get(name) for name in wanted]


def tables(folder: Path, formats: Sequence[str]) -> list[Path]:
    """The files of a folder that are tables by their suffix, in order; nothing that is hidden.

    JSON files next to tables of other formats describe them, as a hub's `dataset_infos.json` does.
    """
    found = sorted(path for path in folder.rglob("*") if format_suffix(path) in formats and path.is_file())
    shown = [path for path in found if not any(part[0] in "._" for part in path.relative_to(folder).parts)]
    return [path for path in shown if format_suffix(path) != ".json"] or shown


def shards_reader(folder: Path, files: Sequence[Path], open_file: Callable[[Path], Reader]) -> ShardsReader:
    """The reader of the split called train of a folder's tables, or of the only one.

    Raises:
        CorpusError: there are several datasets, formats or splits to choose from.
    """
    name = folder.resolve().name
    paths = [file.relative_to(folder) for file in files]
    _refuse_several(name, "datasets", {_dataset(path) for path in paths}, "Name the folder of one of them")
    splits = list(dict.fromkeys(map(split_of, paths)))
    split = chosen_split(name, splits, "Name the file or the folder of one of them")
    shards = [file for file, path in zip(files, paths, strict=True) if split_of(path) == split]
    _refuse_several(name, "formats", {format_suffix(path) for path in shards}, "Name one of the files")
    _refuse_twice(shards)
    rest = len(files) - len(shards)
    notes = [f"Read: {len(shards)} of the {len(files)} files of {name}, the split {split}."] if rest else []
    return ShardsReader(f"{name}/{split}" if rest else name, [open_file(file) for file in shards], notes)


def _dataset(path: Path) -> str:
    """The dataset of a file by its folders: a configuration's name, if any."""
    return "/".join(part for part in path.parent.parts if part not in DATA and not is_split(part))


def _refuse_several(name: str, kind: str, found: set[str], remedy: str) -> None:
    if len(found) > 1:
        listed = ", ".join(sorted(each or "files of its own" for each in found))
        raise CorpusError(f"A corpus folder holds one of several {kind}", f"{name} has: {listed}", remedy)


def _refuse_twice(shards: Sequence[Path]) -> None:
    """Raises `CorpusError` for a table that is there plain and compressed, as `gzip -k` leaves it."""
    seen: dict[Path, Path] = {}
    for path in shards:
        plain = path.with_suffix("") if path.suffix.lower() in DECOMPRESSED else path
        if plain in seen:
            fact = f"{seen[plain].name} and {path.name} are one"
            raise CorpusError("A table is read once", fact, "Name one of them")
        seen[plain] = path
