"""A study, or a comparison of two, as one file to share: by `mri report`, a notebook's `mri.report`, a button."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mri_core.errors import UsageError
from mri_core.export import placing
from mri_core.export.earlier import begins
from mri_core.records.graph import Study
from mri_core.records.table import Table
from mri_core.store.contents import StoredContents
from queries.runner import EVERY_ROW
from ui.reports.answers import Answers

if TYPE_CHECKING:
    from mri_core.store.reading import Named
    from mri_core.store.store import Store
    from ui.drawing.picture import Ask
    from ui.publishing.page import Page

PAGES = (".html", ".htm")
RULE = "A report is a page, written to a file of its own"
OURS = begins(b"<!DOCTYPE html>", b'<meta name="generator" content="LLM-MRI Graph ')


def report(store: Store, study: Named, file: Path, *, replace: bool = False) -> None:
    """Writes the report of a study into a file; an earlier report there is replaced once the whole is written.

    Args:
        store: that holds it.
        study: a name or an id.
        file: its ending is `.html`.
        replace: whatever file is there.

    Raises:
        UsageError: as `check`.
        MriError: there is no such study, it was changed meanwhile, or the file cannot be written.
    """
    check(file, replace=replace)
    with placing.placed(file, rule=RULE, ours=None if replace else OURS) as path:
        path.write_text(report_text(store, store.study(study)), "utf-8", newline="\n")


def check(file: Path, *, replace: bool = False) -> None:
    """Raises `UsageError` where no report can be written: by the file's name, or by what is there."""
    if not file.name:
        raise UsageError(RULE, "No file is named", f"Name one, such as report{PAGES[0]}")
    if file.is_dir():
        raise UsageError(RULE, f"{file} is a folder", f"Name a file in it: {file / 'report'}{PAGES[0]}")
    if file.suffix.lower() not in PAGES:
        bare = file.name.lower() in PAGES
        fact = f"{file.name} is an ending without a name" if bare else f"{file.name} does not end in {PAGES[0]}"
        raise UsageError(RULE, fact, f"Name it {'report' if bare else file.stem or 'report'}{PAGES[0]}")
    placing.check(file, rule=RULE, ours=None if replace else OURS)


def report_comparison(
    store: Store,
    base: Named,
    other: Named,
    file: Path,
    *,
    runs: Sequence[Named] = (),
    shams: Sequence[Named] = (),
    replace: bool = False,
) -> None:
    """Writes the report of a comparison of two studies in one atlas into a file; it stores nothing.

    Args:
        store: that holds all studies.
        base, other, runs, shams: names or ids, as of `mri compare`.
        file, replace: as of `report`.

    Raises:
        UsageError: as `check`, or the studies cannot be compared.
        MriError: as `report`.
    """
    check(file, replace=replace)
    with placing.placed(file, rule=RULE, ours=None if replace else OURS) as path:
        several = ([store.study(name) for name in names] for names in (runs, shams))
        text = comparison_text(store, store.study(base), store.study(other), *several)
        path.write_text(text, "utf-8", newline="\n")


def report_text(store: Store, of: Study) -> str:
    """The report as a page: the same bytes for the same study, and the same studies that tested its findings.

    Args:
        store: that holds it.
        of: a ready study.

    Raises:
        MriError: the store does not answer, or the study is gone, or was changed meanwhile.
    """
    from ui.publishing.contents import contents

    made = contents(of, _remembered(store), store.measures(of), store.interventions(of), store.studies())
    page = _page("report.html", made)
    StoredContents(store, of).check_unchanged()
    return page


def comparison_text(
    store: Store, base: Study, other: Study, runs: Sequence[Study] = (), shams: Sequence[Study] = ()
) -> str:
    """The report of a comparison as a page: the same bytes for the same studies.

    Args:
        store: that holds all studies.
        base, other, runs, shams: ready studies, as of `compare_two`.

    Raises:
        UsageError: as `compared_two`.
        MriError: the store does not answer, or a study is gone, or was changed meanwhile.
    """
    from mri_core.studies.two_studies import compared_two
    from ui.publishing.comparison import Side, comparison_contents
    from ui.reports.naming import with_reader_names
    from ui.wording.labels import reader_names

    ask = _remembered(store)
    compared = with_reader_names(compared_two(store, base, other, runs, shams), reader_names(base, ask))
    sides = [Side(of, ask, store.measures(of), store.interventions(of)) for of in (base, other)]
    page = _page("comparison.html", comparison_contents(compared, *sides))
    for of in (base, other, *runs, *shams):
        StoredContents(store, of).check_unchanged()
    return page


def _page(template: str, made: Page) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from ui.drawing.export import SIGNS
    from ui.publishing.markup import isolated, prose

    pages = Environment(
        loader=PackageLoader("ui.publishing", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters |= {"isolated": isolated, "prose": prose}
    script = _ours("report.js")
    return pages.get_template(template).render(
        report=made,
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
