"""A picture of a study as a file: what `mri plot` and a notebook's `mri.plot` do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mri_core.errors import MriError
from ui.drawing.files import PICTURES, check_picture
from ui.drawing.origin import Origin
from ui.reports.plot_request import ENDINGS, GRAPH, MATRIX, NUMBERS, PAGE, Wanted, check_options
from ui.reports.plotting import FIGURES, Compare, numbers, order_of, page

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from mri_core.store.reading import Named
    from mri_core.store.store import Store


@dataclass(frozen=True)
class Drawn:
    """A picture that is not in a file yet.

    Attributes:
        figure: the picture for print.
        left_out: which connections were left out, in a sentence; "" where none was.
        origin: what it says of where it comes from.
        page: a graph as a page of its own; None of other kinds.
        numbers: a connectivity matrix as CSV; None of other kinds.
    """

    figure: Figure
    left_out: str
    origin: Origin
    page: str | None
    numbers: str | None = None


def plot(store: Store, study: Named, file: Path, wanted: Wanted, compare: Compare) -> str:
    """Draws a study into a file, which is replaced.

    Args:
        store: that holds it.
        study: a name or an id.
        file: its ending says the form.
        wanted: what is to be drawn.
        compare: tests two of a study's categories against one another.

    Returns:
        which connections were left out, in a sentence; "" where none was.

    Raises:
        MriError: there is no such study, kind or category, what is wanted does not go together, or the file cannot be
            written.
    """
    check(file, wanted)
    order = order_of(store, study, wanted, compare)
    written = {PAGE: page, NUMBERS: numbers}.get(file.suffix.lower())
    if written is not None:
        with _writing(file):
            file.write_text(written(order), "utf-8")
        return ""
    figure, left_out = FIGURES[wanted.kind](order)
    _save(figure, file, order.origin)
    return left_out


def draw(store: Store, study: Named, wanted: Wanted, compare: Compare) -> Drawn:
    """Draws a study, to be shown or written later; arguments and errors are those of `plot`, but for the file."""
    check_wanted(wanted)
    order = order_of(store, study, wanted, compare)
    figure, left_out = FIGURES[wanted.kind](order)
    as_page = page(order) if wanted.kind == GRAPH else None
    return Drawn(figure, left_out, order.origin, as_page, numbers(order) if wanted.kind == MATRIX else None)


def write(drawn: Drawn, file: Path) -> None:
    """Writes what was drawn into a file, which is replaced; its ending, which `check_file` checks, says the form."""
    text = {PAGE: drawn.page, NUMBERS: drawn.numbers}.get(file.suffix.lower())
    if text is None:
        _save(drawn.figure, file, drawn.origin)
        return
    with _writing(file):
        file.write_text(text, "utf-8")


def _save(figure: Figure, file: Path, origin: Origin) -> None:
    from ui.drawing.figures.frame import save

    with _writing(file):
        save(figure, file, origin)


@contextmanager
def _writing(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        fact = f"{file} cannot be written: {error.strerror or error}"
        raise MriError("A picture is a file", fact, "Choose another place") from error


def check(file: Path, wanted: Wanted) -> None:
    """Raises `UsageError` where what is wanted does not go together, or not with the file's name.

    Args:
        file: that is to be written.
        wanted: what is to be drawn.
    """
    check_wanted(wanted)
    check_file(file, wanted.kind)


def check_file(file: Path, kind: str) -> None:
    """Raises `UsageError` for a file whose name does not end as a picture of a kind may."""
    check_picture(file, f"a picture of the kind {kind}", ENDINGS.get(kind, PICTURES))


def check_wanted(wanted: Wanted) -> None:
    """Raises `UsageError` where what is wanted does not go together."""
    FIGURES.named(wanted.kind)
    check_options(wanted)
