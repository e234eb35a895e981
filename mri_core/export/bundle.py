"""A study in one file, for another store: a zip archive of JSON lines, and a manifest with checksums.

`manifest.json` has the study's own node and what else the archive holds; `nodes/LABEL.jsonl` the properties of a node
in each line; `relationships/LABEL.jsonl` those that start at nodes of that label: ids and labels of both ends, type and
properties. The same study makes the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import IO, Any, Self, TypeVar
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from mri_core.errors import MriError, StoreError
from mri_core.export.admitted import MANIFEST, Admission, check_members, check_types
from mri_core.records.graph import Study
from mri_core.records.ids import check_study_name
from mri_core.store import document_table, schema
from mri_core.store.checksums import Tally, as_earlier, sums
from mri_core.store.contents import ATLAS_PARTS, LOADING, ORDER, Contents, Edge, Properties, without_texts
from mri_core.store.copying import Copied, bring
from mri_core.store.reading import study_of
from mri_core.store.store import Store

TABLE = "documents.parquet"  # of all documents, where the graph holds a sample of them
FORMAT, VERSION = "llm-mri-graph bundle", 1
OWNED = tuple(label for label in ORDER if label != schema.STUDY)
EPOCH = (1980, 1, 1, 0, 0, 0)  # of all members: when a file was written is none of its content
UNIX = 3  # system that members are said to come from, wherever they were written
PART = 5000  # lines in memory at once
LONGEST = 2**24  # bytes of a line: a part of an atlas has half a mebibyte
RULE = "A bundle is a file that `mri export STUDY bundle` wrote"
AGAIN = "Export it again, or fetch it again"
Value = TypeVar("Value")


def write_bundle(contents: Contents, file: Path) -> tuple[int, int]:
    """Writes a bundle; returns the number of nodes and of relationships, the study's own node among them."""
    tally, digests = Tally(), {}
    nodes, edges = dict.fromkeys(OWNED, 0), dict.fromkeys(OWNED, 0)
    ((study,),) = contents.nodes(schema.STUDY)
    tally.node(schema.STUDY, study)
    with ZipFile(file, "w") as archive:
        for label in OWNED:
            with _Member(archive, nodes_of(label)) as member:
                for part in contents.nodes(label):
                    for properties in part:
                        tally.node(label, properties)
                        member.write(properties)
                    nodes[label] += len(part)
            digests[member.name] = member.digest
        for label in OWNED:
            with _Member(archive, edges_of(label)) as member:
                for joining in contents.edges(label):
                    for edge in joining:
                        tally.edge(edge)
                        member.write(edge)
                    edges[label] += len(joining)
            digests[member.name] = member.digest
        digests |= _write_table(contents, archive)
        manifest = {
            "format": FORMAT,
            "version": VERSION,
            "study": study,
            "texts": not without_texts(contents.study),
            "checksum": tally.sums().content,
            "nodes": nodes,
            "relationships": edges,
            "members": digests,
        }
        text = json.dumps(manifest, ensure_ascii=False, indent=2, sort_keys=True)
        archive.writestr(_info(MANIFEST), text.encode())
    return 1 + sum(nodes.values()), sum(edges.values())


def _write_table(contents: Contents, archive: ZipFile) -> dict[str, str]:
    """Writes the table of all documents, if the graph holds a sample of them and it is at hand: name and checksum."""
    with TemporaryDirectory() as folder:
        table = Path(folder) / TABLE
        if not contents.write_table(table):
            return {}
        with table.open("rb") as file, archive.open(_info(TABLE), "w", force_zip64=True) as member:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            shutil.copyfileobj(file, member)
        return {TABLE: digest}


def nodes_of(label: str) -> str:
    """The member with the nodes of a label."""
    return f"nodes/{label}.jsonl"


def edges_of(label: str) -> str:
    """The member with the relationships that start at nodes of a label."""
    return f"relationships/{label}.jsonl"


LATER = (nodes_of("Annotation"), edges_of("Annotation"))  # members that earlier bundles lack


class Bundle(Contents):
    """A study in a file; a context manager. Whatever is read is checked: its checksum, and that it is of this study.

    Args:
        file: written by `write_bundle`.

    Raises:
        StoreError: it is no bundle, is damaged, or is of another version.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        _check_there(file)
        with self._reading():
            self._archive = ZipFile(file)
        try:
            with self._reading():
                self.manifest = _manifest(self._archive)
                check_members(
                    self._archive.namelist(), self.manifest["members"], _members() - {*LATER}, [TABLE, *LATER]
                )
                self._study = _checked_study(self.manifest["study"], file)
                self._admission = Admission(self._study, self.manifest["nodes"])
        except MriError:
            self._archive.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._archive.close()

    @property
    def study(self) -> Study:
        """The study's own node."""
        return self._study

    def nodes(self, label: str) -> Iterator[list[Properties]]:
        """The properties of all nodes of a label."""
        if label == schema.STUDY:
            yield [self.manifest["study"]]
            return
        size = ATLAS_PARTS if label == "AtlasPart" else PART
        yield from self._parts(nodes_of(label), size, partial(self._admission.node, label))

    def edges(self, label: str) -> Iterator[list[Edge]]:
        """All relationships that start at nodes of a label."""
        yield from self._parts(edges_of(label), PART, partial(self._admission.edge, label))

    def total(self) -> int:
        """Number of nodes and relationships, without the study's own node."""
        return sum(self.manifest["nodes"].values()) + sum(self.manifest["relationships"].values())

    def write_table(self, target: Path) -> bool:
        """Writes the table that the file holds; returns whether it does."""
        digest = self.manifest["members"].get(TABLE)
        if digest is None:
            return False
        with self._reading(), self._archive.open(TABLE) as member:
            document_table.take_in(member, target, self._study, digest)
        return True

    def check_unchanged(self) -> None:
        """Nothing changes what a file holds while it is open."""

    def _parts(self, name: str, size: int, made: Callable[[Any], Value]) -> Iterator[list[Value]]:
        """What the lines of a member hold; raises `StoreError` where its checksum is not that of the manifest."""
        digest = hashlib.sha256()

        def lines(member: IO[bytes]) -> Iterator[bytes]:
            while line := member.readline(LONGEST + 1):
                if len(line) > LONGEST:
                    raise ValueError(f"{name} has a line that is too long")
                digest.update(line)
                yield line

        if name in LATER and name not in self.manifest["members"]:
            return
        with self._reading(), self._archive.open(name) as member:
            rest = lines(member)
            while part := [made(json.loads(line, parse_constant=_no_number)) for line in islice(rest, size)]:
                yield part
            if digest.hexdigest() != self.manifest["members"].get(name):
                raise ValueError(f"{name} has another checksum than the manifest")

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except (OSError, BadZipFile, zlib.error, EOFError) as error:
            raise StoreError(RULE, f"{self._file} cannot be read: {_reason(error)}", AGAIN) from error
        except (KeyError, ValueError, RuntimeError, NotImplementedError) as error:
            raise StoreError(RULE, f"{self._file} is damaged: {_reason(error)}", AGAIN) from error


