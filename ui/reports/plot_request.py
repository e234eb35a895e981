"""What a picture is wanted of, and whether that goes together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from mri_core.errors import UsageError, unknown_name
from ui.drawing.files import PICTURES
from ui.drawing.view import VALUES

PAGE, NUMBERS = ".html", ".csv"
GRAPH = "graph"
CONNECTIONS = {GRAPH: 150, "compare": 20}
INTERVENTION, MATRIX = "intervention", "matrix"
ENDINGS = {GRAPH: (*PICTURES, PAGE), MATRIX: (*PICTURES, NUMBERS)}  # of kinds that have more than others
COLOURED = (GRAPH, "heatmap")  # by a label


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be drawn.

    Attributes:
        kind: one of `FIGURES`.
        named: the categories that are named.
        connections: how many are drawn at most; None for as many as the kind draws by itself.
        least_stability: the least share of refits that find a connection of a graph again; None for any.
        region: the one whose interventions are drawn, `L4/R10`; None for those of least q.
        layer: of a matrix, the one that connections leave, or "all"; None for that of most findings.
        value: of a matrix, what a cell's number is, one of `VALUES`; None for
            documents, of two categories their difference.
        colour_by: the label of crossed ones that colours are of; None for the categories.
    """

    kind: str
    named: Sequence[str] = field(default=())
    connections: int | None = None
    least_stability: float | None = None
    region: str | None = None
    layer: str | None = None
    value: str | None = None
    colour_by: str | None = None


def check_options(wanted: Wanted) -> None:
    """Raises `UsageError` where what is wanted of a kind of picture does not go together."""
    kind, named = wanted.kind, wanted.named
    if wanted.connections is not None and kind not in CONNECTIONS:
        raise UsageError(f"A {kind} picture draws no connections", "Their number is given", "Leave it out")
    if wanted.least_stability is not None and kind != GRAPH:
        fact = "The least stability is given"
        raise UsageError(f"A {kind} picture is not chosen by what refits find again", fact, "Leave it out")
    if wanted.region is not None and kind != INTERVENTION:
        raise UsageError(f"A {kind} picture is of all regions", "A region is named", "Leave it out")
    if kind != MATRIX and (wanted.layer is not None or wanted.value is not None):
        raise UsageError(f"A {kind} picture has no cells of a matrix", "A layer or a value is given", "Leave it out")
    if wanted.value is not None and wanted.value not in VALUES:
        raise unknown_name("value of a matrix", wanted.value, VALUES)
    if kind == MATRIX and len(set(named)) > 2:
        raise UsageError("A matrix is of all categories, of one, or of the difference of two", f"{len(named)} given")
    if kind == MATRIX and len(set(named)) == 2 and wanted.value not in (None, "spread"):
        fact = f"The value is {wanted.value!r}"
        raise UsageError("A matrix of two categories is their difference", fact, "Leave it out, or name one category")
    if wanted.colour_by is not None and kind not in COLOURED:
        raise UsageError(f"A {kind} picture is not coloured by a label", "One is named", "Leave it out")
    if wanted.connections is not None and wanted.connections < 1:
        raise UsageError("A picture draws at least one connection", f"Asked for: {wanted.connections}")
    if wanted.least_stability is not None and not 0 <= wanted.least_stability <= 1:
        raise UsageError("A share of refits is from 0 to 1", f"The least stability is {wanted.least_stability}")
    given = f"{len(named)} given" if named else "none is given"
    if kind in ("layers", INTERVENTION) and named:
        what = "layers" if kind == "layers" else "interventions"
        raise UsageError(f"A picture of {what} is of all categories together", given, "Leave the category out")
    if kind == GRAPH and len(named) > 1:
        raise UsageError("A graph shows the difference of one category", given, "Name one, or none")
    if kind == "compare" and len(set(named)) not in (1, 2):
        raise UsageError(
            "A comparison is of one category or of two", given, "Name one, to compare it with all others, or two"
        )
