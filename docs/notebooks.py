"""The notebooks of the documentation: `python -m docs.notebooks` runs each in a new store and saves what it shows.

A notebook is stored with its outputs, so that GitHub shows it as it ran; a test runs it again and compares. On the site
it is a page like the others (`as_page`).
"""

from __future__ import annotations

import json
import os
import re
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

DOCS = Path(__file__).resolve().parent
NOTEBOOKS = sorted(DOCS.rglob("*.ipynb"))
PICTURE = "image/png"
SECONDS = 600  # a cell may take
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def main() -> None:
    """Runs all notebooks and saves them with their outputs."""
    for file in NOTEBOOKS:
        with TemporaryDirectory() as folder:
            file.write_text(as_stored(executed(file, Path(folder))), encoding="utf-8")


def executed(file: Path, folder: Path) -> dict[str, Any]:
    """A notebook, run in a folder with a store and a cache of its own.

    Raises:
        CellExecutionError: a cell failed that is not tagged `raises-exception`.
    """
    import nbformat
    from nbclient import NotebookClient

    book = nbformat.read(file, as_version=4)
    places = {"MRI_STORE": str(folder / "store"), "MRI_CACHE": str(folder / "cache"), "MRI_STORE_IDLE": "5"}
    roots = os.pathsep.join(filter(None, (str(DOCS.parent), os.environ.get("PYTHONPATH"))))
    with patch.dict(os.environ, {**places, "PYTHONPATH": roots, "IPYTHONDIR": str(folder / "ipython")}):
        NotebookClient(book, timeout=SECONDS, resources={"metadata": {"path": str(folder)}}).execute()
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = list(_lasting(cell["outputs"]))
    return book


def _lasting(outputs: list[Any]) -> Iterator[dict[str, Any]]:
    """What a page shows of a cell's outputs: not the bars, and as text what is printed, in one piece."""
    printed = "".join(one["text"] for one in outputs if one["output_type"] == "stream" and one["name"] == "stdout")
    if printed:
        yield {"output_type": "stream", "name": "stdout", "text": printed}
    for one in outputs:
        if one["output_type"] == "error":
            yield {**one, "traceback": [f"{one['ename']}: {one['evalue']}"]}
        elif one["output_type"] in ("execute_result", "display_data"):
            shown = {kind: one["data"][kind] for kind in (PICTURE, "text/plain") if kind in one["data"]}
            if "application/vnd.jupyter.widget-view+json" not in one["data"]:
                yield {**one, "data": shown, "metadata": {}}


def as_stored(book: dict[str, Any]) -> str:
    """A notebook as a file, without what differs from run to run: times, and the version of Python."""
    own = {"language_info": {"name": "python"}, "kernelspec": KERNEL}
    cells = [{**cell, "metadata": {k: v for k, v in cell["metadata"].items() if k == "tags"}} for cell in book["cells"]]
    return json.dumps({**book, "cells": cells, "metadata": own}, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def shown(book: dict[str, Any]) -> list[list[str]]:
    """What each cell of code shows as text; of a picture, that there is one."""
    cells = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
    return [[text or "a picture" for text, _ in map(_parts, cell["outputs"])] for cell in cells]


def _parts(output: dict[str, Any]) -> tuple[str, str]:
    """The text of an output, and its picture in base 64; "" for what it is not."""
    if output["output_type"] == "stream":
        return _joined(output["text"]), ""
    if output["output_type"] == "error":
        return f"{output['ename']}: {output['evalue']}", ""
    picture = output["data"].get(PICTURE, "")
    return ("" if picture else _joined(output["data"].get("text/plain", ""))), _joined(picture)


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)


def as_page(file: Path) -> tuple[str, dict[str, bytes]]:
    """A notebook as a page of Markdown, and its pictures by the names that the page gives them."""
    parts: list[str] = []
    pictures: dict[str, bytes] = {}
    for cell in json.loads(file.read_text(encoding="utf-8"))["cells"]:
        source = _joined(cell["source"])
        parts.append(source if cell["cell_type"] == "markdown" else _fenced(source, "python"))
        for text, picture in map(_parts, cell.get("outputs", ())):
            if picture:
                name = f"{file.stem}-{len(pictures) + 1}.png"
                pictures[name] = b64decode(picture)
                parts.append(f"![What the cell above draws]({name})")
            else:
                parts.append(_fenced(text, "text"))
    parts.append(f"[This page as a notebook]({file.name})")
    return "\n\n".join(parts) + "\n", pictures


def _fenced(text: str, language: str) -> str:
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


if __name__ == "__main__":
    main()
