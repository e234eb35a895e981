"""A study as it is given away: without what is of one store or machine alone, and without texts that are private."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

from mri_core.records.graph import Study
from mri_core.store import document_table, schema
from mri_core.store.contents import LEFT_OUT, LOADING, TEXTS, Contents, Edge, Properties, without_folders


class Shared(Contents):
    """A study with what others need of it: without the folders of its files, in which a user's name may stand.

    Args:
        contents: the study, wherever it lies.
        excerpts: whether the beginnings of its texts, and their titles, are given away; with them readers' notes, which
            may quote them.
        progress: receives the number of nodes and relationships read so far, and the total.
    """

    def __init__(
        self, contents: Contents, *, excerpts: bool = True, progress: Callable[[int, int], None] | None = None
    ) -> None:
        self._contents, self._excerpts, self._progress = contents, excerpts, progress
        self._done = 0

    @cached_property
    def study(self) -> Study:
        """The study's own node; its report says whether texts were left out."""
        study = self._contents.study
        parameters = without_folders(study.parameters)
        study = replace(study, owner="", updated_at="", status="ready", parameters=parameters)
        return study if self._excerpts else replace(study, report=_with_note(study.report))

    def nodes(self, label: str) -> Iterator[list[Properties]]:
        """The properties of all nodes of a label."""
        for part in self._contents.nodes(label):
            yield [self._shared(label, properties) for properties in part if self._is_given(label, properties)]
            if label != schema.STUDY:
                self._advance(len(part))

    def edges(self, label: str) -> Iterator[list[Edge]]:
        """All relationships that start at nodes of a label."""
        for part in self._contents.edges(label):
            yield [edge for edge in part if edge.source not in self._withheld]
            self._advance(len(part))

    def total(self) -> int:
        """Number of nodes and relationships, without the study's own node."""
        return self._total

    def write_table(self, target: Path) -> bool:
        """Writes the table of all documents, without their texts where these are not given away."""
        there = self._contents.write_table(target)
        if there and not self._excerpts:
            document_table.leave_texts_out(target)
        return there

    def check_unchanged(self) -> None:
        """Raises `StoreError` where the study was changed while it was read."""
        self._contents.check_unchanged()

    @cached_property
    def _total(self) -> int:
        return self._contents.total()

    @cached_property
    def _withheld(self) -> frozenset[str]:
        """The ids of what readers said in notes alone, where these are not given away."""
        if self._excerpts:
            return frozenset()
        said = chain.from_iterable(self._contents.nodes("Annotation"))
        return frozenset(properties["id"] for properties in said if not properties.get("name"))

    def _is_given(self, label: str, properties: Properties) -> bool:
        return label != "Annotation" or properties["id"] not in self._withheld

    def _advance(self, steps: int) -> None:
        self._done += steps
        if self._progress is not None:
            self._progress(self._done, self._total)

    def _shared(self, label: str, properties: Properties) -> Properties:
        if label == schema.STUDY:
            lasting = {name: value for name, value in properties.items() if name not in LOADING}
            return {**lasting, "parameters": self.study.parameters, "report": self.study.report}
        if label == "Annotation" and not self._excerpts:
            return {name: value for name, value in properties.items() if name != "note"}
        if "contexts" in properties and not self._excerpts:
            return {**properties, "contexts": []}  # they quote its texts
        if label == "Document" and not self._excerpts:
            return {**properties, **_without_text(properties)}
        return properties


class Part(Contents):
    """The nodes of some labels, and the relationships between them."""

    def __init__(self, contents: Contents, labels: Collection[str]) -> None:
        self._contents, self._labels = contents, labels

    @property
    def study(self) -> Study:
        """The study's own node, whether or not it is among them."""
        return self._contents.study

    def nodes(self, label: str) -> Iterator[list[Properties]]:
        """The properties of all nodes of a label."""
        return self._contents.nodes(label) if label in self._labels else iter(())

    def edges(self, label: str) -> Iterator[list[Edge]]:
        """All relationships that start at nodes of a label."""
        for part in self._contents.edges(label) if label in self._labels else ():
            yield [edge for edge in part if edge.end in self._labels]

    def total(self) -> int:
        """Number of nodes and relationships of the whole study."""
        return self._contents.total()

    def write_table(self, target: Path) -> bool:
        """It belongs to no part."""
        return False

    def check_unchanged(self) -> None:
        """Raises `StoreError` where the study was changed while it was read."""
        self._contents.check_unchanged()


class Annotated(Contents):
    """A study whose regions have what readers say of them: `reader_name` and `reader_note`, where there is any."""

    def __init__(self, contents: Contents) -> None:
        self._contents = contents

    @property
    def study(self) -> Study:
        """The study's own node."""
        return self._contents.study

    @cached_property
    def _given(self) -> dict[str, Properties]:
        """What is said of each region, by its id."""
        names = {"reader_name": "name", "reader_note": "note"}
        return {
            f"{self.study.id}/{given['region']}": {
                name: given[stored] for name, stored in names.items() if given.get(stored)
            }
            for part in self._contents.nodes("Annotation")
            for given in part
        }

    def nodes(self, label: str) -> Iterator[list[Properties]]:
        """The properties of all nodes of a label."""
        if label != "Region":
            yield from self._contents.nodes(label)
            return
        for part in self._contents.nodes(label):
            yield [{**region, **self._given.get(region["id"], {})} for region in part]

    def edges(self, label: str) -> Iterator[list[Edge]]:
        """All relationships that start at nodes of a label."""
        return self._contents.edges(label)

    def total(self) -> int:
        """Number of nodes and relationships, without the study's own node."""
        return self._contents.total()

    def write_table(self, target: Path) -> bool:
        """Writes the table of all documents of a study that stores a sample of them."""
        return self._contents.write_table(target)

    def check_unchanged(self) -> None:
        """Raises `StoreError` where the study was changed while it was read."""
        self._contents.check_unchanged()


def _with_note(report: str) -> str:
    return json.dumps({**json.loads(report), TEXTS: LEFT_OUT}, sort_keys=True, ensure_ascii=False)


def _without_text(document: Properties) -> dict[str, Any]:
    """What a document of given activations has that came without texts: a title may be the beginning of a text."""
    return {"title": document.get("source_id") or f"document {document['ordinal']}", "excerpt": ""}
