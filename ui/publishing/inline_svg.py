"""A figure of Matplotlib as SVG within a page: its own names, and ground and ink in the page's colours."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from ui.drawing.figures.frame import write

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SVG, LINK = "http://www.w3.org/2000/svg", "{http://www.w3.org/1999/xlink}href"
POINTED = re.compile(r"url\(#([^)]+)\)")
FONT = re.compile(r"'DejaVu Sans'[^;]*")
DECIMALS = re.compile(r"-?\d+\.\d{3,}")
INKS = {"#ffffff": "var(--paper)", "#000000": "var(--ink)", "#555555": "var(--muted)", "#f2f2f2": "var(--cell)"}
INK = re.compile("|".join(INKS))


def inline_svg(figure: Figure, name: str, alternative: str) -> str:
    """The figure's drawing, as an element of a page. The page styles the joins of its lines.

    Args:
        figure: as it would be printed.
        name: begins its elements' names, so that figures of one page share none.
        alternative: what it shows, for those who do not see it.
    """
    buffer = io.BytesIO()
    write(figure, buffer, "svg")
    root = ElementTree.fromstring(buffer.getvalue())  # noqa: S314 - Matplotlib wrote it a moment ago
    for part in root.findall(f"{{{SVG}}}metadata") + root.findall(f"{{{SVG}}}defs[{{{SVG}}}style]"):
        root.remove(part)  # a style within a page would be the whole page's
    for element in root.iter():
        element.tag = element.tag.removeprefix(f"{{{SVG}}}")
        _rename(element, name)
        if "d" in element.attrib:
            element.set("d", DECIMALS.sub(_hundredths, element.attrib["d"].replace("\n", "")))
        if "style" in element.attrib:
            element.set("style", _styled(element.attrib["style"]))
    for size in ("width", "height"):
        del root.attrib[size]
    root.set("role", "img")
    root.set("aria-label", alternative)
    return ElementTree.tostring(root, encoding="unicode")


def _rename(element: ElementTree.Element, name: str) -> None:
    if "id" in element.attrib:
        element.set("id", f"{name}-{element.attrib['id']}")
    if LINK in element.attrib:
        element.set("href", element.attrib.pop(LINK).replace("#", f"#{name}-", 1))
    if "clip-path" in element.attrib:
        element.set("clip-path", POINTED.sub(rf"url(#{name}-\1)", element.attrib["clip-path"]))


def _hundredths(found: re.Match[str]) -> str:
    """Hundredths of a point are finer than any screen or printer; Matplotlib writes millionths."""
    return f"{float(found[0]):.2f}".rstrip("0").rstrip(".")


def _styled(style: str) -> str:
    coloured = INK.sub(lambda found: INKS[found[0]], style)
    return FONT.sub("var(--figure-font)", coloured)
