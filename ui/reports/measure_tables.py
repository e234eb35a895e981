"""The graph measures of a study as tables: what `mri metrics` prints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import fill

from mri_core.errors import one_line
from mri_core.records.measures import Measure
from queries.text import number
from ui.wording.terminal import table

PROJECTION = (
    "mean_degree",
    "var_degree",
    "mean_strength",
    "var_strength",
    "average_clustering",
    "average_shortest_path",
    "assortativity",
    "density",
)
GROUPS = {
    "Degree and strength": (
        *(f"{moment}_{what}" for what in ("degree", "strength") for moment in ("mean", "var", "skew", "kurt")),
        "assortativity",
    ),
    "Shape": ("density", "layered_density", "center_of_mass", "center_of_strength"),
    "Paths and communities": (
        "mean_betweenness",
        "max_betweenness",
        "betweenness_centralisation",
        "communities",
        "modularity",
        "mean_participation",
    ),
    "Regions of even layers, joined where they share a neighbour": tuple(f"projection_even_{n}" for n in PROJECTION),
    "Regions of odd layers, joined where they share a neighbour": tuple(f"projection_odd_{n}" for n in PROJECTION),
    "Against random graphs of the same layers and degrees": ("rich_club", "small_worldness"),
}
BY_LAYER = {
    "degree_by_layer": "mean degree",
    "projection_next_average_clustering": "clustering, by the next layer",
    "projection_next_average_shortest_path": "path, by the next layer",
    "projection_previous_average_clustering": "clustering, by the one before",
    "projection_previous_average_shortest_path": "path, by the one before",
}
MOMENTS = {"var": "variance of", "skew": "skewness of", "kurt": "kurtosis of", "max": "largest"}
KINDS = (*(kind for kinds in GROUPS.values() for kind in kinds), *BY_LAYER)
COUNTED = "communities"
WHOLE = "all"
UNDEFINED = "–"
WIDTH = 100


def measure_tables(measures: Sequence[Measure], categories: Sequence[str], layers: int) -> str:
    """Tables by group, a column for the whole and for each category; why a value is not defined stands below.

    Args:
        measures: of the kinds in `KINDS`.
        categories: the columns beside the whole; tables by layer are of the whole, and of a category shown alone.
        layers: of the study.
    """
    columns: list[str | None] = [None, *categories]
    found = {(m.kind, m.layer, m.category): m for m in measures}
    parts = [f"{title}\n\n{_table(kinds, columns, found)}" for title, kinds in GROUPS.items()]
    for name in columns if len(columns) == 2 else columns[:1]:
        parts.append(f"By layer, {_title(name)}\n\n{_layers(name, layers, found)}")
    shown = [m for m in measures if m.category in columns]
    return "\n\n".join([*parts, *_reasons(shown)])


def named(kind: str) -> str:
    """What a measure is called below its group's title, which says what it is of."""
    first, *rest = kind.removeprefix("projection_even_").removeprefix("projection_odd_").split("_")
    return " ".join([MOMENTS.get(first, first), *rest])


Found = dict[tuple[str, int | None, str | None], Measure]


def _table(kinds: Sequence[str], columns: Sequence[str | None], found: Found) -> str:
    rows = [[named(kind), *(_value(found.get((kind, None, name))) for name in columns)] for kind in kinds]
    return table(["", *map(_title, columns)], rows)


def _layers(name: str | None, layers: int, found: Found) -> str:
    rows = [[layer, *(_value(found.get((kind, layer, name))) for kind in BY_LAYER)] for layer in range(layers)]
    return table(["layer", *BY_LAYER.values()], rows)


def _value(measure: Measure | None) -> str:
    if measure is None or measure.value is None:
        return UNDEFINED
    return f"{measure.value:.0f}" if measure.kind == COUNTED else number(measure.value)


def _title(name: str | None) -> str:
    return WHOLE if name is None else one_line(name)


def _reasons(measures: Sequence[Measure]) -> Iterator[str]:
    """Why values are not defined, each reason once with what it is of."""
    reasons: dict[str, set[str]] = {}
    for measure in measures:
        if measure.value is None:
            reasons.setdefault(str(measure.details["undefined"]), set()).add(measure.kind.replace("_", " "))
    if reasons:
        lines = [
            fill(f"{reason}: {', '.join(sorted(kinds))}", WIDTH, initial_indent="  ", subsequent_indent="    ")
            for reason, kinds in sorted(reasons.items())
        ]
        yield "\n".join([f"{UNDEFINED} is not defined where", *lines])
