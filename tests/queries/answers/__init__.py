"""The answers to all questions, worked out from region codes and labels alone; a module a group of questions."""

from __future__ import annotations

from collections.abc import Callable

from tests.queries.answers import across, cause, connections, documents, findings, motifs, regions, routes, study
from tests.queries.answers.truth import Row

ANSWERS: dict[str, Callable[..., list[Row]]] = (
    study.ANSWERS
    | regions.ANSWERS
    | connections.ANSWERS
    | findings.ANSWERS
    | routes.ANSWERS
    | documents.ANSWERS
    | across.ANSWERS
    | cause.ANSWERS
    | motifs.ANSWERS
)
