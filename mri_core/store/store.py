"""The one store: write, read and delete studies over Bolt."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from mri_core.errors import QueryError, StoreError, name_taken, names_lost
from mri_core.records.annotations import Annotation
from mri_core.records.graph import Study, StudyGraph
from mri_core.records.interventions import Intervention
from mri_core.records.measures import Measure
from mri_core.records.table import Table
from mri_core.store import schema
from mri_core.store.bolt.connection import Connection
from mri_core.store.reading import MAX_ROWS, TIMEOUT, Readable, check_limits

if TYPE_CHECKING:
    from mri_core.store.bolt.driver import Reader, Writer
    from mri_core.store.matches import Match
    from mri_core.store.measuring import Stable
    from mri_core.store.rows import Batch

OTHERWISE = "the same choices gave other results in another version or on another kind of device"
T = TypeVar("T")
AT_ONCE = 5.0  # seconds: a server that refuses this soon was about to end, and another may be started
PAUSES = (0.0, 1.0)  # seconds before each further try: a killed process may take a moment to end, and look alive
BOOKKEEPING = {"id", "name", "status", "owner", "updated_at", "revision", "created_at", "software"}
DERIVED = {"atlas_hash", "documents_hash"}
# by a scan; a study that is yet to be scanned lacks them
FOUND = {"layers", "regions", "connections", "report", "documents_stored"}


class Store(Readable):
    """Studies on a server that speaks Bolt. A context manager; nothing is connected before the first use.

    Args:
        connect: makes the connection, again after the server has gone.
    """

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._connection: Connection | None = None
        self._reader: Reader | None = None
        self._writer: Writer | None = None
        self._lock = threading.RLock()  # a page reads from several threads

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; the next use makes new ones."""
        with self._lock:
            for account in (self._reader, self._writer):
                if account is not None:
                    account.close()
            self._connection = self._reader = self._writer = None

    def check_name(
        self, name: str, study_id: str, replace: bool = False, *, properties: Mapping[str, Any] | None = None
    ) -> None:
        """Make sure that a study may take a name; cheap, to be called before a model runs.

        Args:
            name: the requested name.
            study_id: the study that needs it.
            replace: whether a study that has the name is to be replaced.
            properties: known properties of the new study; the error lists those that differ.

        Raises:
            StoreError: another ready study has the name; or it is to be replaced, and readers have named its regions.
        """
        for other in self._ready():
            if other["name"] == name and other["id"] != study_id and not replace:
                raise _taken(other, properties or {})
            if other["name"] == name and other["id"] != study_id and self._is_annotated(other["id"]):
                raise names_lost(name)
            if other["id"] == name:
                raise StoreError("A name is not another study's id", f"{name!r} is the id of {other['name']!r}")

    def prepare(self, study_id: str) -> list[str]:
        """Make sure that a study can be written, and upgrade those of older versions; to be called before a model runs.

        Args:
            study_id: the study that is to be written.

        Returns:
            The names of the studies that were upgraded.

        Raises:
            StoreError: other constraints in the same database prevent it. Nothing was created then.
        """
        self.check_usable(None)
        upgraded = self.upgrade()  # before ids are compared: a study of an older version is no one else's
        self.check_usable(study_id)
        return upgraded

    def check_usable(self, study_id: str | None) -> None:
        """Make sure that other constraints in the same database allow a study; creates nothing.

        Args:
            study_id: the study; None for any, whatever its ids.

        Raises:
            StoreError: they do not; the error describes them.
        """
        from mri_core.store import usable

        self._reached(lambda: usable.check(self._writing(), study_id))

    def upgrade(self) -> list[str]:
        """Upgrade the studies of older versions to this version's schema; return their names."""
        from mri_core.store import upgrading

        upgraded = self._reached(lambda: upgrading.upgrade(self._writing()))
        if upgraded:
            self._forget()
        return upgraded

    def write(
        self,
        graph: StudyGraph,
        *,
        replace: bool = False,
        progress: Callable[[int, int], None] | None = None,
        notify: Callable[[str], None] | None = None,
    ) -> Literal["ready", "unchanged"]:
        """Load a study; it becomes visible atomically.

        Args:
            graph: the study and all it owns.
            replace: whether a ready study of the same name is replaced as soon as this one is ready.
            progress: receives the number of documents and relationships loaded so far, and the total.
            notify: receives a line on a study that was upgraded, and on waiting for another process that is loading the
                study.

        Returns:
            "unchanged" if the same study was there already.

        Raises:
            StoreError: the name is taken, the store is full or gone, or another process took the load over.
        """
        from mri_core.store import rows
        from mri_core.store.document_table import DocumentTable

        total = rows.total(graph)
        table = None if graph.stored is None else DocumentTable(self.document_table(graph.study.id), graph)
        with closing(rows.batches(graph, table)) as batches:
            return self.load(graph.study, batches, total, replace=replace, progress=progress, notify=notify)

    def load(
        self,
        study: Study,
        batches: Iterable[Batch],
        total: int,
        *,
        replace: bool = False,
        progress: Callable[[int, int], None] | None = None,
        notify: Callable[[str], None] | None = None,
        verify: Callable[[], None] = lambda: None,
    ) -> Literal["ready", "unchanged"]:
        """Load a study from batches of rows that hold all it owns; see `write`.

        Args:
            study: the study's own node.
            batches: statements with their rows, in an order in which each finds what it refers to.
            total: the sum of their sizes.
            replace, progress, notify: as in `write`.
            verify: called when all is written, before it becomes visible; what it raises ends the load.
        """
        from mri_core.store import loading
        from mri_core.store.bolt.retrying import Patient

        def report(done: int) -> None:
            if progress is not None:
                progress(done, total)

        writer = Patient(self._changing, self.close, notify)
        for name in writer.wait_for(lambda: self.prepare(study.id)):
            if notify is not None:
                notify(schema.upgraded_line(name))
        writer.wait_for(lambda: self.check_name(study.name, study.id, replace, properties=asdict(study)))
        writer.wait_for(lambda: schema.create(self._changing()))
        try:
            return loading.load(
                writer,
                study,
                batches,
                replace=replace,
                progress=report,
                notify=notify,
                verify=verify,
                drop=self._drop_table,
            )
        finally:
            self._forget()  # a page may have seen what was replaced meanwhile

    def delete(self, study: Study) -> int:
        """Remove every node of a study, its table of documents, and nothing else; return the number of nodes."""
        from mri_core.store import loading

        try:
            return self._reached(lambda: loading.delete(self._changing(), study, self._drop_table))
        finally:
            self._forget()

    def add_measures(self, study: Study, measures: Sequence[Measure], stable: Sequence[Stable] = ()) -> int:
        """Replace the measures of these kinds of a ready study, in one transaction.

        Args:
            study: a ready one.
            measures: all measures of each of their kinds.
            stable: stability of findings, stored on their connections in the same transaction.

        Returns:
            The study's new revision.

        Raises:
            StoreError: the study is not there any more, or not ready.
        """
        from mri_core.store import measuring

        self.check_usable(study.id)

        def work() -> int:
            schema.create(self._writing())
            return measuring.add(self._changing(), study.id, measures, stable)

        return self._reached(work)

    def add_atlas(self, study: Study, atlas: bytes, digest: str) -> None:
        """Add the atlas to a ready study that was stored without it, in one transaction.

        Args:
            study: a ready one.
            atlas: as `mri_core.atlas.file` packs it.
            digest: its hash.

        Raises:
            StoreError: the study is not there any more, or not ready.
        """
        from mri_core.store import atlases

        self.check_usable(study.id)

        def work() -> None:
            schema.create(self._writing())
            atlases.add(self._changing(), study.id, atlas, digest)

        self._reached(work)

    def add_matches(self, study: Study, other: Study, matches: Sequence[Match]) -> None:
        """Replace the matches of a study's regions with those of another, in one transaction.

        Args:
            study, other: ready ones.
            matches: all from the first to the second.

        Raises:
            StoreError: one of them is not there any more.
        """
        from mri_core.store import matches as matching

        self.check_usable(study.id)
        self._reached(lambda: matching.add(self._changing(), study.id, other.id, matches))

    def add_interventions(self, study: Study, interventions: Sequence[Intervention]) -> int:
        """Add interventions to a ready study, in one transaction; those of the same keys are replaced.

        The q of a connection that was swapped is stored on the connection, as `causal_q`.

        Args:
            study: a ready one.
            interventions: of several of one key the last is added.

        Returns:
            The study's new revision.

        Raises:
            StoreError: the study is not there any more, or not ready; or it has no such region.
        """
        from mri_core.store import interventions as intervening

        self.check_usable(study.id)

        def work() -> int:
            schema.create(self._writing())
            return intervening.add(self._changing(), study.id, interventions)

        return self._reached(work)

    def annotate(self, study: Study, annotations: Sequence[Annotation], seen: Mapping[str, str] | None = None) -> int:
        """Give regions of a ready study names and notes, in one transaction, in place of those that they have.

        Args:
            study: a ready one.
            annotations: one of a region at most; one that is empty takes away what the region has.
            seen: `changed_at` of what each of these regions had when it was read, "" for nothing; a region that was
                changed since is refused. None to replace whatever is there.

        Returns:
            The study's new revision.

        Raises:
            StoreError: the study is not there any more, or not ready; it has no such region; or somebody else has
                changed one since it was seen.
        """
        from mri_core.store import naming

        self.check_usable(study.id)

        def work() -> int:
            schema.create(self._writing())
            return naming.put(self._changing(), study.id, annotations, seen)

        return self._reached(work)

    def sweep(self, name: str) -> int:
        """Remove the nodes that failed loads left of a name, and no ready study; return their number."""
        from mri_core.store import loading

        return self._reached(lambda: loading.sweep(self._changing(), name, self._drop_table))

    def write_table(self, graph: StudyGraph) -> None:
        """Write the table of documents of a ready study that stores a sample of them, and no node.

        Args:
            graph: the study, with `stored`.

        Raises:
            StoreError: the file cannot be written.
        """
        from mri_core.store.document_table import DocumentTable

        with DocumentTable(self.document_table(graph.study.id), graph) as table:
            for document in graph.documents:
                table.add(document)

    def document_table(self, study_id: str) -> Path:
        """Where the table of all documents of a study lies, if the graph holds a sample of them."""
        with self._lock:
            return self._connected().tables / f"{study_id}.parquet"

    def read(
        self,
        statement: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        timeout: float = TIMEOUT,
        max_rows: int = MAX_ROWS,
    ) -> Table:
        """The rows of a statement, as plain values; it runs with an account that cannot write.

        The embedded engine names no columns where there are no rows.

        Args:
            statement: Cypher.
            parameters: values of its parameters.
            timeout: seconds after which it is stopped.
            max_rows: rows that are returned; `Table.cut` says that there were more.

        Raises:
            QueryError: the statement is wrong, writes, or took too long.
            StoreError: the store is gone.
        """
        check_limits(timeout, max_rows)
        if not statement.strip():
            raise QueryError("A statement must say something", "This one is empty")
        return self._reached(lambda: self._reading().read(statement, parameters or {}, timeout, max_rows))

    def _is_annotated(self, study_id: str) -> bool:
        from mri_core.store import naming

        return bool(self.read(naming.ANY, {"studies": [study_id]}).rows)

    def _reached(self, work: Callable[[], T]) -> T:
        """Returns what `work` returns, over a new connection if the old one's server has gone."""
        from mri_core.store.bolt.failures import ConnectionLostError

        for pause in PAUSES:
            start, seen = time.monotonic(), self._connection
            try:
                return work()
            except ConnectionLostError:
                if seen is None and time.monotonic() - start > AT_ONCE:
                    raise
                with self._lock:
                    if self._connection is seen:  # else another thread has reconnected meanwhile
                        self.close()
            time.sleep(pause)
        return work()

    def _reading(self) -> Reader:
        from mri_core.store.bolt.driver import Reader

        with self._lock:
            self._reader = self._reader or Reader(self._connected())
            return self._reader

    def _writing(self) -> Writer:
        from mri_core.store.bolt.driver import Writer

        with self._lock:
            self._writer = self._writer or Writer(self._connected())
            return self._writer

    def _changing(self) -> Writer:
        """As `_writing`, for what changes the studies."""
        writer = self._writing()
        self._forget()
        return writer

    def _drop_table(self, study_id: str) -> None:
        from mri_core.store import document_table

        document_table.remove(self.document_table(study_id))

    def _forget(self) -> None:
        """What is kept beside the store of what it held is true no longer."""
        connection = self._connection
        if connection is not None:
            connection.forget()

    def _connected(self) -> Connection:
        self._connection = self._connection or self._connect()
        return self._connection


def _taken(other: Mapping[str, Any], properties: Mapping[str, Any]) -> StoreError:
    before, after = _flat(other), _flat(properties)
    differ = [f"{key} (was {before.get(key)}, now {after[key]})" for key in after if after[key] != before.get(key)]
    fact = f"{other['name']!r} is the study {other['id']} ({other['model']} on {other['corpus']})"
    why = f"what differs: {', '.join(differ)}" if differ else OTHERWISE
    fact += f"; {why}"
    return name_taken(fact)


def _flat(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The properties that two studies are compared by, with the entries of `parameters` merged in."""
    flat = {
        key: value for key, value in properties.items() if key not in BOOKKEEPING | DERIVED | FOUND | {"parameters"}
    }
    return {**json.loads(properties.get("parameters") or "{}"), **flat}
