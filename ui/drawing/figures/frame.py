"""What all pictures for print share: their width and letters, names that fit, a legend, and how they are saved."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from matplotlib import rc_context
from matplotlib.cm import ScalarMappable
from matplotlib.colorbar import Colorbar
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.lines import Line2D
from matplotlib.transforms import Bbox

from ui.drawing.origin import Origin
from ui.drawing.scene import Key
from ui.wording.fitting import fitted, wrapped

COLUMN = 3.4  # inches: one column of print
LETTER, SMALL = 7, 6  # points; less is not legible in print
CHARACTER = 0.6 * SMALL / 72  # inches of an average small letter, with some room
LINE = 0.13  # inches from a line of small letters to the next
SETTLED = 3  # layouts after which a further one moves nothing by a pixel
EDGE = 0.06  # inches beside what a picture says below itself
MUTED = "#555555"
LETTERS = (  # where they are installed: writings that matplotlib's own font does not have
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "PingFang SC",
    "Hiragino Sans",
    "Microsoft YaHei",
    "Noto Sans Arabic",
    "Noto Sans Devanagari",
)


@cache
def style() -> dict[Any, Any]:
    """Settings of matplotlib under which a picture is made and saved."""
    installed = set(fontManager.get_font_names())
    return {
        "font.size": LETTER,
        "font.family": ["DejaVu Sans", *(name for name in LETTERS if name in installed)],
        "pdf.fonttype": 42,
        "svg.fonttype": "none",  # words stay words
        "svg.hashsalt": "mri",  # the same picture is the same file
        "text.parse_math": False,
        "axes.linewidth": 0.6,
        "axes.spines.top": False,
        "axes.spines.right": False,
    }


def legend(figure: Figure, keys: Sequence[Key], height: float) -> None:
    """Names with their colours along the lower edge, in as many columns as their names leave room for.

    Args:
        figure: gets the legend.
        keys: its entries.
        height: inches of the picture.
    """
    columns, budget = _columns(keys)
    drawn = figure.legend(
        [_sign(key) for key in keys],
        ["x"] * len(keys),  # a name that begins with _ would be left out
        loc="lower left",
        bbox_to_anchor=(0.0, 0.02 / height),
        ncols=columns,
        fontsize=SMALL,
        frameon=False,
        handletextpad=0.3,
        handlelength=1.4,
        columnspacing=0.8,
        labelspacing=0.3,
        borderaxespad=0.2,
    )
    for text, key in zip(drawn.get_texts(), keys, strict=True):
        text.set_text(fitted(key.name, budget))


def _sign(key: Key) -> Line2D:
    """A dot, full or hollow, or a line."""
    if key.form in ("line", "dashed"):
        dashes = "-" if key.form == "line" else (0, (2.5, 1.5))
        return Line2D([], [], linestyle=dashes, linewidth=1.5, color=key.colour, alpha=key.opacity)
    face = key.colour if key.form == "dot" else "white"
    return Line2D([], [], linestyle="", marker=key.marker, markersize=4, color=key.colour, markerfacecolor=face)


def legend_height(keys: Sequence[Key]) -> float:
    """Inches that `legend` takes."""
    columns, _ = _columns(keys)
    return 1.47 * SMALL / 72 * -(-len(keys) // columns) + 0.08


def _columns(keys: Sequence[Key]) -> tuple[int, int]:
    """How many columns of names there are, and the characters that each has room for."""
    longest = max((len(fitted(key.name, 40)) for key in keys), default=1)
    columns = max(1, min(len(keys), int(COLUMN / ((longest + 5) * CHARACTER))))
    return columns, int(COLUMN / columns / CHARACTER) - 4


def colour_bar(figure: Figure, drawn: ScalarMappable, place: tuple[float, float, float, float]) -> Colorbar:
    """The scale of what is drawn, lying.

    Args:
        figure: that it is drawn in.
        drawn: what has the colours.
        place: left, bottom, width and height, in parts of the figure.
    """
    bar = figure.colorbar(drawn, cax=figure.add_axes(place), orientation="horizontal")
    bar.ax.tick_params(labelsize=SMALL, length=2, width=0.5)
    bar.outline.set_linewidth(0.4)
    return bar


def save(figure: Figure, file: Path, origin: Origin | None = None) -> None:
    """Writes PNG (300 dots an inch), SVG or PDF, as the name ends; a file that is there is replaced.

    Args:
        figure: as it was made.
        file: that is written.
        origin: of what it shows.
    """
    write(figure, file, file.suffix[1:].lower(), origin)


def write(figure: Figure, to: Path | BinaryIO, form: str, origin: Origin | None = None) -> None:
    """The picture as `png`, `svg` or `pdf`; its origin is a line below it, and in the metadata of the file."""
    undated = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(form, {})
    known = {} if origin is None else _metadata(origin, form)
    with rc_context(style()), warnings.catch_warnings(), _captioned(figure, origin) as whole:
        warnings.filterwarnings("ignore", "Glyph .* missing")  # a letter that no font here has is drawn as a box
        if (layout := figure.get_layout_engine()) is not None:  # each time it moves a constrained layout, by less
            for _ in range(SETTLED):
                layout.execute(figure)
        figure.savefig(to, format=form, dpi=300, metadata={**undated, **known}, bbox_inches=whole)


def _metadata(origin: Origin, form: str) -> dict[str, str]:
    """By the names that the form of a file has for it: those of PNG are free, SVG has Dublin Core, PDF its own."""
    facts = "; ".join(f"{name}: {value}" for name, value in origin.facts.items())
    model = " ".join(part for part in (origin.model, origin.revision) if part)
    return {
        "png": {"Title": origin.title, "Description": origin.line, "Software": origin.drawn_by, **origin.facts},
        "svg": {
            "Title": origin.title,
            "Identifier": origin.id,
            "Source": model,
            "Description": facts,
            "Creator": origin.drawn_by,
        },
        "pdf": {"Title": origin.title, "Subject": origin.line, "Keywords": facts, "Creator": origin.drawn_by},
    }[form]


@contextmanager
def _captioned(figure: Figure, origin: Origin | None) -> Iterator[Bbox | None]:
    """The part of the paper that is saved, in inches: the figure, and below it what it comes from while it is saved."""
    if origin is None:
        yield None
        return
    width, height = figure.get_size_inches()
    lines = wrapped(origin.line, int((width - 2 * EDGE) / CHARACTER))
    below = len(lines) * LINE + EDGE
    place = {"x": EDGE / width, "y": -EDGE / 2 / height, "va": "top", "fontsize": SMALL, "linespacing": 1.25}
    caption = figure.text(s="\n".join(lines), color=MUTED, in_layout=False, **place)
    try:
        yield Bbox.from_extents(0, -below, width, height)
    finally:
        caption.remove()  # saved again, it is there once