def import_bundle(
    file: Path,
    store: Store,
    *,
    replace: bool = False,
    progress: Callable[[int, int], None] | None = None,
    notify: Callable[[str], None] | None = None,
) -> tuple[Study, Copied]:
    """Writes the study of a bundle to a store, and checks that what arrived is what the file holds.

    Args:
        file: the bundle.
        store: on either engine.
        replace, progress, notify: as of `Store.write`.

    Raises:
        StoreError: the file is no bundle, or damaged, and nothing was written; or as `mri_core.store.copying.copy`.
    """
    with Bundle(file) as bundle:
        original = sums(bundle)
        earlier = as_earlier(original.content, bundle.manifest["study"])
        if bundle.manifest["checksum"] not in (original.content, earlier):
            raise StoreError(RULE, f"What {file} holds has another checksum than its manifest", AGAIN)
        copied = bring(bundle, store, original=original, replace=replace, progress=progress, notify=notify)
        return bundle.study, copied


class _Member:
    """A member of an archive that is being written, line by line, with its checksum."""

    def __init__(self, archive: ZipFile, name: str) -> None:
        self.name = name
        self._archive, self._hash = archive, hashlib.sha256()
        self._stream: IO[bytes]

    def __enter__(self) -> Self:
        self._stream = self._archive.open(_info(self.name), "w", force_zip64=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()

    @property
    def digest(self) -> str:
        """SHA-256 of what was written."""
        return self._hash.hexdigest()

    def write(self, value: Any) -> None:
        """Writes a value as a line of JSON."""
        line = f"{json.dumps(value, ensure_ascii=False, sort_keys=True)}\n".encode()
        self._hash.update(line)
        self._stream.write(line)


def _check_there(file: Path) -> None:
    if file.is_dir():
        raise StoreError(RULE, f"{file} is a folder", "Name the file in it")
    if not file.exists():
        raise StoreError(RULE, f"There is no file {file}", "Name one that is there")


def _members() -> set[str]:
    """The members that every bundle has, besides its manifest."""
    return {member(label) for label in OWNED for member in (nodes_of, edges_of)}


def _info(name: str) -> ZipInfo:
    info = ZipInfo(name, EPOCH)
    info.compress_type, info.create_system = ZIP_DEFLATED, UNIX
    return info


def _manifest(archive: ZipFile) -> dict[str, Any]:
    if MANIFEST not in archive.namelist():
        raise ValueError(f"it lacks {MANIFEST}")
    if archive.getinfo(MANIFEST).file_size > LONGEST:
        raise ValueError("its manifest is too long")
    manifest = json.loads(archive.read(MANIFEST), parse_constant=_no_number)
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ValueError("its manifest is that of another kind of file")
    if manifest.get("version") != VERSION:
        fact = f"This one has version {manifest.get('version')}"
        raise StoreError(f"This version reads bundles of version {VERSION}", fact, schema.UPGRADE)
    shape = {"study": dict, "checksum": str, "nodes": dict, "relationships": dict, "members": dict}
    if not all(isinstance(manifest.get(name), kind) for name, kind in shape.items()):
        raise ValueError("its manifest is not complete")
    if not all(isinstance(n, int) for part in ("nodes", "relationships") for n in manifest[part].values()):
        raise ValueError("its manifest counts nothing")
    return manifest


def _checked_study(properties: Any, file: Path) -> Study:
    """The study of a manifest; raises `StoreError` unless it is one that a store can hold."""
    required, _ = schema.PROPERTIES[schema.STUDY]
    missing = [name for name in required.split() if properties.get(name) is None and name not in LOADING]
    if missing:
        raise StoreError(RULE, f"The study in {file} has no {', '.join(missing)}", AGAIN)
    other = f"The study in {file} has properties of other types"
    check_types(properties, RULE, other, AGAIN)
    if not all(isinstance(json.loads(properties[name]), dict) for name in ("parameters", "report")):
        raise StoreError(RULE, other, AGAIN)
    if not schema.is_current(properties):
        raise schema.wrong_version(properties)
    check_study_name(properties["name"])
    if not re.fullmatch(f"{re.escape(properties['name'])}-[0-9a-f]{{8}}", properties["id"]):
        raise StoreError(RULE, f"The study in {file} has the id {properties['id']!r}", AGAIN)
    return study_of(properties)


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number that a store holds")


def _reason(error: BaseException) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
