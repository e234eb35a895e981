"""What the Methods paragraphs of a study are written from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mri_core.records.graph import Study
from mri_core.records.interventions import Intervention
from mri_core.records.measures import Measure
from ui.publishing.references import Citations
from ui.wording.groups import groups_told, in_blocks
from ui.wording.units import of_tokens

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Methods:
    """How a study was made.

    Attributes:
        paragraphs: to be pasted.
        cited: keys of the references, in the order of their citation.
    """

    paragraphs: tuple[str, ...]
    cited: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """What the paragraphs are written from.

    Attributes:
        of: the study.
        categories: their documents, or tokens, by name.
        families: rows of the question `controls`.
        held: all measures that the study holds.
        tried: the interventions on it.
    """

    of: Study
    categories: Mapping[str, int]
    families: Sequence[Row]
    held: Sequence[Measure]
    tried: Sequence[Intervention]
    cite: Citations = field(default_factory=Citations)

    @property
    def report(self) -> dict[str, Any]:
        """The scan's."""
        return json.loads(self.of.report)

    @property
    def parameters(self) -> dict[str, Any]:
        """The scan's options."""
        return json.loads(self.of.parameters)

    @property
    def grouped(self) -> bool:
        """Whether documents stand in groups, or tokens in texts, and are tested by permuting these."""
        return in_blocks(self.of)

    @property
    def tagged(self) -> bool:
        """Whether tokens have labels of their own."""
        return self.report.get("columns", {}).get("tags") is not None

    @property
    def blocks(self) -> str:
        """What is permuted as a whole, where something is, in the plural."""
        groups = "groups of texts" if of_tokens(self.of) else "groups"
        return "texts" if of_tokens(self.of) and groups_told(self.of) == "" else groups

    @property
    def drawn(self) -> str:
        """How a sample is drawn, in words that follow it."""
        by_category = "" if self.tagged else ", stratified by category"
        return by_category + (f", {self.blocks} whole" if self.grouped else "")

    def of_kind(self, kind: str) -> list[Measure]:
        """The measures of one kind."""
        return [measure for measure in self.held if measure.kind == kind]
