"""Reading from a store, independent of how statements reach it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from mri_core.errors import StoreError, UsageError, unknown_name
from mri_core.records.annotations import Annotation
from mri_core.records.graph import Study
from mri_core.records.interventions import Intervention
from mri_core.records.measures import Measure
from mri_core.records.table import Table
from mri_core.store import schema

if TYPE_CHECKING:
    from mri_core.store.measuring import Stable

TIMEOUT = 60.0  # seconds that a statement may take
ALL = 10**9  # rows
SLOW = 3600.0  # seconds for an answer of many mebibytes
LONGEST = 1e6  # seconds
MAX_ROWS = 10_000  # rows of an answer that are returned


def check_limits(timeout: float, max_rows: int) -> None:
    """Raises `UsageError` for invalid limits."""
    if not 0 < timeout <= LONGEST:
        raise UsageError("A statement may take some seconds", f"The timeout is {timeout}", f"At most {LONGEST:.0f}")
    if not 1 <= max_rows <= ALL:
        raise UsageError("An answer keeps one row or more", f"max_rows is {max_rows}", f"At most {ALL}")


class Identified(Protocol):
    """What has the id of a study: a `Study`, or a view of one."""

    @property
    def id(self) -> str:
        """Of the study."""


Named = str | Identified  # how a study is named: by name, by id, or by what has its id


class Readable(Protocol):
    """A source of rows of statements, and so of studies."""

    @abstractmethod
    def read(
        self,
        statement: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        timeout: float = TIMEOUT,
        max_rows: int = MAX_ROWS,
    ) -> Table:
        """The rows of a statement that only reads, as plain values."""

    @abstractmethod
    def document_table(self, study_id: str) -> Path:
        """Where the table of all documents of a study lies, if the graph holds a sample of them."""

    def studies(self, *, timeout: float = TIMEOUT) -> list[Study]:
        """The ready studies, by name; without those of another version's schema, which `unreadable` reports.

        Args:
            timeout: seconds.
        """
        return [study_of(found) for found in self._ready(timeout) if schema.is_current(found)]

    def unreadable(self, *, timeout: float = TIMEOUT) -> list[StoreError]:
        """An error for each ready study that this version cannot read."""
        found = [*self._ready(timeout), *self._older(timeout)]
        return [schema.wrong_version(study) for study in found if not schema.is_current(study)]

    def study(self, named: Named, *, of_any_schema: bool = False) -> Study:
        """The ready study of that name; if there is none, of that id.

        Args:
            named: either; or what has the id of a study, as a `Study`.
            of_any_schema: whether another version's schema is accepted; properties unknown to this one are None.

        Raises:
            StoreError: another version's schema describes it; or what had its id is not there any more.
            UsageError: there is none; the error lists near names. Or it is named by what is no text.
        """
        name_or_id = _key(named)
        ready = self._ready()
        for key in ("name", "id"):
            for found in ready:
                if found[key] == name_or_id:
                    if not (of_any_schema or schema.is_current(found)):
                        raise schema.wrong_version(found)
                    return study_of(found)
        for found in self._older():
            if name_or_id in (found["name"], found["id"]):
                if not of_any_schema:
                    raise schema.wrong_version(found)
                return study_of(found)
        if not isinstance(named, str):
            raise _gone(named)
        raise unknown_name("study", name_or_id, [found["name"] for found in ready])

    def measures(self, study: Study, kinds: Sequence[str] | None = None, *, timeout: float = TIMEOUT) -> list[Measure]:
        """A ready study's measures, by kind, layer and category.

        Args:
            study: the study.
            kinds: these only; None for all.
            timeout: seconds.
        """
        from mri_core.store import measuring

        parameters = {"study": study.id, "kinds": None if kinds is None else list(kinds)}
        return measuring.found(self.read(measuring.FIND, parameters, timeout=timeout, max_rows=ALL))

    def stable(self, study: Study, *, timeout: float = TIMEOUT) -> list[Stable]:
        """The share of bootstrap refits in which each of a ready study's findings was found again, if known.

        Args:
            study: the study.
            timeout: seconds.
        """
        from mri_core.store import measuring

        table = self.read(measuring.FIND_STABLE, {"study": study.id}, timeout=timeout, max_rows=ALL)
        return [measuring.Stable(*row) for row in table.rows]

    def interventions(self, study: Study, *, timeout: float = TIMEOUT) -> list[Intervention]:
        """A ready study's interventions, by layer and key, with their changes by layer and region.

        Args:
            study: the study.
            timeout: seconds.
        """
        from mri_core.store import interventions

        table = self.read(interventions.FIND, {"study": study.id}, timeout=timeout, max_rows=ALL)
        return interventions.found(study.id, table)

    def annotations(self, study: Study, *, timeout: float = TIMEOUT) -> list[Annotation]:
        """The names and notes that readers gave to a ready study's regions, by layer and region.

        Args:
            study: the study.
            timeout: seconds.
        """
        from mri_core.store import naming

        return naming.found(self.read(naming.FIND, {"study": study.id}, timeout=timeout, max_rows=ALL))

    def atlas(self, study: Study) -> bytes:
        """The atlas of a ready study, as `mri_core.atlas.file` packs it; b"" if the store has none.

        Args:
            study: the study.
        """
        from mri_core.store import atlases

        table = self.read(atlases.FIND, {"study": study.id}, timeout=SLOW, max_rows=ALL)
        return atlases.joined(data for _, data in table.rows)

    def unfinished(self) -> list[str]:
        """Names with an unfinished load, running or interrupted."""
        statement = (
            "MATCH (s:Study {llm_mri: true}) WHERE s.status <> 'ready' RETURN DISTINCT s.name AS name ORDER BY name"
        )
        return [row[0] for row in self.read(statement).rows]

    def _ready(self, timeout: float = TIMEOUT) -> list[dict[str, Any]]:
        statement = (
            "MATCH (s:Study {llm_mri: true, status: 'ready'}) RETURN properties(s) AS study ORDER BY s.name, s.id"
        )
        return [row[0] for row in self.read(statement, timeout=timeout).rows]

    def _older(self, timeout: float = TIMEOUT) -> list[dict[str, Any]]:
        """Ready studies of older versions, whose nodes are not marked yet."""
        from mri_core.store import upgrading

        found = [row[0] for row in self.read(upgrading.OLDER, timeout=timeout, max_rows=ALL).rows]
        return [study for study in found if upgrading.is_older(study) and study["status"] == "ready"]

    def is_ready(self, study_id: str) -> bool:
        """Whether the study with this id is stored completely."""
        table = self.read(
            "MATCH (s:Study {llm_mri: true, id: $id, status: 'ready'}) RETURN s.id AS id", {"id": study_id}
        )
        return bool(table.rows)


def _key(named: object) -> str:
    """The name or id of a study; raises `UsageError` for what is neither."""
    key = named if isinstance(named, str) else getattr(named, "id", None)
    if not isinstance(key, str):
        fact = f"This is of type {type(named).__name__}"
        raise UsageError("A study is named by its name, its id, or what mri.study or mri.studies gives", fact)
    return key


def _gone(known: Identified) -> StoreError:
    """A study that was read once: it is another store's, or not there any more."""
    name = getattr(known, "name", known.id)
    fact = f"{name!r} ({known.id}) was replaced or deleted, or is in another store"
    return StoreError("A study is read as long as it is in the store", fact, f"Look for it again: mri.study({name!r})")


def study_of(properties: Mapping[str, Any]) -> Study:
    """The study of a node's properties: None for each that it lacks, without those that this version does not know."""
    known: dict[str, Any] = {field.name: properties.get(field.name) for field in fields(Study)}
    return Study(**known)
