"""A picture of a study as a file, in one call."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mri.arguments import several
from mri_core.store import Location, open_store


def plot(
    study: str,
    file: str | Path,
    *,
    kind: str = "graph",
    categories: str | Sequence[str] = (),
    connections: int | None = None,
    least_stability: float | None = None,
    region: str | None = None,
    store: Location | None = None,
) -> Path:
    """Draws a study into a file, as `mri plot` does.

    >>> mri.plot("demo", "layers.svg", kind="layers").name
    'layers.svg'

    Args:
        study: a name or an id.
        file: PNG, SVG, PDF or, of a graph, HTML, by its ending; replaced.
        kind: `graph`, `heatmap`, `layers`, `compare` or `intervention`.
        categories: of a heatmap those drawn, of a graph the one set against the others, of a comparison one or two.
        connections: of a graph (150 unless given) or a comparison (20), the most telling ones.
        least_stability: of a graph only findings that at least this share of the refits finds again, 0 to 1.
        region: of interventions those that were asked about this region, `L4/R10`; None for the six of least q.
        store: as of `show`.

    Returns:
        the file.

    Raises:
        MriError: there is no such study, kind or category, the arguments do not go together, or the file cannot be
            written.
    """
    from mri_core.studies.comparing import compare_categories
    from ui.reports import plotting

    named = several(categories)
    wanted = plotting.Wanted(kind, named, connections, least_stability, region)
    plotting.check(Path(file), wanted)
    with open_store(store, create=False) as opened:
        plotting.plot(opened, study, Path(file), wanted, compare_categories)
    return Path(file)
