"""Questions in one call, for notebooks: the store is opened and closed on the way."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mri_core.records.graph import Study
from mri_core.store import Location, open_store
from mri_core.store.reading import Named, Readable
from queries import runner
from queries.catalog import Place, find_question, own_catalog
from queries.result import Result
from queries.sampled import of_sample_cypher, of_sample_in
from queries.template import Template

MOST_REGIONS = 1_000_000


def studies(*, store: Location | None = None) -> list[Study]:
    """The ready studies, by name; a warning names each that this version cannot read.

    >>> [study.name for study in mri.studies()]
    ['demo']

    Args:
        store: a folder or a server's URL; None for `MRI_STORE`, else `./mri-store`.

    Raises:
        MriError: there is no such store.
    """
    with open_store(store, create=False) as opened:
        for error in opened.unreadable():
            warnings.warn(str(error), stacklevel=2)
        return opened.studies()


def query(
    name: str,
    /,
    *,
    store: Location | None = None,
    timeout: float = runner.TIMEOUT,
    max_rows: int = runner.MAX_ROWS,
    queries: Place | Sequence[Place] = (),
    **parameters: Any,
) -> Result:
    """The answer to a question of the catalogue, which prints as a table and becomes a data frame or a graph.

    >>> answer = mri.query("categories", study="demo")
    >>> [row["category"] for row in answer.records()]
    ['cats', 'law']

    Args:
        name: of the question; `compare_categories` is `compare-categories`.
        store: a folder or a server's URL; None for `MRI_STORE`, else `./mri-store`.
        timeout: seconds.
        max_rows: rows that are kept; `Result.cut` says that there were more.
        queries: a folder of your own questions, or several, beside those that `MRI_QUERIES` names.
        parameters: the question's own, by name; a study by its name, its id or a view.

    Raises:
        MriError: an unknown name, a missing or bad parameter, a name that two questions have, or a store that is not
            there.
    """
    template = find_question(name, queries)
    with open_store(store, create=False) as opened:
        table = runner.run(opened, template, parameters, timeout=timeout, max_rows=max_rows)
        answer = Result.of(table, template)
        limited = runner.is_limited(opened, template, parameters, table, timeout=timeout)
        drawn = answer.view in ("graph", "path")
        regions = _regions(opened, template, parameters, timeout) if drawn else {}
        sampled = of_sample_in(opened, template, parameters)
        return replace(answer, limited=limited, regions=regions, sampled=sampled)


def _regions(
    store: Readable, template: Template, parameters: Mapping[str, Any], timeout: float
) -> dict[str, dict[str, Any]]:
    """What the studies of an answer say of their regions, by the region's id."""
    about = own_catalog().get("regions")
    found: dict[str, dict[str, Any]] = {}
    for name in (parameter.name for parameter in template.parameters if parameter.type == "study"):
        if (study := parameters.get(name)) is not None:
            asked = {"study": study, runner.LIMIT: MOST_REGIONS}
            table = runner.run(store, about, asked, timeout=timeout, max_rows=MOST_REGIONS)
            found |= {row.pop("region"): row for row in table.records()}
    return found


def cypher(
    statement: str,
    *,
    study: Named | None = None,
    store: Location | None = None,
    timeout: float = runner.TIMEOUT,
    max_rows: int = runner.MAX_ROWS,
) -> Result:
    """The answer to a Cypher statement that only reads.

    >>> statement = "MATCH (:Study {llm_mri: true, id: $study})<-[:PART_OF]-(c:Category) RETURN count(c) AS categories"
    >>> mri.cypher(statement, study="demo").records()
    [{'categories': 2}]

    Args:
        statement: Cypher without parameters but `$study`.
        study: name, id or view of the study whose id that is.
        store: as of `query`.
        timeout: as of `query`.
        max_rows: as of `query`.

    Raises:
        MriError: the engine refuses the statement, or the store is not there.
    """
    with open_store(store, create=False) as opened:
        of = None if study is None else opened.study(study)
        answer = Result.of(runner.cypher(opened, statement, study=of, timeout=timeout, max_rows=max_rows))
        return replace(answer, sampled=of_sample_cypher(statement, [of] if of else opened.studies()))
