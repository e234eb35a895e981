"""A study as one file to share: what `mri report`, a notebook's `mri.report` and the page's button do."""

from __future__ import annotations

import json
import os
from base64 import b64encode
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mri_core.errors import MriError, UsageError
from mri_core.records.graph import Study
from mri_core.records.table import Table
from queries.runner import EVERY_ROW
from ui.reports.answers import Answers

if TYPE_CHECKING:
    from mri_core.store.store import Store
    from ui.drawing.picture import Ask

PAGES = (".html", ".htm")


def report(store: Store, study: str, file: Path) -> None:
    """Writes the report of a study into a file, which is replaced once the whole is written.

    Args:
        store: that holds it.
        study: a name or an id.
        file: its ending is `.html`.

    Raises:
        MriError: there is no such study, or the file cannot be written.
    """
    check(file)
    text = report_text(store, store.study(study))
    unfinished = file.with_name(f".{file.name}.partial-{os.getpid()}")
    try:
        try:
            unfinished.write_text(text, "utf-8", newline="\n")
            unfinished.replace(file)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        fact = f"{file} cannot be written: {error.strerror or error}"
        raise MriError("A report is a file", fact, "Choose another place") from error


def check(file: Path) -> None:
    """Raises `UsageError` where the name of a report's file does not end as that of a page does."""
    if file.suffix.lower() not in PAGES:
        fact = f"{file.name} does not end in {PAGES[0]}"
        raise UsageError("A report is a page", fact, f"Name it {file.stem or 'report'}{PAGES[0]}")


def report_text(store: Store, of: Study) -> str:
    """The report as a page: the same bytes for the same study.

    Args:
        store: that holds it.
        of: a ready study.

    Raises:
        MriError: the store does not answer, or the study is gone.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from ui.drawing.export import SIGNS
    from ui.publishing.contents import contents

    pages = Environment(
        loader=PackageLoader("ui.publishing", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    script = _ours("report.js")
    return pages.get_template("report.html").render(
        report=contents(of, _remembered(store), store.measures(of), store.interventions(of)),
        style=_ours("report.css"),
        script=script,
        script_hash=b64encode(sha256(script.encode()).digest()).decode(),
        software=f"LLM-MRI Graph {version('llm-mri-graph')}",
        signs=SIGNS,
    )


def _remembered(store: Store) -> Ask:
    """Answers of a store, each asked for once: sections share them."""
    answers, known = Answers(store, max_rows=EVERY_ROW), dict[str, Table]()

    def ask(of: Study, template: str, /, **values: Any) -> Table:
        asked = json.dumps([of.id, template, values], sort_keys=True)
        if asked not in known:
            known[asked] = answers(of, template, **values)
        return known[asked]

    return ask


def _ours(name: str) -> str:
    return (files("ui.publishing") / name).read_text("utf-8")
