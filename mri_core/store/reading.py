"""What is read of a store, by whatever road its statements go."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Protocol

from mri_core.errors import unknown_name
from mri_core.records import Study, Table
from mri_core.store import schema

TIMEOUT = 60.0  # seconds that a statement may take
MAX_ROWS = 10_000  # rows of an answer that are kept


class Readable(Protocol):
    """What statements can be read from, and so its studies."""

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

    def studies(self, *, timeout: float = TIMEOUT) -> list[Study]:
        """The ready studies, by name.

        Args:
            timeout: seconds.

        Raises:
            StoreError: one of them was made by a newer version.
        """
        statement = "MATCH (s:Study {status: 'ready'}) RETURN properties(s) AS study ORDER BY s.name, s.id"
        table = self.read(statement, timeout=timeout)
        return [_study(row[0]) for row in table.rows]

    def study(self, name_or_id: str) -> Study:
        """The ready study of that name or id.

        Raises:
            UsageError: there is none; near names are told.
        """
        studies = self.studies()
        for study in studies:
            if name_or_id in (study.name, study.id):
                return study
        raise unknown_name("study", name_or_id, [study.name for study in studies])

    def is_ready(self, study_id: str) -> bool:
        """Whether that very study is there, whole."""
        table = self.read("MATCH (s:Study {id: $id, status: 'ready'}) RETURN s.id AS id", {"id": study_id})
        return bool(table.rows)


def _study(properties: Mapping[str, Any]) -> Study:
    schema.check_version(properties["name"], properties["schema_version"])
    known: dict[str, Any] = {field.name: properties.get(field.name) for field in fields(Study)}
    return Study(**known)
