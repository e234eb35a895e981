"""Pictures of a study: written into a file in one call, or shown in a notebook."""

from __future__ import annotations

import html
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mri.arguments import several
from mri_core.store import Location, Named, open_store

if TYPE_CHECKING:
    from ui.reports.picture_files import Drawn
    from ui.reports.plot_request import Wanted

DOTS = 150  # of a picture in an inch of a notebook's screen, of its 300
FRAME_HEIGHT = 860  # pixels of the graph's page in a notebook
# Its scripts run in an origin of their own: they reach neither the notebook nor its server.
FRAME = (
    '<iframe title="{title}" sandbox="allow-scripts" srcdoc="{page}" '
    'style="width: 100%; height: {height}px; border: 0; background: white"></iframe>'
)


def plot(
    study: Named,
    file: str | Path,
    *,
    kind: str = "graph",
    categories: str | Sequence[str] = (),
    connections: int | None = None,
    least_stability: float | None = None,
    region: str | None = None,
    layer: int | str | None = None,
    value: str | None = None,
    colour_by: str | None = None,
    store: Location | None = None,
) -> Path:
    """Draws a study into a file, as `mri plot` does.

    >>> mri.plot("demo", "layers.svg", kind="layers").name
    'layers.svg'

    Below the picture, and in the file's metadata, it says which study it is of, which model, and how many documents.

    Args:
        study: a name, an id or a view.
        file: PNG, SVG, PDF or, of a graph, HTML, of a matrix, CSV, by its ending; replaced.
        kind: `graph`, `matrix`, `heatmap`, `layers`, `compare` or `intervention`.
        categories: of a heatmap those drawn, of a graph the one set against the others, of a matrix one or
            two whose difference it shows, of a comparison one or two.
        connections: of a graph (150 unless given) or a comparison (20), the most telling ones.
        least_stability: of a graph only findings that at least this share of the refits finds again, 0 to 1.
        region: of interventions those that were asked about this region, `L4/R10`; None for the six of least q.
        layer: of a matrix, the index of the layer that connections leave, or "all"; None for that of most findings.
        value: of a matrix `documents`, `part`, `share` or `spread`, as `mri plot --value`.
        colour_by: of a graph or a heatmap of crossed labels, the one whose values have colours, or rows.
        store: as of `show`.

    Returns:
        the file.

    Raises:
        MriError: there is no such study, kind or category, the arguments do not go together, or the file cannot be
            written.
    """
    from mri_core.studies.comparing import compare_categories
    from ui.reports import picture_files
    from ui.reports.plot_request import Wanted

    step = None if layer is None else str(layer)
    wanted = Wanted(kind, several(categories), connections, least_stability, region, step, value, colour_by)
    picture_files.check(Path(file), wanted)
    with open_store(store, create=False) as opened:
        picture_files.plot(opened, study, Path(file), wanted, compare_categories)
    return Path(file)


@dataclass(frozen=True)
class Picture:
    """A picture of a study, as `StudyView.plot` gives it: a notebook shows it, `save` writes it into a file.

    Attributes:
        kind: `graph`, `matrix`, `heatmap`, `layers`, `compare` or `intervention`.
    """

    kind: str
    _drawn: Drawn = field(repr=False)

    @property
    def caption(self) -> str:
        """The study, its model and the number of documents, or tokens, as they stand below the picture."""
        return self._drawn.origin.line

    @property
    def left_out(self) -> str:
        """Which connections were left out, in a sentence; "" where none was."""
        return self._drawn.left_out

    def save(self, file: str | Path) -> Path:
        """Writes the picture into a file.

        Args:
            file: PNG, SVG, PDF or, of a graph, HTML, of a matrix, CSV, by its ending; replaced.

        Returns:
            the file.

        Raises:
            MriError: the file is not named as such a picture is, or cannot be written.
        """
        from ui.reports import picture_files

        picture_files.check_file(Path(file), self.kind)
        picture_files.write(self._drawn, Path(file))
        return Path(file)

    def __repr__(self) -> str:
        return f"<{self.kind} of {self.caption}>"

    def _repr_html_(self) -> str | None:
        if self._drawn.page is None:
            return None
        title = html.escape(f"{self.kind} of {self.caption}")
        return FRAME.format(title=title, page=html.escape(self._drawn.page), height=FRAME_HEIGHT)

    def _repr_png_(self) -> tuple[bytes, dict[str, Any]]:
        return self._png, {"width": round(self._drawn.figure.get_figwidth() * DOTS)}

    @cached_property
    def _png(self) -> bytes:
        from ui.drawing.figures.frame import write

        buffer = io.BytesIO()
        write(self._drawn.figure, buffer, "png", self._drawn.origin)
        return buffer.getvalue()


def picture(study: Named, wanted: Wanted, store: Location | None) -> Picture:
    """A picture of a study.

    Args:
        study: its id.
        wanted: what is to be drawn.
        store: as of `show`.

    Raises:
        MriError: as `plot`, but for the file.
    """
    from mri_core.studies.comparing import compare_categories
    from ui.reports import picture_files

    picture_files.check_wanted(wanted)
    with open_store(store, create=False) as opened:
        drawn = picture_files.draw(opened, study, wanted, compare_categories)
    return Picture(wanted.kind, drawn)
