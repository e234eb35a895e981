"""What a saved picture says of where it comes from: the study, the model that was read, and how many documents."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version

from mri_core.errors import one_line
from mri_core.numbers import how_many
from mri_core.records.graph import GIVEN, Study

PROGRAM = "llm-mri-graph"
REVISION = 12  # characters of a revision that a reader needs to know it again


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a picture comes from.

    Attributes:
        study: the study's name.
        id: its id.
        model: that was read; what is known of it, where activations were given.
        revision: of the model; "" where activations were given.
        documents: how many the study has.
        scanned_by: the program that scanned, with its version.
        drawn_by: the program that drew the picture, with its version.
        base: of a comparison of two studies, where the one comes from that the other is set against; None of one study.
        tokens: that are placed, of a study of tokens.
    """

    study: str
    id: str
    model: str
    revision: str
    documents: int
    scanned_by: str
    drawn_by: str
    base: Origin | None = None
    tokens: int | None = None

    @property
    def title(self) -> str:
        """What it is of, by name."""
        return self.study if self.base is None else f"{self.study} against {self.base.study}"

    @property
    def line(self) -> str:
        """What stands in the picture."""
        revision = f" (revision {self.revision[:REVISION]})" if self.revision else ""
        texts = how_many(self.documents, "text") if self.tokens is not None else f"{self.documents:,} documents"
        size = texts if self.tokens is None else f"{how_many(self.tokens, 'token')} of {texts}"
        own = f"{self.study}: {self.model}{revision}, n = {size}"
        return own if self.base is None else f"{own}; against {self.base.line}"

    @property
    def facts(self) -> dict[str, str]:
        """All of it, by names that a PNG's text chunks and a page's `meta` elements may have."""
        known = {
            "Study": self.study,
            "Study-ID": self.id,
            "Model": self.model,
            "Model-Revision": self.revision,
            "Documents": str(self.documents),
            "Tokens": "" if self.tokens is None else str(self.tokens),
            "Scanned-By": self.scanned_by,
        }
        if self.base is not None:
            known |= {f"Base-{name}": value for name, value in self.base.facts.items()}
        return {name: value for name, value in known.items() if value}


def origin_of(of: Study, base: Study | None = None) -> Origin:
    """Where the pictures of a study come from, or those of its comparison with another one."""
    given = of.model == GIVEN
    return Origin(
        study=one_line(of.name),
        id=one_line(of.id),
        model="given activations" if given else one_line(of.model),
        revision="" if given else one_line(of.model_revision),
        documents=of.documents,
        scanned_by=one_line(of.software),
        drawn_by=f"{PROGRAM} {version(PROGRAM)}",
        base=None if base is None else origin_of(base),
        tokens=of.tokens,
    )
