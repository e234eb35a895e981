"""What every page to share has: its paragraphs for a paper with their references, and the data that it carries."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from ui.publishing.facts import Methods
from ui.publishing.parts import Section
from ui.publishing.references import REFERENCES, bibliography
from ui.publishing.tables import DataTable

BIBLIOGRAPHY = "references.bib"


@dataclass(frozen=True, kw_only=True)
class Page(ABC):
    """What every page to share has; each kind of page has a template of its own.

    Attributes:
        methods: the paragraphs for a paper.
        tables: the data.
        commands: that make again what the page shows.
        kind: what stands above the title.
        written_from: what the methods are made of, in a sentence.
    """

    methods: Methods
    tables: Sequence[DataTable]
    commands: Sequence[str]

    kind: ClassVar[str]
    written_from: ClassVar[str]

    @property
    @abstractmethod
    def title(self) -> str:
        """What it is of; its files are named by it."""

    @property
    @abstractmethod
    def again(self) -> str:
        """Under which conditions the commands give the same, in a sentence."""

    @property
    @abstractmethod
    def sections(self) -> Sequence[Section]:
        """The sections that may have a table."""

    @property
    def references(self) -> list[str]:
        """What the methods cite, as a list has it."""
        return sorted(REFERENCES[key].listed for key in self.methods.cited)

    @cached_property
    def bibtex(self) -> str:
        """The same for a bibliography."""
        return bibliography(sorted(self.methods.cited))

    @cached_property
    def files(self) -> dict[str, dict[str, str]]:
        """What can be saved from the page, by its name: its kind and its text."""
        held = [*(section.table for section in self.sections), *self.tables]
        tables = {self.file_of(table): {"type": "text/csv", "text": table.csv} for table in held if table is not None}
        return tables | {BIBLIOGRAPHY: {"type": "application/x-bibtex", "text": self.bibtex}}

    def file_of(self, table: DataTable) -> str:
        """What a table's file is called."""
        return f"{self.title.replace(' ', '-')}-{table.key}.csv"
