"""Files that a browser uploads: kept in a private folder under their own name while they are needed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from mri_core.errors import MriError

LONGEST = 50  # characters of a file's name before its suffix, up to four bytes each; systems take 255
LONGEST_SUFFIX = 10  # of each of two


@dataclass(frozen=True)
class Upload:
    """A file as the browser sent it; its name may be anything."""

    name: str
    content: bytes | memoryview = field(repr=False)

    @property
    def file_name(self) -> str:
        """The name without what could lead out of a folder."""
        plain = "".join(c if c.isprintable() and c not in "/\\" else "_" for c in self.name)
        suffix = "".join(Path(plain).suffixes[-2:])[-2 * LONGEST_SUFFIX :]  # .csv.gz
        stem = plain.removesuffix(suffix)[:LONGEST]
        return f"{stem}{suffix}" if plain.strip(". ") else "upload"

    def write(self, folder: Path) -> Path:
        """Puts the file into a folder of its own that only this user may read.

        Raises:
            MriError: the disk refuses.
        """
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            path = folder / self.file_name
            path.touch(mode=0o600)
            path.write_bytes(self.content)
        except OSError as error:
            fact = f"{folder} cannot be written: {error.strerror}"
            raise MriError("An upload is stored on the disk while it is read", fact, "Make room there") from error
        return path

    @contextmanager
    def on_disk(self) -> Iterator[Path]:
        """The file's path while the context lasts."""
        with TemporaryDirectory(prefix="mri-upload-") as folder:  # made for this user alone
            yield self.write(Path(folder))
